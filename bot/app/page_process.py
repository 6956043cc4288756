"""The page's process: settings go in, a process that serves the page comes out, started again when it ends.

It is a process of its own, so that a slow page never delays an answer.
"""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from retrieval.runtime.background import PollingThread

log = logging.getLogger(__name__)

PAGE_CHECK_SECONDS = 1.0
PAGE_RESTART_SECONDS = 30.0  # after an end, such as where another program listens on its address
PAGE_END_SECONDS = 5.0

Companion = Literal["bot", "terminal"]


class PageProcess:
    """Ends with this process, also by a kill: its standard input is then closed."""

    def __init__(self, data: Path, beside: Companion) -> None:
        self._command = [sys.executable, "-m", "bot", "web", "--data", str(data), "--beside", beside]
        self._process = self._start()
        self._ended_at: float | None = None
        self._watch = PollingThread(
            "page", self._check, "the page's process could not be looked at", PAGE_CHECK_SECONDS
        )

    def close(self) -> None:
        self._watch.close()
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        try:
            self._process.wait(PAGE_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603

    def _check(self) -> None:
        code = self._process.poll()
        if code is None:
            return
        now = time.monotonic()
        if self._ended_at is None:
            log.error("the page's process ended with %d; it is started again in %.0f s", code, PAGE_RESTART_SECONDS)
            self._ended_at = now
        elif now >= self._ended_at + PAGE_RESTART_SECONDS:
            self._process, self._ended_at = self._start(), None


@contextmanager
def serving_page(data: Path, place: str, beside: Companion) -> Iterator[None]:
    """Nothing where no `place` is set."""
    if not place:
        yield
        return
    process = PageProcess(data, beside)
    try:
        yield
    finally:
        process.close()
