"""What people ask and what becomes of it, counted over some days: for who runs the bot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk import Desk
from bot.gaps import Gaps, gaps
from bot.ledger import Day
from bot.schedule import day_starts, local_date

ZONE = "Asia/Shanghai"
WEEK = timedelta(days=7)
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


def taken(desk: Desk, days: int) -> Census:
    """Blocks on SQLite and on a search for each gap."""
    now = desk.replies.now()
    today = local_date(now, ZONE)
    first = today - timedelta(days=days - 1)
    since = day_starts(first, ZONE)
    asked = {day.date: day for day in desk.ledger.days(since)}
    every = [first + timedelta(days=n) for n in range(days)]

    def is_left(text: str) -> bool:
        return _finds_nothing(desk, text, now)

    return Census(
        [asked.get(day, Day(day)) for day in every],
        desk.ledger.people(since),
        gaps(desk.ledger.unanswered(since, LATEST), desk.people.agreed() | desk.access.admins, is_left, MOST),
        desk.ledger.reasons(since),
        Readers(desk.subscriptions.chats(), *desk.outbox.reached(now - WEEK)),
    )


def _finds_nothing(desk: Desk, text: str, now: datetime) -> bool:
    result = desk.replies.library.search(text, 1, now=now)
    return result.verdict == "none" or (result.verdict == "maybe" and bool(result.nowhere))
