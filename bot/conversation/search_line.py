"""A line to the searching process for an event loop: questions go in one after the other, results come back in order.

A thread that waits for a result costs more than the rest of an answer. Whoever gets None asks in a thread after all,
which also finds out what is wrong and starts the process again.
"""

import asyncio
import pickle
import socket
from collections import deque
from collections.abc import Callable

from retrieval.model.results import Result
from retrieval.model.search_request import SearchRequest
from retrieval.search_process import ANSWER_SECONDS

LENGTH_BYTES = 4  # before each message, as multiprocessing.connection writes it
READ_BYTES = 262_144
# Of questions that are not answered yet: what the socket holds in any case, so that writing never waits.
MAX_WAITING, MAX_WAITING_BYTES = 100, 65_536


class BrokenLineError(ConnectionError):
    """The process ended, or was silent for too long."""


class SearchLine:
    """Belongs to the event loop in which it is made. `silence`: seconds without a sign after which it is broken."""

    def __init__(self, socket: socket.socket, silence: float = ANSWER_SECONDS) -> None:
        socket.setblocking(False)
        self._socket, self._silence = socket, silence
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[asyncio.Future[Result], int]] = deque()
        self._waiting_bytes = 0
        self._received = bytearray()
        self._heard = self._loop.time()
        self._watch: asyncio.TimerHandle | None = None
        self.is_open = True
        self._loop.add_reader(socket, self._read)

    def is_of(self, loop: asyncio.AbstractEventLoop) -> bool:
        return self._loop is loop

    async def search(self, request: SearchRequest) -> Result | None:
        """As `Library.search`; None where too many wait, or the line breaks."""
        body = pickle.dumps(("search", (request,)))
        if len(self._waiting) >= MAX_WAITING or self._waiting_bytes + len(body) > MAX_WAITING_BYTES:
            return None
        future: asyncio.Future[Result] = self._loop.create_future()
        try:
            if self._socket.send(len(body).to_bytes(LENGTH_BYTES, "big") + body) < LENGTH_BYTES + len(body):
                raise BrokenLineError
        except OSError:
            self.close()
            return None
        self._expect(future, len(body))
        try:
            return await future
        except BrokenLineError:
            return None

    def close(self) -> None:
        """Whoever waits gets None. Also after the end of the event loop."""
        if not self.is_open:
            return
        self.is_open = False
        if not self._loop.is_closed():
            self._loop.remove_reader(self._socket)
            for future, _ in self._waiting:
                if not future.done():
                    future.set_exception(BrokenLineError())
        if self._watch:
            self._watch.cancel()
        self._waiting.clear()
        self._socket.close()

    def _expect(self, future: asyncio.Future[Result], size: int) -> None:
        if not self._waiting:
            self._heard = self._loop.time()
        self._waiting.append((future, size))
        self._waiting_bytes += size
        if self._watch is None:
            self._watch = self._loop.call_later(self._silence, self._check)

    def _check(self) -> None:
        self._watch = None
        if self._waiting:
            left = self._heard + self._silence - self._loop.time()
            if left <= 0:
                self.close()
            else:
                self._watch = self._loop.call_later(left, self._check)

    def _read(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._heard = self._loop.time()
        self._received += data
        while self.is_open and (message := self._take()) is not None:
            self._answer(message)

    def _take(self) -> bytes | None:
        """The next whole message."""
        size = int.from_bytes(self._received[:LENGTH_BYTES], "big")
        end = LENGTH_BYTES + size
        if len(self._received) < max(end, LENGTH_BYTES):
            return None
        message = bytes(self._received[LENGTH_BYTES:end])
        del self._received[:end]
        return message

    def _answer(self, message: bytes) -> None:
        succeeded, answer = pickle.loads(message)  # noqa: S301  # from our own process
        if succeeded is None:  # a sign of life
            return
        future, size = self._waiting.popleft()
        self._waiting_bytes -= size
        if not future.done():
            future.set_result(answer) if succeeded else future.set_exception(answer)


class LoopSearch:
    """Opens the line to the process that runs now; `take_end` gives our end of it once, None where there is none."""

    def __init__(self, take_end: Callable[[], socket.socket | None]) -> None:
        self._take_end = take_end
        self._line: SearchLine | None = None

    async def search(self, request: SearchRequest) -> Result | None:
        line = self._open_line()
        return await line.search(request) if line else None

    def close(self) -> None:
        if self._line:
            self._line.close()

    def _open_line(self) -> SearchLine | None:
        if not (self._line and self._line.is_open) and (end := self._take_end()):
            self._line = SearchLine(end)
        line = self._line
        return line if line and line.is_open and line.is_of(asyncio.get_running_loop()) else None
