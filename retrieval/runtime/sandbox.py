"""What strangers wrote is read in a process of its own: what takes too long or too much there ends, and nothing else.

The libraries that read pages and feeds have no bounds of their own: a megabyte made for it keeps them busy for hours.
"""

import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

TIMEOUT_SECONDS = 20.0  # for one page or feed: the slowest article seen takes one
START_SECONDS = 60.0  # for Python and its modules, on a machine with much else to do
MAX_MEMORY_BYTES = 2 << 30  # bytes of addresses; the largest page allowed takes a quarter of it
NICENESS = 10  # behind the answers


class SandboxError(Exception):
    """It was not read to its end; one line for the operator."""


class Sandbox:
    """Calls functions of modules in another process, one at a time; safe for threads. Starts when first needed."""

    def __init__(self, seconds: float = TIMEOUT_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: tuple[BaseProcess, Connection] | None = None

    def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What it returns, or the error that it raises; ApartError where it does neither in time."""
        with self._lock:
            try:
                _, link = self._running = self._running or _start()
                link.send((function, args, kwargs))
                if not link.poll(self._seconds):
                    raise SandboxError(f"it takes longer than {self._seconds:.0f} s to read")
                good, found = link.recv()
            except SandboxError:
                self._end()
                raise
            except Exception:  # whatever ends the other process, or came back from it broken
                self._end()
                raise SandboxError("it takes more memory to read than there is for one page") from None
        if good:
            return found  # type: ignore[no-any-return]
        raise found

    def close(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._running:
            process, link = self._running
            process.kill()
            process.join()
            link.close()
            self._running = None


def _start() -> tuple[BaseProcess, Connection]:
    context = multiprocessing.get_context("spawn")  # a fork would have the locks of threads that it has not
    mine, its = context.Pipe()
    process = context.Process(target=_serve, args=(its,), name="apart", daemon=True)
    process.start()
    its.close()
    if not mine.poll(START_SECONDS):
        process.kill()
        raise SandboxError("the process that reads pages did not start")
    mine.recv()
    return process, mine


def _serve(link: Connection) -> None:
    """Until the other end is closed, also by a kill."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    with suppress(OSError):
        os.nice(NICENESS)
    link.send(True)
    with suppress(EOFError, OSError):
        while True:
            function, args, kwargs = link.recv()
            try:
                outcome = True, function(*args, **kwargs)
            except Exception as error:
                outcome = False, error
            link.send(outcome)
