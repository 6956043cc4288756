"""HTTP client for calls to the Bot API, over connections of our own, which are kept.

A sendMessage costs a third of what it costs by a library that does all of HTTP; benchmarks/load.md has the figures.
Files go by python-telegram-bot's own client. So does everything behind a proxy, including one from the environment,
since it supports SOCKS.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.request import getproxies

import certifi
import httpx
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

from bot.transport.http_connection import HttpConnection, NotConnectedError

CONNECT_SECONDS, WRITE_SECONDS, READ_SECONDS = 10.0, 10.0, 20.0  # enough for a slow proxy
POOL_SECONDS = 5.0  # to wait for a connection where all are in use
# A server that closes an idle connection does so later: what is sent while it does may be lost.
MAX_IDLE_SECONDS = 15.0
DEFAULT_PORTS = {"http": 80, "https": 443}
NO_ADDRESS = "the address of the Bot API is no http or https address"
ADDRESSES_SECONDS = 0.25  # between attempts at a server's addresses (RFC 8305)


def build_request(size: int, proxy: str | None) -> BaseRequest:
    """At most `size` connections at once."""
    if proxy is None and not getproxies().keys() & {"http", "https", "all"}:
        return KeepAliveRequest(size)
    return _library_request(size, proxy)


def _library_request(size: int, proxy: str | None) -> HTTPXRequest:
    return HTTPXRequest(
        connect_timeout=CONNECT_SECONDS,
        write_timeout=WRITE_SECONDS,
        read_timeout=READ_SECONDS,
        pool_timeout=POOL_SECONDS,
        connection_pool_size=size,
        proxy=proxy,
    )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a method's calls go; `head` are the request's headers but for the length, which is last."""

    server: tuple[str, int, bool]  # host, port, and whether by TLS
    head: bytes


@lru_cache(64)  # a method each
def endpoint(url: str) -> Endpoint:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        raise NetworkError(NO_ADDRESS) from None
    if address.scheme not in DEFAULT_PORTS or not address.host:
        raise NetworkError(NO_ADDRESS)
    head = b"POST %b HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\nContent-Length: "
    port = address.port or DEFAULT_PORTS[address.scheme]
    server = address.raw_host.decode("ascii"), port, address.scheme == "https"
    return Endpoint(server, head % (address.raw_path, address.netloc))


class KeepAliveRequest(BaseRequest):
    """Raises python-telegram-bot's errors; their causes say whether the request was written."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._slots = asyncio.Semaphore(size)
        self._idle: dict[tuple[str, int, bool], list[HttpConnection]] = {}  # the last used comes last
        self._sweeper: asyncio.TimerHandle | None = None
        self._trusted: ssl.SSLContext | None = None
        self._files: HTTPXRequest | None = None
        self._is_open = False

    @property
    def read_timeout(self) -> float:
        return READ_SECONDS

    async def initialize(self) -> None:
        self._is_open = True

    async def shutdown(self) -> None:
        self._is_open = False
        if self._sweeper:
            self._sweeper.cancel()
            self._sweeper = None
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()
        if self._files:
            await self._files.shutdown()
            self._files = None

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
        if not self._is_open:
            raise RuntimeError("the connection is not open")
        if method != "POST" or (request_data and request_data.multipart_data):
            if self._files is None:
                self._files = _library_request(self._size, None)
                await self._files.initialize()
            return await self._files.do_request(
                url, method, request_data, read_timeout, write_timeout, connect_timeout, pool_timeout
            )
        called = endpoint(url)
        body = encode_parameters(request_data) if request_data else b""
        request = b"%b%d\r\n\r\n%b" % (called.head, len(body), body)
        connect, read = _seconds(connect_timeout, CONNECT_SECONDS), _seconds(read_timeout, READ_SECONDS)
        total = connect + _seconds(write_timeout, WRITE_SECONDS) + read
        try:
            async with self._connection(called, connect, _seconds(pool_timeout, POOL_SECONDS)) as connection:
                answer = await connection.request(request, read, total)
        except TimeoutError as error:
            raise TimedOut from error
        except NotConnectedError as error:
            raise (TimedOut() if isinstance(error.__cause__, TimeoutError) else _network_error(error)) from error
        except OSError as error:
            raise _network_error(error) from error
        return answer.status, answer.body

    @asynccontextmanager
    async def _connection(self, called: Endpoint, connect: float, pool: float) -> AsyncIterator[HttpConnection]:
        await self._take_slot(connect + pool)
        try:
            idle = self._idle.setdefault(called.server, [])
            connection = None
            while idle and connection is None:
                last = idle.pop()
                connection = last if last.is_open else None
            connection = connection or await self._connect(called, connect)
            yield connection
            if connection.is_open and self._is_open:
                self._keep(idle, connection)
        finally:
            self._slots.release()

    async def _take_slot(self, seconds: float) -> None:
        if not self._slots.locked():
            await self._slots.acquire()  # at once
            return
        try:
            async with asyncio.timeout(seconds):
                await self._slots.acquire()
        except TimeoutError as error:
            raise NotConnectedError("all connections were in use") from error

    async def _connect(self, called: Endpoint, seconds: float) -> HttpConnection:
        host, port, by_tls = called.server
        if by_tls and self._trusted is None:
            self._trusted = ssl.create_default_context(cafile=certifi.where())  # a slim system has no certificates
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                _, connection = await loop.create_connection(
                    HttpConnection,
                    host,
                    port,
                    ssl=self._trusted if by_tls else None,
                    happy_eyeballs_delay=ADDRESSES_SECONDS,
                )
        except OSError as error:  # TimeoutError is one
            raise NotConnectedError(f"{type(error).__name__}: {error}") from error
        return connection

    def _keep(self, idle: list[HttpConnection], connection: HttpConnection) -> None:
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        idle.append(connection)
        if self._sweeper is None:
            self._sweeper = loop.call_later(MAX_IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time() - MAX_IDLE_SECONDS
        for idle in self._idle.values():
            while idle and idle[0].idle_since <= before:
                idle.pop(0).close()
        oldest = min((idle[0].idle_since for idle in self._idle.values() if idle), default=None)
        self._sweeper = None if oldest is None else loop.call_at(oldest + MAX_IDLE_SECONDS, self._sweep)


def _network_error(error: OSError) -> NetworkError:
    return NetworkError(f"{type(error).__name__}: {error}")


def _seconds(given: object, default: float) -> float:
    return float(given) if isinstance(given, int | float) else default


def encode_parameters(data: RequestData) -> bytes:
    """As JSON, which the Bot API reads as it does a form: in a quarter of the time, and Chinese is a third shorter."""
    return json.dumps(data.parameters).encode("ascii")
