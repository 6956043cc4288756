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

from bot.digest.subscription import Cursor, Destination, Subscription, subscription_migrations
from bot.render.i18n import Language
from retrieval.storage.sqlite import Database

DeliveryState = Literal["waiting", "sending", "sent", "uncertain", "failed"]
DeliveryKind = Literal["digest", "answer"]

IN_FLIGHT = "in flight when the process ended"


@subscription_migrations()
def m002_outbox(db: Database) -> None:
    db.executescript("""
        CREATE TABLE chapters (
            id INTEGER PRIMARY KEY AUTOINCREMENT, before INTEGER NOT NULL, told TEXT NOT NULL,
            created_at INTEGER NOT NULL, UNIQUE (before, told));
        CREATE TABLE pages (id INTEGER PRIMARY KEY AUTOINCREMENT, html TEXT NOT NULL UNIQUE);
        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, chat_id INTEGER NOT NULL,
            thread_id INTEGER NOT NULL, language TEXT NOT NULL, quiet INTEGER NOT NULL, reply_to INTEGER,
            due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, local_on TEXT NOT NULL, created_at INTEGER NOT NULL);
        CREATE INDEX deliveries_chat ON deliveries (chat_id);
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE, part INTEGER NOT NULL,
            page INTEGER NOT NULL REFERENCES pages (id), state TEXT NOT NULL, attempts INTEGER NOT NULL,
            not_before INTEGER NOT NULL, message_id INTEGER, error TEXT NOT NULL, changed_at INTEGER NOT NULL,
            UNIQUE (delivery, part));
        CREATE INDEX messages_open ON messages (not_before) WHERE state = 'waiting';
        CREATE INDEX messages_state ON messages (state, changed_at);
        CREATE TABLE moved (
            delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE, subscription INTEGER NOT NULL,
            mark INTEGER NOT NULL, history INTEGER NOT NULL, served_at INTEGER, served_on TEXT,
            new_mark INTEGER NOT NULL, new_history INTEGER NOT NULL,
            PRIMARY KEY (delivery, subscription)) WITHOUT ROWID;
        CREATE INDEX moved_subscription ON moved (subscription);
        CREATE TABLE alarms (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
    """)


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
