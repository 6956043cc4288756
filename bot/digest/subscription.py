"""Records of subscriptions: what is followed where and when, how far it was delivered, and its row in bot.db."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from bot.digest.schedule import LastDelivery, Schedule
from bot.render.i18n import Language
from retrieval.storage.timestamps import from_epoch, to_epoch

ANSWERS_A_DAY = 3  # immediate answers to a chat; the rest goes into its digest
MAX_SUBSCRIPTIONS = 30  # of a chat: ten topics at three hours; a longer digest would not be read

SubscriptionKind = Literal["topic", "question"]
PauseReason = Literal["asked", "blocked", "kicked", "gone", "closed", "rights", "access"]


class LimitError(Exception):
    """The chat has MAX_SUBSCRIPTIONS."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A chat, and in it the id of a forum topic or 0."""

    chat: int
    thread: int = 0


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """What a subscriber asked for. `title` names a channel that is not the chat where it was asked.

    `reply_to` is the message with a standing question; `at_once` delivers each of its answers immediately. `awaited` is
    a search for those of its words that no point had together when it was asked; see `awaited_words`.
    """

    place: Destination
    user: int | None
    kind: SubscriptionKind
    subject: str
    language: Language
    schedule: Schedule
    quiet: bool = False
    at_once: bool = False
    reply_to: int | None = None
    title: str = ""
    awaited: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a subscription was delivered: up to the `first_seen` in `mark`; `history` is a chapter of ToldHistory."""

    mark: int
    history: int = 0
    served: LastDelivery | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """`checked` is the last `first_seen` that was searched for an immediate answer, `news_at` the last news' time."""

    id: int
    spec: SubscriptionSpec
    next_at: datetime | None
    cursor: Cursor
    checked: int
    news_at: datetime
    silence_told: bool
    paused: PauseReason | None


def cursor_columns(cursor: Cursor) -> tuple[int, int, int | None, str | None]:
    """mark, history, served_at, served_on."""
    if served := cursor.served:
        return cursor.mark, cursor.history, to_epoch(served.at), served.on.isoformat()
    return cursor.mark, cursor.history, None, None


def read_cursor(mark: int, history: int, served_at: int | None, served_on: str | None) -> Cursor:
    served = LastDelivery(from_epoch(served_at), date.fromisoformat(served_on)) if served_at and served_on else None
    return Cursor(mark, history, served)


def read_subscription(row: dict[str, Any]) -> Subscription:
    spec = SubscriptionSpec(
        Destination(row["chat_id"], row["thread_id"]),
        row["user_id"],
        row["kind"],
        row["subject"],
        row["language"],
        Schedule(row["days"], time.fromisoformat(row["at"]), row["zone"]),
        bool(row["quiet"]),
        bool(row["at_once"]),
        row["reply_to"],
        row["title"],
        row["awaited"],
    )
    return Subscription(
        row["id"],
        spec,
        from_epoch(row["next_at"]) if row["next_at"] is not None else None,
        read_cursor(row["mark"], row["history"], row["served_at"], row["served_on"]),
        row["checked"],
        from_epoch(row["news_at"]),
        bool(row["silence_told"]),
        row["paused"],
    )
