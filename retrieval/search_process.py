"""Searches made in a process of their own, beside the one that answers.

Python runs one thread at a time. A search hands that turn away at each of numpy's small steps, and waits for it behind
all that the answers are about: together they took twice as long as alone. Started first, it also reads jieba's
dictionary while the other one reads Telegram's library.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.model.results import Result
    from retrieval.semantic.mode import Mode

log = logging.getLogger(__name__)

# glibc keeps what each thread frees for that thread alone: 20 MB, where vectors are made beside questions
ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}
ANSWER_SECONDS = 30.0  # for one question: the slowest seen takes one
WATCH_SECONDS = (
    0.5  # seconds between two looks at whether to wait on while it starts: after an upgrade it makes tokens anew
)
RESTART_SECONDS = 60.0  # seconds until a process that ended is started again
STOP_SECONDS = 10.0  # seconds for an index that is being saved


class SearchProcess:
    """The process that searches this data folder, one question at a time; safe for threads. It ends with this one."""

    def __init__(self, data: Path, mode: "Mode") -> None:
        self._command = [sys.executable, "-m", "retrieval.search_server", str(data), mode]
        self._turn = threading.Lock()
        self._link: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = self._closed = False
        self._start()

    def warm(self) -> None:
        """Returns when it answers at once, or has ended."""
        with self._turn:
            self._awaited()

    def search(self, question: str, k: int, now: datetime, after: int, until: int | None) -> "Result | None":
        """As `Library.search`; None where the process ended or takes too long, which is logged: it is started anew."""
        with self._turn:
            if not self._process and time.monotonic() > self._tried + RESTART_SECONDS:
                self._start()
            if not (link := self._awaited()):
                return None
            try:
                link.send((question, k, now, after, until))
                if not link.poll(ANSWER_SECONDS):
                    raise TimeoutError(f"no answer in {ANSWER_SECONDS:.0f} s")
                good, found = link.recv()
            except (EOFError, OSError) as error:
                self._lost(error)
                return None
        if good:
            return found  # type: ignore[no-any-return]
        raise found

    def close(self) -> None:
        self._closed = True
        with self._turn:
            self._end()

    def _start(self) -> None:
        self._link, its = Pipe()
        self._ready, self._tried = False, time.monotonic()
        with its:
            self._process = subprocess.Popen(  # noqa: S603
                [*self._command, str(its.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=(its.fileno(),),
                env=os.environ | ONE_ARENA,
            )

    def _awaited(self) -> Connection | None:
        try:
            while self._link and not self._ready:
                if self._closed:
                    return None
                if self._link.poll(WATCH_SECONDS):
                    if error := self._link.recv():
                        raise error
                    self._ready = True
        except Exception as error:  # the other one's, or that it ended
            self._lost(error)
        return self._link

    def _lost(self, error: Exception) -> None:
        log.error("the process that searches ended; questions are answered without it", exc_info=error)
        self._ready = False
        self._end()

    def _end(self) -> None:
        if self._link:
            self._link.close()
        if self._process:
            if not self._ready:
                self._process.kill()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._link = self._process = None
