"""HTTP/1.1 to one server, for small requests: bytes of a request go out, the status and body of its answer come in.

A connection carries one request at a time, and is kept for the next. Nothing is asked for that the Bot API does not
need: no cookies, redirects, compression or upgrades.
"""

import asyncio
import re
from dataclasses import dataclass

MAX_ANSWER_HEAD_BYTES = 65_536
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")
WITHOUT_BODY = {204, 304}


class NotConnectedError(ConnectionError):
    """No byte of the request was written."""


class BrokenAnswerError(ConnectionError):
    """The request was written; whether the server took it is not known."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`reusable`: whether its connection may carry another request."""

    status: int
    body: bytes
    reusable: bool


def parse_answer(received: bytes, *, ended: bool) -> HttpAnswer | None:
    """None while it is incomplete; `ended`: nothing more will come. BrokenAnswerError where it is not HTTP/1."""
    head, separator, rest = received.partition(b"\r\n\r\n")
    if not separator:
        if len(received) > MAX_ANSWER_HEAD_BYTES:
            raise BrokenAnswerError("the answer's headers do not end")
        return None
    first, *lines = head.split(b"\r\n")
    line = STATUS_LINE.fullmatch(first)
    if line is None:
        raise BrokenAnswerError("the answer is not HTTP/1")
    status = int(line[2])
    if status < 200:  # such as 100 Continue: the answer itself follows
        return parse_answer(rest, ended=ended)
    pairs = (line.partition(b":") for line in lines)
    headers = {name.lower(): value.strip().lower() for name, _, value in pairs}
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise BrokenAnswerError("the answer is compressed, which nobody asked for")
    body = _body(status, headers, rest, ended=ended)
    if body is None:
        return None
    kept = line[1] == b"1" and b"close" not in headers.get(b"connection", b"") and not ended
    return HttpAnswer(status, body[0], kept and body[1] == len(rest))


def _body(status: int, headers: dict[bytes, bytes], rest: bytes, *, ended: bool) -> tuple[bytes, int] | None:
    """The body, and how many bytes of `rest` it took."""
    if status in WITHOUT_BODY:
        return b"", 0
    if encoding := headers.get(b"transfer-encoding"):
        if encoding != b"chunked":
            raise BrokenAnswerError("the answer has an unknown transfer encoding")
        return _chunked(rest)
    if length := headers.get(b"content-length"):
        if not length.isdigit():
            raise BrokenAnswerError("the answer's length is no number")
        count = int(length)
        return (rest[:count], count) if len(rest) >= count else None
    return (rest, -1) if ended else None


def _chunked(rest: bytes) -> tuple[bytes, int] | None:
    chunks: list[bytes] = []
    at = 0
    while (end := rest.find(b"\r\n", at)) >= 0:
        size = CHUNK_SIZE.fullmatch(rest, at, end)
        if size is None:
            raise BrokenAnswerError("the answer's chunks have no size")
        at, count = end + 2, int(size[1], 16)
        if not count:
            trailers = rest.find(b"\r\n\r\n", end)
            return (b"".join(chunks), trailers + 4) if trailers >= 0 else None
        chunks.append(rest[at : at + count])
        at += count
        if rest[at : at + 2] not in {b"\r\n", b"\r", b""}:
            raise BrokenAnswerError("the answer's chunks are longer than they say")
        at += 2
    return None


class HttpConnection(asyncio.Protocol):
    """Made by `loop.create_connection`; `idle_since` belongs to whoever keeps it."""

    def __init__(self) -> None:
        self.idle_since = 0.0  # of the event loop's clock
        self._transport: asyncio.WriteTransport | None = None
        self._answer: asyncio.Future[HttpAnswer] | None = None
        self._received = b""
        self._heard = 0.0
        self._watch: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def request(self, request: bytes, silence: float, total: float) -> HttpAnswer:
        """TimeoutError after `silence` seconds without a byte, or `total` in all."""
        if self._transport is None or self._transport.is_closing():
            raise NotConnectedError("the connection was closed")
        loop = asyncio.get_running_loop()
        self._answer, self._received, self._heard = loop.create_future(), b"", loop.time()
        self._watch_from(self._heard, silence, self._heard + total)
        self._transport.write(request)
        reusable = False
        try:
            answer = await self._answer
            reusable = answer.reusable
        finally:
            if self._watch:
                self._watch.cancel()
            self._answer = None
            if not reusable:
                self.close()
        return answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._answer is None:  # such as a 408 for a connection that was idle
            self.close()
            return
        self._heard = asyncio.get_running_loop().time()
        self._received = self._received + data if self._received else data
        self._parse(ended=False)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._parse(ended=True)
        self._fail(error or BrokenAnswerError("the server hung up"))

    def _parse(self, *, ended: bool) -> None:
        try:
            answer = parse_answer(self._received, ended=ended)
        except BrokenAnswerError as error:
            self._fail(error)
        else:
            if answer and self._answer and not self._answer.done():
                self._answer.set_result(answer)

    def _fail(self, error: Exception) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error)

    def _watch_from(self, now: float, silence: float, end: float) -> None:
        at = min(self._heard + silence, end)
        if at <= now:
            self._fail(TimeoutError())
        else:
            self._watch = asyncio.get_running_loop().call_at(at, self._watch_again, silence, end)

    def _watch_again(self, silence: float, end: float) -> None:
        self._watch_from(asyncio.get_running_loop().time(), silence, end)
