"""What people ask and what becomes of it, counted over some days: for who runs the bot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.analytics.queries import DayCounts, QuestionStats
from bot.analytics.unanswered import UnansweredReport, unanswered_report
from bot.digest.schedule import day_starts, local_date
from retrieval.library import Library

STATISTICS_ZONE = "Asia/Shanghai"
MAX_SHOWN = 12  # gaps, and words, that are told: a few screens of a phone
MAX_UNANSWERED_READ = 5_000  # unanswered questions that are looked through: some seconds


@dataclass(frozen=True, slots=True)
class DigestReaders:
    """Chats that follow something; those that got a digest in the last week, and how many these were."""

    chats: int
    reached: int
    digests: int


@dataclass(frozen=True, slots=True)
class UsageStats:
    """`days` are all of them, the last one today; `reasons` how often each was given."""

    days: Sequence[DayCounts]
    people: int
    unanswered: UnansweredReport
    reasons: Mapping[str, int]
    readers: DigestReaders


def collect_stats(
    question_stats: QuestionStats,
    library: Library,
    quotable: Collection[int],
    readers: DigestReaders,
    now: datetime,
    days: int,
) -> UsageStats:
    """`quotable` are the people whose wording may be shown. Blocks on SQLite and on a search for each gap."""
    today = local_date(now, STATISTICS_ZONE)
    first = today - timedelta(days=days - 1)
    since = day_starts(first, STATISTICS_ZONE)
    asked = {day.date: day for day in question_stats.days(since)}
    every = [first + timedelta(days=n) for n in range(days)]

    def is_left(text: str) -> bool:
        result = library.search(text, 1, now=now)
        return result.verdict == "none" or (result.verdict == "maybe" and bool(result.nowhere))

    return UsageStats(
        [asked.get(day, DayCounts(day)) for day in every],
        question_stats.people(since),
        unanswered_report(question_stats.unanswered(since, MAX_UNANSWERED_READ), quotable, is_left, MAX_SHOWN),
        question_stats.reasons(since),
        readers,
    )
