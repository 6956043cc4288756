"""The rate limit: who asks goes in, the seconds until they may ask again come out. Nothing is kept for longer."""

import ipaddress
import threading
from collections.abc import Callable
from time import monotonic

PER_MINUTE = 240  # requests of one address: search-as-you-type asks four times a second at most, and people pause
BURST = 60
MAX_KEYS = 50_000  # remembered at once: some 10 MB


class RateLimiter:
    """A token bucket for each key, such as an address."""

    def __init__(self, per_minute: int = PER_MINUTE, burst: int = BURST, now: Callable[[], float] = monotonic) -> None:
        self._rate, self._burst, self._now = per_minute / 60, float(burst), now
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """0 admits the request and counts it."""
        now = self._now()
        with self._lock:
            left, seen = self._buckets.get(key, (self._burst, now))
            left = min(self._burst, left + (now - seen) * self._rate)
            if left < 1:
                return (1 - left) / self._rate
            if len(self._buckets) >= MAX_KEYS:
                self._forget_idle(now)
            self._buckets[key] = left - 1, now
            return 0.0

    def _forget_idle(self, now: float) -> None:
        """Full buckets are as good as none; where all are in use, the oldest half goes."""
        full = {key: one for key, one in self._buckets.items() if one[0] + (now - one[1]) * self._rate < self._burst}
        if len(full) >= MAX_KEYS:
            full = dict(sorted(full.items(), key=lambda item: item[1][1])[MAX_KEYS // 2 :])
        self._buckets = full


def network_of(address: str) -> str:
    """What shares a limit: an address, and a /64 of IPv6, for a household has that many; what is no address shares one
    with all others of that kind."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
