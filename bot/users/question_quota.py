"""Quota of questions a person may ask in a minute: takes a person and a time, returns the seconds to wait."""

import threading
from datetime import datetime
from math import ceil

from retrieval.runtime.sliding_window import SlidingWindow

WINDOW_SECONDS = 60.0
QUESTIONS_PER_MINUTE = 20  # nobody reads faster, only a script
MAX_PEOPLE = 10_000  # remembered at most


class QuestionQuota:
    """Counts by when a question was written, so that a backlog after a restart is not refused."""

    def __init__(self, per_minute: int = QUESTIONS_PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._windows: dict[int, SlidingWindow] = {}  # the person who asked last comes last
        self._lock = threading.Lock()

    def wait(self, user: int | None, at: datetime) -> int:
        """Seconds to wait; 0 admits and counts the question."""
        if user is None:
            return 0
        with self._lock:
            window = self._windows.pop(user, None) or SlidingWindow(self._per_minute, WINDOW_SECONDS)
            self._windows[user] = window
            while len(self._windows) > MAX_PEOPLE:
                self._windows.pop(next(iter(self._windows)))
            return ceil(window.wait(at.timestamp()))
