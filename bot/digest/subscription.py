"""What somebody follows, and how it stands in bot.db: records."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from bot.digest.schedule import LastDelivery, Schedule
from bot.render.i18n import Language
from retrieval.storage.timestamps import from_epoch

ANSWERS_A_DAY = 3  # of a chat, at once; the rest goes into its digest
MAX_SUBSCRIPTIONS = 30  # of a chat: ten topics at three hours; one digest of more would not be read

SubscriptionKind = Literal["topic", "question"]
PauseReason = Literal["asked", "blocked", "kicked", "gone", "closed", "rights", "access"]


class LimitError(Exception):
    """The chat follows as much as it may."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a delivery goes; `thread` is a forum topic's id, 0 elsewhere."""

    chat: int
    thread: int = 0


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """What is to be followed. `title` names the chat where it is not the one spoken in (a channel).

    `reply_to` is the message with the standing question, `at_once` asks for every answer as it comes.
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


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a subscription has come: the last `first_seen` it was told of, and the last of its `Chapter`s."""

    mark: int
    history: int = 0
    served: LastDelivery | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """`checked` is the last `first_seen` that was looked at for an answer at once; `news_at` when anything came in."""

    id: int
    spec: SubscriptionSpec
    next_at: datetime | None
    cursor: Cursor
    checked: int
    news_at: datetime
    silence_told: bool
    paused: PauseReason | None


def read_cursor(mark: int, history: int, served_at: int | None, served_on: str | None) -> Cursor:
    served = LastDelivery(from_epoch(served_at), date.fromisoformat(served_on)) if served_at and served_on else None
    return Cursor(mark, history, served)


def read_subscription(row: dict[str, Any]) -> Subscription:
    wanted = SubscriptionSpec(
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
    )
    return Subscription(
        row["id"],
        wanted,
        from_epoch(row["next_at"]) if row["next_at"] is not None else None,
        read_cursor(row["mark"], row["history"], row["served_at"], row["served_on"]),
        row["checked"],
        from_epoch(row["news_at"]),
        bool(row["silence_told"]),
        row["paused"],
    )
