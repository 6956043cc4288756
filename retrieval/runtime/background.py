"""A thread that calls a function again and again: a function and an interval go in, calls until `close` come out."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class PollingThread:
    """Calls `work` every `seconds` and after each `wake`; without `seconds`, only when woken.

    An error is logged as `complaint`, and the next call is made all the same. `work` may read `closing` to end early,
    or set it to end the thread.
    """

    def __init__(self, name: str, work: Callable[[], object], complaint: str, seconds: float | None = None) -> None:
        self._work, self._complaint, self._seconds = work, complaint, seconds
        self._woken, self.closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        """Wait for the call in progress; no other follows."""
        self.closing.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._woken.wait(self._seconds)
            self._woken.clear()
            if self.closing.is_set():
                return
            try:
                self._work()
            except Exception:
                log.exception(self._complaint)
