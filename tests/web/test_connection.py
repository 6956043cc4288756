"""Clients that keep the page waiting: they are ended, and others are answered meanwhile."""

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from web.server import listen, server_config

SLOW_CLIENTS = 1_000
PATIENCE = 120.0
LONGER_THAN_AN_ARRIVAL = 1.5  # seconds, of the one that these tests allow
LARGE = 40_000_000  # more than the kernel holds for a client that does not read
BEGINNINGS = (
    b"",
    b"GET / HTTP/1.1\r\nX-Slow: ",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n",
)
TWO_REQUESTS = (
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
)
NORMAL = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


async def answer(request: Request) -> PlainTextResponse:
    body = await request.body()
    if request.url.path == "/thinking":
        await asyncio.sleep(LONGER_THAN_AN_ARRIVAL)
    return PlainTextResponse("x" * LARGE if request.url.path == "/large" else f"well {len(body)}")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[uvicorn.Server, int]]:
    monkeypatch.setattr("web.connection.ARRIVAL_SECONDS", 1.0)
    monkeypatch.setattr("web.connection.UNREAD_SECONDS", 1.0)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # both ends are in this process
    routes = [Route("/", answer, methods=["GET", "POST"]), Route("/large", answer), Route("/thinking", answer)]
    server = uvicorn.Server(server_config(Starlette(routes=routes), "127.0.0.1:0"))
    listener, _ = listen("127.0.0.1:0")
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    with listener:
        thread.start()
        yield server, int(listener.getsockname()[1])
        server.should_exit = True
        thread.join(PATIENCE)


@pytest.fixture
def port(served: tuple[uvicorn.Server, int]) -> int:
    return served[1]


async def drip(port: int, beginning: bytes) -> bytes:
    """A byte at a time until the other side ends it; what it said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(beginning)
    said = asyncio.create_task(reader.read())
    with suppress(ConnectionError):
        while not said.done():
            writer.write(b"x")
            await asyncio.wait([said], timeout=0.25)
    writer.close()
    try:
        return await said
    except ConnectionError:
        return b""


async def ask(port: int, request: bytes = NORMAL) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    said = await reader.read()
    writer.close()
    return said


def test_a_thousand_slow_clients_are_ended_and_others_answered_meanwhile(port: int) -> None:
    async def all_at_once() -> tuple[list[bytes], bytes]:
        slow = [
            asyncio.create_task(drip(port, beginning)) for beginning in BEGINNINGS for _ in range(SLOW_CLIENTS // 3)
        ]
        meanwhile = await ask(port)
        return await asyncio.gather(*slow), meanwhile

    answers, meanwhile = asyncio.run(asyncio.wait_for(all_at_once(), PATIENCE))
    assert meanwhile.startswith(b"HTTP/1.1 200")
    assert not [one for one in answers if one.startswith(b"HTTP/1.1 200")]
    assert {one[:12] for one in answers} <= {b"", b"HTTP/1.1 408", b"HTTP/1.1 400"}
    assert asyncio.run(ask(port)).endswith(b"well 0")


def test_answers_are_sent_at_once(served: tuple[uvicorn.Server, int]) -> None:
    """Else the second part of each waits until the client has acknowledged the first, which takes it 40 ms."""
    server, port = served
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
        [one] = server.server_state.connections
        at_the_server = one.transport.get_extra_info("socket")
        assert at_the_server.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_who_opens_a_connection_and_says_nothing_is_ended(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        assert connection.recv(12) == b"HTTP/1.1 408"


def test_who_does_not_read_is_ended(served: tuple[uvicorn.Server, int]) -> None:
    server, port = served
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert asyncio.run(ask(port)).endswith(b"well 0")
        deadline = time.monotonic() + PATIENCE
        while server.server_state.connections and time.monotonic() < deadline:
            time.sleep(0.05)
        received = 0
        with suppress(ConnectionError):
            while chunk := connection.recv(1_000_000):
                received += len(chunk)
    assert received < LARGE


def test_requests_that_come_in_pieces_or_one_after_another_are_answered(port: int) -> None:
    async def pieces() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        said = b""
        for request in TWO_REQUESTS:
            for byte in request:
                writer.write(bytes([byte]))
                await writer.drain()
            said += await reader.readuntil(b"well ") + await reader.read(1)
        writer.close()
        return said

    said = asyncio.run(asyncio.wait_for(pieces(), PATIENCE))
    assert said.count(b"HTTP/1.1 200") == 2
    assert said.endswith(b"well 3")


def test_an_answer_may_take_longer_than_its_request_and_so_may_the_next_request(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(b"GET /thinking HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
        time.sleep(LONGER_THAN_AN_ARRIVAL)
        connection.sendall(NORMAL)
        said = b""
        while chunk := connection.recv(10_000):
            said += chunk
    assert said.count(b"HTTP/1.1 200") == 1
    assert said.endswith(b"well 0")
