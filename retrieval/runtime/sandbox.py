"""Function calls on untrusted input, which keeps parsers busy for hours, in another process with limits."""

import os
import pickle
import resource
import threading
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

P = ParamSpec("P")
T = TypeVar("T")

TIMEOUT_SECONDS = 20.0  # for one page or feed: the slowest article seen takes one
MAX_MEMORY_BYTES = 2 << 30  # of addresses; the largest page allowed takes a quarter of it
NICENESS = 10  # behind the answers


class SandboxError(Exception):
    """The input was not read to its end; one line for the operator."""


class Sandbox:
    """One call at a time; safe for threads. The process starts at the first call, and again after it was killed."""

    def __init__(self, seconds: float = TIMEOUT_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None

    def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`function` must be importable by name; arguments and result are pickled. Raises what it raises."""
        with self._lock:
            if self._pool is not None and not self._pool.active:  # one that lost an idle process takes no more calls
                self._stop(self._pool)
                self._pool = None
            if self._pool is None:
                # spawn: a fork would inherit the locks of threads that it does not have
                self._pool = ProcessPool(max_workers=1, initializer=_limit, context=get_context("spawn"))
            try:
                return self._pool.schedule(function, args, kwargs, self._seconds).result()
            except TimeoutError:
                raise SandboxError(f"it takes longer than {self._seconds:.0f} s to read") from None
            except (ProcessExpired, BrokenProcessPool, pickle.PickleError):
                raise SandboxError("it takes more memory to read than there is for one page") from None

    def close(self) -> None:
        with self._lock:
            if self._pool is not None:
                self._stop(self._pool)
                self._pool = None

    @staticmethod
    def _stop(pool: ProcessPool) -> None:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _limit() -> None:
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    with suppress(OSError):
        os.nice(NICENESS)
