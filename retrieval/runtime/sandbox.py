"""Function calls on untrusted input, which keeps parsers busy for hours, in another process with limits."""

import os
import pickle
import resource
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from typing import Any, Literal, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

P = ParamSpec("P")
T = TypeVar("T")

TIMEOUT_SECONDS = 20.0  # for one page or feed: the slowest article seen takes one
MAX_MEMORY_BYTES = 512 << 20  # of addresses, beside a bot on a machine with 1 GB
NICENESS = 10  # behind the answers


Interruption = Literal["slow", "stopping", "memory"]


class SandboxError(Exception):
    """The input was not read to its end. `seconds` is how long that may take; feeds/interruption puts it in words."""

    def __init__(self, kind: Interruption, seconds: float) -> None:
        super().__init__(kind)
        self.kind, self.seconds = kind, round(seconds)


class Sandbox:
    """One call at a time; safe for threads. The process starts at the first call, and again after it was killed."""

    def __init__(self, seconds: float = TIMEOUT_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._running: ProcessFuture[Any] | None = None

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
                self._running = self._pool.schedule(_call, (function, args, kwargs), {}, self._seconds)
                result: T = self._running.result()
                return result
            except TimeoutError:
                raise SandboxError("slow", self._seconds) from None
            except CancelledError:
                raise SandboxError("stopping", self._seconds) from None
            except (ProcessExpired, BrokenProcessPool, pickle.PickleError):
                raise SandboxError("memory", self._seconds) from None

    def close(self) -> None:
        """Ends the call in progress: it may be one that would take long."""
        if running := self._running:
            running.cancel()  # type: ignore[no-untyped-call]
        with self._lock:
            if self._pool is not None:
                self._stop(self._pool)
                self._pool = None

    @staticmethod
    def _stop(pool: ProcessPool) -> None:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _call(function: Callable[..., T], args: Sequence[Any], kwargs: Mapping[str, Any]) -> T:
    try:
        result: T = function(*args, **kwargs)
        return result
    except MemoryError:
        os._exit(1)  # there is no memory left either to say so


def _limit() -> None:
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    with suppress(OSError):
        os.nice(NICENESS)
