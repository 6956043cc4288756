"""HTTP client for calls to the Bot API, by aiohttp: a sendMessage takes 1.2 to 2.0 ms instead of httpx's 4.7 to 7.2.

The measurement is in benchmarks/load.md. Behind a proxy, including one from the environment, python-telegram-bot's
own client is used, since it supports SOCKS.
"""

import ssl
from typing import Any
from urllib.request import getproxies

import aiohttp
import certifi
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData
from yarl import URL

CONNECT_SECONDS, WRITE_SECONDS, READ_SECONDS = 10.0, 10.0, 20.0  # enough for a slow proxy
POOL_SECONDS = 5.0  # to wait for a connection where all are in use


def build_request(size: int, proxy: str | None) -> BaseRequest:
    """At most `size` connections at once."""
    if proxy is None and not getproxies().keys() & {"http", "https", "all"}:
        return AiohttpRequest(size)
    return HTTPXRequest(
        connect_timeout=CONNECT_SECONDS,
        write_timeout=WRITE_SECONDS,
        read_timeout=READ_SECONDS,
        pool_timeout=POOL_SECONDS,
        connection_pool_size=size,
        proxy=proxy,
    )


class AiohttpRequest(BaseRequest):
    """Raises python-telegram-bot's errors, with aiohttp's as their causes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return READ_SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            trusted = ssl.create_default_context(cafile=certifi.where())  # a slim system has no certificates
            connector = aiohttp.TCPConnector(limit=self._size, ssl=trusted)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("the connection is not open")
        connect, read = _seconds(connect_timeout, CONNECT_SECONDS), _seconds(read_timeout, READ_SECONDS)
        timeout = aiohttp.ClientTimeout(
            total=connect + _seconds(write_timeout, WRITE_SECONDS) + read,
            connect=connect + _seconds(pool_timeout, POOL_SECONDS),
            sock_connect=connect,
            sock_read=read,
        )
        body, headers = _form(request_data) if request_data else (None, {})
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientResponseError as error:  # its text has the address, which has the token
            raise NetworkError("the answer is not HTTP") from aiohttp.ClientPayloadError(error.message)
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error


def _seconds(given: object, default: float) -> float:
    return float(given) if isinstance(given, int | float) else default


def _form(data: RequestData) -> tuple[bytes | aiohttp.FormData, dict[str, str]]:
    """Body and headers. yarl escapes in C; aiohttp's own forms need a millisecond for an answer's text."""
    if not (files := data.multipart_data):
        body = URL.build(query=data.json_parameters).raw_query_string.encode()
        return body, {"Content-Type": "application/x-www-form-urlencoded"}
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, kind) in files.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, {}
