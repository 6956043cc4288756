"""Quota of questions a person may ask in a minute: takes a person and a time, returns the seconds to wait."""

import threading
from datetime import datetime
from math import ceil

from retrieval.runtime.sliding_window import SlidingWindow

WINDOW_SECONDS = 60.0
QUESTIONS_PER_MINUTE = 20  # nobody reads faster; a script does
MAX_PEOPLE = 10_000  # remembered at most


class QuestionQuota:
    """Counts by when the questions were written, so that those that waited for a restart are not refused."""

    def __init__(self, per_minute: int = QUESTIONS_PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._windows: dict[int, SlidingWindow] = {}  # the person who asked last comes last
        self._lock = threading.Lock()

    def wait(self, user: int | None, at: datetime) -> int:
        """Seconds until the next question is taken; 0 where this one is, and is counted."""
        if user is None:
            return 0
        with self._lock:
            window = self._windows.pop(user, None) or SlidingWindow(self._per_minute, WINDOW_SECONDS)
            self._windows[user] = window
            while len(self._windows) > MAX_PEOPLE:
                self._windows.pop(next(iter(self._windows)))
            return ceil(window.wait(at.timestamp()))
