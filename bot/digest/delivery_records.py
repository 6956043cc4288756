"""What is delivered, and how it stands in bot.db beside what is followed: records.

A delivery is one or more messages to one place. A message is `waiting`, then `sending` from before the request is
written until Telegram's answer is, then for good `sent`, `uncertain` (it may have gone through: never repeated) or
`failed`. What is `sending` when the process starts was in flight when it was killed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.digest.subscription import Cursor, Destination, Subscription
from bot.render.i18n import Language

DeliveryState = Literal["waiting", "sending", "sent", "uncertain", "failed"]
DeliveryKind = Literal["digest", "answer"]

IN_FLIGHT = "in flight when the process ended"


@dataclass(frozen=True, slots=True)
class ToldItem:
    """What a reader was told of a document, so that nothing is told twice."""

    document: str
    text: str


@dataclass(frozen=True, slots=True)
class CursorAdvance:
    """A subscription as it was read, and where the delivery takes it."""

    subscription: Subscription
    after: Cursor
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryDraft:
    """A delivery to be recorded; `local_on` is the date it is for."""

    kind: DeliveryKind
    place: Destination
    language: Language
    quiet: bool
    due_at: datetime
    expires_at: datetime
    local_on: str
    pages: Sequence[str]
    moves: Sequence[CursorAdvance]
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message of a delivery; `last` of its parts has the buttons, for these subscriptions."""

    id: int
    delivery: int
    kind: DeliveryKind
    place: Destination
    language: Language
    quiet: bool
    reply_to: int | None
    html: str
    part: int
    last: bool
    attempts: int
    subscriptions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeliveryProblem:
    """A message that the admins are to know of."""

    chat: int
    thread: int
    state: DeliveryState
    due_at: datetime
    error: str


class ChangedError(Exception):
    """A subscription is no longer as it was read: whoever planned for it plans anew."""


def outbox_message(row: dict[str, Any]) -> OutboxMessage:
    return OutboxMessage(
        row["id"],
        row["delivery"],
        row["kind"],
        Destination(row["chat_id"], row["thread_id"]),
        row["language"],
        bool(row["quiet"]),
        row["reply_to"],
        row["html"],
        row["part"],
        bool(row["last"]),
        row["attempts"],
        tuple(json.loads(row["subscriptions"])),
    )
