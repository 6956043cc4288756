"""Quota of what a person may ask or press in a minute: takes a person and a time, returns the seconds to wait."""

import threading
from collections.abc import Hashable
from datetime import datetime
from math import ceil

from retrieval.runtime.sliding_window import SlidingWindow

WINDOW_SECONDS = 60.0
MAX_PEOPLE = 10_000  # remembered at most


class QuestionQuota:
    """Counts by when a question was written, so that a backlog after a restart is not refused.

    `who` is a person's id, or with their chat's where Telegram shows many persons under one id.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._windows: dict[Hashable, SlidingWindow] = {}  # the person who asked last comes last
        self._told: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def wait(self, who: Hashable, at: datetime) -> int:
        """Seconds to wait; 0 admits and counts the question."""
        if who is None:
            return 0
        with self._lock:
            window = self._windows.pop(who, None) or SlidingWindow(self._per_minute, WINDOW_SECONDS)
            self._windows[who] = window
            while len(self._windows) > MAX_PEOPLE:
                self._windows.pop(next(iter(self._windows)))
            return ceil(window.wait(at.timestamp()))

    def must_tell(self, who: Hashable, at: datetime) -> bool:
        """Whether nobody told them within the window that it was too many; from now on, somebody did."""
        now = at.timestamp()
        with self._lock:
            told = self._told.pop(who, None)
            if told is not None and now - told < WINDOW_SECONDS:
                self._told[who] = told
                return False
            self._told[who] = now
            while len(self._told) > MAX_PEOPLE:
                self._told.pop(next(iter(self._told)))
        return True
