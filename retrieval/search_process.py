"""Searches in a process of their own: a question goes through a pipe, its result comes back.

In one process, searching and answering took twice as long: a search gives Python's lock away at each of numpy's small
steps. No pool of processes does this: the process starts before the heavy imports, and loads while the bot loads.
"""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.model.results import Result
    from retrieval.model.search_request import SearchRequest
    from retrieval.semantic.mode import Mode

log = logging.getLogger(__name__)

# by default glibc keeps what each thread frees for that thread: 20 MB, when vectors are made beside questions
ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}
ANSWER_SECONDS = 30.0  # for one question: the slowest seen takes one second
LIFE_SECONDS = 5.0  # between two signs that the index is catching up with the corpus, before a question is searched
CATCHING_UP = (None, None)
START_POLL_SECONDS = 0.5  # between two looks at `close` while it starts: after an upgrade it makes tokens anew
RESTART_SECONDS = 60.0  # until a process that ended is started again
STOP_SECONDS = 10.0  # for an index that is being saved


class SearchProcess:
    """Searches a data folder, one question at a time; safe for threads. The process ends with this one."""

    def __init__(self, data: Path, mode: "Mode") -> None:
        self._command = [sys.executable, "-m", "retrieval.search_server", str(data), mode]
        self._turn = threading.Lock()
        self._link: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = self._closed = False
        self._line_end: socket.socket | None = None  # of the process that runs, until it is taken
        self._start()

    def warm(self) -> None:
        """Wait until the process is ready, or has ended."""
        with self._turn:
            self._ready_link()

    def search(self, request: "SearchRequest") -> "Result | None":
        """As `Library.search`; None if the process ended or takes too long, which is logged. It is started again."""
        return self._ask("search", request)  # type: ignore[no-any-return]

    def take_line_end(self) -> socket.socket | None:
        """A socket on which the process answers as on the pipe, for an event loop to read; of each process once.

        None until the process is ready.
        """
        end = self._line_end if self._ready else None
        if end:
            self._line_end = None
        return end

    def nearness(self, text: str, examples: "Sequence[str]") -> "Sequence[float] | None":
        """As `Library.nearness`; None while the process starts."""
        return self._ask("nearness", text, examples) if self._ready else None

    def _ask(self, method: str, *arguments: object) -> Any:
        with self._turn:
            if not self._process and time.monotonic() > self._tried + RESTART_SECONDS:
                self._start()
            if not (link := self._ready_link()):
                return None
            try:
                link.send((method, arguments))
                succeeded, answer = _receive(link)
                while succeeded is None:
                    succeeded, answer = _receive(link)
            except (EOFError, OSError) as error:
                self._discard(error)
                return None
        if succeeded:
            return answer
        raise answer

    def close(self) -> None:
        self._closed = True
        with self._turn:
            self._end()

    def _start(self) -> None:
        self._link, theirs = Pipe()
        self._line_end, their_line = socket.socketpair()
        self._ready, self._tried = False, time.monotonic()
        with theirs, their_line:
            descriptors = theirs.fileno(), their_line.fileno()
            self._process = subprocess.Popen(  # noqa: S603
                [*self._command, *map(str, descriptors)],
                stdin=subprocess.DEVNULL,
                pass_fds=descriptors,
                env=os.environ | ONE_ARENA,
            )

    def _ready_link(self) -> Connection | None:
        try:
            while self._link and not self._ready:
                if self._closed:
                    return None
                if self._link.poll(START_POLL_SECONDS):
                    if error := self._link.recv():
                        raise error
                    self._ready = True
        except Exception as error:  # the process's own, or that it ended
            self._discard(error)
        return self._link

    def _discard(self, error: Exception) -> None:
        log.error("the process that searches ended; questions are answered without it", exc_info=error)
        self._ready = False
        self._end()

    def _end(self) -> None:
        if self._link:
            self._link.close()
        if self._line_end:
            self._line_end.close()
        if self._process:
            if not self._ready:
                self._process.kill()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._link = self._line_end = self._process = None


def _receive(link: Connection) -> tuple[bool | None, Any]:
    if not link.poll(ANSWER_SECONDS):
        raise TimeoutError(f"no answer in {ANSWER_SECONDS:.0f} s")
    received: tuple[bool | None, Any] = link.recv()
    return received
