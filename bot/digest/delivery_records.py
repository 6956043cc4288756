"""Records of deliveries: drafts that go into the outbox, and messages that come out of it.

A delivery is one or more messages to one place. A message is `waiting`, then `sending` from before its request is
written until Telegram's answer is recorded, and finally `sent`, `uncertain` (it may have arrived, and is never
repeated) or `failed`. A message that is `sending` when the process starts was in flight when it was killed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.digest.subscription import Cursor, Destination, Subscription, SubscriptionSpec
from bot.render.i18n import Language

DeliveryState = Literal["waiting", "sending", "sent", "uncertain", "failed"]
DeliveryKind = Literal["digest", "answer"]

IN_FLIGHT = "in flight when the process ended"


@dataclass(frozen=True, slots=True)
class ToldItem:
    """What a reader was told of a document, so that nothing is told twice; `text` may be empty."""

    document: str
    text: str


@dataclass(frozen=True, slots=True)
class CursorAdvance:
    """A subscription as it was read, and its cursor and time after the delivery."""

    subscription: Subscription
    after: Cursor
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryDraft:
    """A delivery to be recorded; `spec` has its place, language, sound and time zone, and the message to reply to."""

    kind: DeliveryKind
    spec: SubscriptionSpec
    due_at: datetime
    expires_at: datetime
    pages: Sequence[str]
    moves: Sequence[CursorAdvance]


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message of a delivery; the `last` of its parts has the buttons."""

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
    subscriptions: Sequence[int]


@dataclass(frozen=True, slots=True)
class DeliveryProblem:
    """An uncertain or failed message."""

    chat: int
    thread: int
    state: DeliveryState
    due_at: datetime
    error: str


class ChangedError(Exception):
    """A subscription is no longer as it was read, so that its delivery has to be planned again."""
