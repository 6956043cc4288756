"""Sliding-window rate limit: takes the times of events, says whether and when the next one is allowed."""

from collections import deque


class SlidingWindow:
    """At most `limit` events in any `seconds`; times come in ascending order."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit, self._seconds = limit, seconds
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until the next event is allowed; 0 where it is allowed now, and counted."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) >= self._limit:
            return self._times[0] + self._seconds - now
        self._times.append(now)
        return 0.0
