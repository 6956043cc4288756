"""Searches for the page: a question goes in, its result comes out; few at a time, and none is made twice."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import anyio
from anyio import to_thread

from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.model.results import Result
from retrieval.runtime.cache import BoundedCache
from web.host import Answered

MAX_CACHED_SEARCHES = 512
MAX_AT_ONCE = 4  # they take turns in the searching process anyway
MAX_WAITING = 64  # some two seconds of searches: who comes then is told to try again

T = TypeVar("T")


class BusyError(Exception):
    """So many searches wait that one more would not be answered soon."""


class PageSearches:
    """`version` tells one state of the corpus from another."""

    def __init__(self, library: Library, version: Callable[[], int], now: Callable[[], datetime]) -> None:
        self._library, self._version, self.now = library, version, now
        self._kept: BoundedCache[tuple[object, ...], Result] = BoundedCache(MAX_CACHED_SEARCHES)
        self._waiting = 0
        self._slots: anyio.CapacityLimiter | None = None

    def today(self) -> date:
        """In Beijing, by which 'last week' is understood."""
        return self.now().astimezone(BEIJING).date()

    async def run(self, work: Callable[[], T]) -> T:
        """`work` searches; it is called in a thread."""
        if self._waiting >= MAX_WAITING:
            raise BusyError
        if self._slots is None:
            self._slots = anyio.CapacityLimiter(MAX_AT_ONCE)
        self._waiting += 1
        try:
            return await to_thread.run_sync(work, limiter=self._slots)
        finally:
            self._waiting -= 1

    def search(self, question: str, k: int, shown: int | None = None) -> Result:
        """As `Library.search`, of today. Blocks."""
        key = question, k, shown, self.today(), self._version(), self._library.aliases.version()
        if (kept := self._kept.get(key)) is None:
            kept = self._kept[key] = self._library.search(question, k, now=self.now(), shown=shown)
        return kept


def answered_by(result: Result, question: str | None = None) -> Answered:
    """`question` is what was asked, where the search was for something else."""
    asked, searched = (result.question, None) if question is None else (question, result.question)
    points = () if result.verdict == "none" else tuple(hit.point.id for hit in result.hits)
    return Answered(asked, result.verdict, points, result.milliseconds, tuple(result.nowhere), searched)
