"""What people ask and what becomes of it, counted over some days: for who runs the bot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.analytics.queries import Day, Ledger
from bot.analytics.unanswered import Gaps, gaps
from bot.digest.schedule import day_starts, local_date
from retrieval.library import Library

ZONE = "Asia/Shanghai"
MOST = 12  # gaps, and words, that are told: a few screens of a phone
LATEST = 5_000  # unanswered questions that are looked through: some seconds


@dataclass(frozen=True, slots=True)
class Readers:
    """Chats that follow something; those that got a digest in the last week, and how many these were."""

    chats: int
    reached: int
    digests: int


@dataclass(frozen=True, slots=True)
class Census:
    """`days` are all of them, the last one today; `reasons` how often each was given."""

    days: Sequence[Day]
    people: int
    gaps: Gaps
    reasons: Mapping[str, int]
    readers: Readers


def collect_stats(
    ledger: Ledger,
    library: Library,
    quotable: Collection[int],
    readers: Readers,
    now: datetime,
    days: int,
) -> Census:
    """`quotable` are the people whose wording may be shown. Blocks on SQLite and on a search for each gap."""
    today = local_date(now, ZONE)
    first = today - timedelta(days=days - 1)
    since = day_starts(first, ZONE)
    asked = {day.date: day for day in ledger.days(since)}
    every = [first + timedelta(days=n) for n in range(days)]

    def is_left(text: str) -> bool:
        result = library.search(text, 1, now=now)
        return result.verdict == "none" or (result.verdict == "maybe" and bool(result.nowhere))

    return Census(
        [asked.get(day, Day(day)) for day in every],
        ledger.people(since),
        gaps(ledger.unanswered(since, LATEST), quotable, is_left, MOST),
        ledger.reasons(since),
        readers,
    )
