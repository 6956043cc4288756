"""Our own HTTP/1.1, against Python's, and over real sockets."""

import asyncio
import http.client
import io
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import certifi
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from telegram.error import NetworkError, TimedOut

from bot.transport import http_client
from bot.transport.errors import DeliveryCertainty, certainty_of
from bot.transport.http_client import KeepAliveRequest
from bot.transport.http_connection import BrokenAnswerError, parse_answer
from tests.support.telegram import TOKEN

OK = b'HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 27\r\n\r\n{"ok":true,"result":"sent"}'
Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]


class PieceSocket:
    """As much of a socket as http.client reads."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._received)


def read_by_python(received: bytes) -> tuple[int, bytes]:
    answer = http.client.HTTPResponse(cast("ssl.SSLSocket", PieceSocket(received)))
    answer.begin()
    return answer.status, answer.read()


@st.composite
def answers(draw: st.DrawFn) -> tuple[bytes, bool]:
    """An answer, and whether its end is that of the connection."""
    status, body = draw(st.sampled_from([200, 400, 403, 429, 502])), draw(st.binary(max_size=60))
    early = draw(st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n"]))
    headers = draw(st.sampled_from([b"", b"Server: nginx/1.18.0\r\n", b"Date: x\r\nConnection: keep-alive\r\n"]))
    way = draw(st.sampled_from(["length", "chunks", "end"]))
    if way == "length":
        headers, sent = (
            headers + b"%s: %d\r\n" % (draw(st.sampled_from([b"Content-Length", b"content-length"])), len(body)),
            body,
        )
    elif way == "chunks":
        headers, sent, rest = headers + b"Transfer-Encoding: chunked\r\n", b"", body
        while rest:
            size = draw(st.integers(1, len(rest)))
            sent += b"%x%s\r\n%s\r\n" % (size, draw(st.sampled_from([b"", b";a=b"])), rest[:size])
            rest = rest[size:]
        sent += b"0\r\n" + draw(st.sampled_from([b"", b"X-Trailer: 1\r\n"])) + b"\r\n"
    else:
        sent = body
    return early + b"HTTP/1.1 %d Reason\r\n%s\r\n%s" % (status, headers, sent), way == "end"


@given(answers())
def test_an_answer_is_read_as_python_reads_it_and_never_too_early(made: tuple[bytes, bool]) -> None:
    received, to_the_end = made
    for size in range(len(received)):
        assert parse_answer(received[:size], ended=False) is None
    found = parse_answer(received, ended=to_the_end)
    assert found is not None
    assert (found.status, found.body) == read_by_python(received)
    assert found.reusable is not to_the_end


@given(st.binary() | st.binary().map(lambda tail: b"HTTP/1.1 200 OK\r\n" + tail), st.booleans())
@example(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", False)
@example(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfff\r\nshort\r\n", True)
@example(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nlonger\r\n", False)
@example(b"x" * 70_000, False)
def test_whatever_comes_is_an_answer_or_none_or_broken(received: bytes, ended: bool) -> None:
    with suppress(BrokenAnswerError):
        parse_answer(received, ended=ended)


@pytest.mark.parametrize(
    "ending", [b"Connection: close\r\nContent-Length: 0\r\n\r\n", b"Content-Length: 0\r\n\r\nmore than one answer"]
)
def test_some_connections_are_not_for_a_second_request(ending: bytes) -> None:
    answer = parse_answer(b"HTTP/1.1 200 OK\r\n" + ending, ended=False)
    assert answer
    assert not answer.reusable


@asynccontextmanager
async def served(answer: Answering, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[int]]]:
    """Calls `answer` for each request with the number of its connection; gives an address and those numbers."""
    connections, requests = 0, list[int]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        mine = connections
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0]))
                requests.append(mine)
                await answer(reader, writer, len(requests))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    async with server:
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot{TOKEN}/sendMessage", requests


@asynccontextmanager
async def client(size: int = 2) -> AsyncIterator[KeepAliveRequest]:
    request = KeepAliveRequest(size)
    await request.initialize()
    yield request
    await request.shutdown()


async def post(request: KeepAliveRequest, url: str, **patience: Any) -> object:
    return await request.post(url, **patience)


async def well(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: int) -> None:
    writer.write(OK)


async def test_a_connection_is_kept_for_the_next_request() -> None:
    async with served(well) as (url, requests), client() as request:
        for _ in range(3):
            assert await post(request, url) == "sent"
        await asyncio.gather(post(request, url), post(request, url))
    assert requests == [1, 1, 1, 1, 2]


async def test_a_kept_connection_that_was_closed_meanwhile_is_not_used() -> None:
    async def well_and_close(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: int) -> None:
        writer.write(OK)
        writer.close()
        await writer.wait_closed()

    async with served(well_and_close) as (url, requests), client() as request:
        for _ in range(3):
            assert await post(request, url) == "sent"
            await asyncio.sleep(0.05)
    assert requests == [1, 2, 3]


async def test_what_may_have_gone_through_is_not_sent_again_by_itself() -> None:
    async def hang_up_on_the_second(_: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        if number == 2:
            writer.close()
        else:
            writer.write(OK)

    async with served(hang_up_on_the_second) as (url, requests), client() as request:
        await post(request, url)
        with pytest.raises(NetworkError) as caught:
            await post(request, url)
        assert certainty_of(caught.value) is DeliveryCertainty.UNCLEAR
        assert requests == [1, 1]
        assert await post(request, url) == "sent"


async def test_an_answer_may_be_slow_but_not_silent() -> None:
    async def bit_by_bit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        for at in range(len(OK)):
            writer.write(OK[at : at + 1])
            if number == 2 and at == 60:
                await reader.read(1)  # until the bot hangs up
            await asyncio.sleep(0.005)

    async with served(bit_by_bit) as (url, requests), client() as request:
        assert await post(request, url, read_timeout=0.4) == "sent"  # which takes longer in all
        with pytest.raises(TimedOut) as caught:
            await post(request, url, read_timeout=0.4)
        assert certainty_of(caught.value) is DeliveryCertainty.UNCLEAR
    assert requests == [1, 1]


async def test_an_answer_that_nobody_waits_for_any_more_is_nobody_else_s() -> None:
    async def late(_: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        if number == 1:
            await asyncio.sleep(0.2)
        writer.write(OK if number > 1 else OK.replace(b"sent", b"late"))

    async with served(late) as (url, requests), client() as request:
        first = asyncio.create_task(post(request, url))
        await asyncio.sleep(0.05)
        first.cancel()
        await asyncio.sleep(0)
        assert await post(request, url) == "sent"
    assert requests == [1, 2]


async def test_what_an_idle_connection_brings_ends_it() -> None:
    async def well_and_more(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: int) -> None:
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")

    async with served(well_and_more) as (url, requests), client() as request:
        for _ in range(2):
            assert await post(request, url) == "sent"
            await asyncio.sleep(0.1)
    assert requests == [1, 2]


async def test_an_idle_connection_is_closed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MAX_IDLE_SECONDS", 0.05)
    closed = asyncio.Event()

    async def watched(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(OK)
        await reader.read(1)
        closed.set()

    async with served(watched) as (url, _), client() as request:
        await post(request, url)
        await asyncio.wait_for(closed.wait(), 10)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_only_a_server_with_a_trusted_certificate_gets_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    made = [*command.split(), *names, "-keyout", key, "-out", certificate]
    await asyncio.to_thread(partial(subprocess.run, made, check=True, capture_output=True))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    async with served(well, tls) as (url, requests):
        async with client() as request:
            with pytest.raises(NetworkError) as caught:
                await post(request, url)
            assert certainty_of(caught.value) is DeliveryCertainty.UNSENT
        assert not requests
        monkeypatch.setattr(certifi, "where", lambda: str(certificate))
        async with client() as request:
            assert [await post(request, url), await post(request, url)] == ["sent", "sent"]
    assert len(set(requests)) == 1
