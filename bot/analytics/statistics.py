"""Usage statistics for operators: the question log and a number of days go in, figures come out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.analytics.queries import DayCounts, QuestionStats
from bot.analytics.unanswered import UnansweredReport, unanswered_report
from bot.digest.schedule import day_starts, local_date
from retrieval.library import Library

STATISTICS_ZONE = "Asia/Shanghai"
MAX_SHOWN = 12  # groups and words: a few screens of a phone
MAX_UNANSWERED_READ = 5_000  # questions: grouping them takes some seconds


@dataclass(frozen=True, slots=True)
class DigestReaders:
    """Chats with a subscription, chats that got a digest in the last week, and the digests sent to them."""

    chats: int
    reached: int
    digests: int


@dataclass(frozen=True, slots=True)
class UsageStats:
    """`days` has every day up to today; `reasons` counts the feedback."""

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
    """`quotable`: people whose wording may be shown. Blocks on SQLite and on a search for each group."""
    today = local_date(now, STATISTICS_ZONE)
    first = today - timedelta(days=days - 1)
    since = day_starts(first, STATISTICS_ZONE)
    counts = {day.date: day for day in question_stats.days(since)}
    dates = [first + timedelta(days=n) for n in range(days)]

    def is_unanswered(text: str) -> bool:
        result = library.search(text, 1, now=now)
        return result.verdict == "none" or (result.verdict == "maybe" and bool(result.nowhere))

    return UsageStats(
        [counts.get(day, DayCounts(day)) for day in dates],
        question_stats.people(since),
        unanswered_report(question_stats.unanswered(since, MAX_UNANSWERED_READ), quotable, is_unanswered, MAX_SHOWN),
        question_stats.reasons(since),
        readers,
    )
