"""How many questions a person may ask in a minute."""

import threading
from collections import deque
from datetime import datetime
from math import ceil

WINDOW_SECONDS = 60.0  # seconds
QUESTIONS_PER_MINUTE = 20  # nobody reads faster; a script does
MAX_PEOPLE = 10_000  # remembered at most


class QuestionQuota:
    """Counts by when the questions were written, so that those that waited for a restart are not refused."""

    def __init__(self, per_minute: int = QUESTIONS_PER_MINUTE) -> None:
        self._most = per_minute
        self._asked: dict[int, deque[float]] = {}
        self._lock = threading.Lock()

    def wait(self, user: int | None, at: datetime) -> int:
        """Seconds until the next question is taken; 0 where this one is, and is counted."""
        if user is None:
            return 0
        now = at.timestamp()
        with self._lock:
            asked = self._asked.pop(user, None) or deque()
            self._asked[user] = asked
            while asked and asked[0] <= now - WINDOW_SECONDS:
                asked.popleft()
            if len(asked) >= self._most:
                return max(1, ceil(asked[0] + WINDOW_SECONDS - now))
            asked.append(now)
            while len(self._asked) > MAX_PEOPLE:
                self._asked.pop(next(iter(self._asked)))
        return 0
