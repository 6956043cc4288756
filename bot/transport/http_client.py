"""The HTTP client of calls to the Bot API: aiohttp, a call of which takes a third of the time that httpx takes.

Behind a proxy, one of the environment's too, python-telegram-bot's own client is used: it knows SOCKS.
"""

import ssl
from typing import Any
from urllib.request import getproxies

import aiohttp
import certifi
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData
from yarl import URL

CONNECT, WRITE, READ = 10.0, 10.0, 20.0  # seconds: through a slow proxy, too
POOL_SECONDS = 5.0  # seconds to wait for a connection where all are in use


def build_request(size: int, proxy: str | None) -> BaseRequest:
    """At most `size` connections at once."""
    if proxy is None and not getproxies().keys() & {"http", "https", "all"}:
        return AiohttpRequest(size)
    return HTTPXRequest(
        connect_timeout=CONNECT,
        write_timeout=WRITE,
        read_timeout=READ,
        pool_timeout=POOL_SECONDS,
        connection_pool_size=size,
        proxy=proxy,
    )


class AiohttpRequest(BaseRequest):
    """What goes wrong is raised as python-telegram-bot has it, the cause behind it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return READ

    async def initialize(self) -> None:
        if self._session is None:
            trusted = ssl.create_default_context(cafile=certifi.where())  # a slim system has none of its own
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
        connecting, reading = _or(connect_timeout, CONNECT), _or(read_timeout, READ)
        timeout = aiohttp.ClientTimeout(
            total=connecting + _or(write_timeout, WRITE) + reading,
            connect=connecting + _or(pool_timeout, POOL_SECONDS),
            sock_connect=connecting,
            sock_read=reading,
        )
        body, headers = _form(request_data) if request_data else (None, {})
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientResponseError as error:  # its text names the address, and that the token
            raise NetworkError("what came back is no HTTP") from aiohttp.ClientPayloadError(error.message)
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error


def _or(given: object, otherwise: float) -> float:
    return float(given) if isinstance(given, int | float) else otherwise


def _form(data: RequestData) -> tuple[bytes | aiohttp.FormData, dict[str, str]]:
    """The body and its headers. aiohttp would escape a form's text in Python, a millisecond for an answer's."""
    if not (files := data.multipart_data):
        escaped = URL.build(query=data.json_parameters).raw_query_string
        return escaped.encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, kind) in files.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, {}
