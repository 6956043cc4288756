"""What was read from the corpus, kept until something is committed to it: a reading function in, its result out."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class VersionCache:
    """`version` changes with every commit of any process. Safe for threads; callers must not change a result."""

    def __init__(self, version: Callable[[], Hashable]) -> None:
        self._version = version
        self._results: dict[Callable[[], object], tuple[Hashable, Any]] = {}

    def get(self, read: Callable[[], T]) -> T:
        version = self._version()  # before reading: what is committed meanwhile is read again the next time
        known = self._results.get(read)
        if known is None or known[0] != version:
            known = self._results[read] = version, read()
        found: T = known[1]
        return found
