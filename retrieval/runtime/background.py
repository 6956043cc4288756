"""Catching up with the corpus beside the questions."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5  # seconds between two looks at whether anything was committed: a look takes microseconds


class PollingThread:
    """A thread that calls `catch_up` over and over until it is closed."""

    def __init__(self, catch_up: Callable[[], object]) -> None:
        self._catch_up = catch_up
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="corpus", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Waits for the one at hand."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(POLL_SECONDS):
            try:
                self._catch_up()
            except Exception:
                log.exception("the index could not catch up with the corpus; questions are answered from before")
