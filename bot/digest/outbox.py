"""Transactional outbox in bot.db: takes drafts of deliveries, gives messages to send, records their states.

A delivery and the cursors that it advances are written in one transaction, and so are its failure and their rollback.
"""

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime

from bot.digest.delivery_log import DeliveryLog
from bot.digest.delivery_records import IN_FLIGHT, ChangedError, DeliveryDraft, OutboxMessage
from bot.digest.history import ToldHistory
from bot.digest.schedule import local_date
from bot.digest.subscription import Cursor, Destination, cursor_columns, read_cursor
from bot.digest.subscription_store import SubscriptionStore
from retrieval.storage.sqlite import Database
from retrieval.storage.store import Store
from retrieval.storage.timestamps import to_epoch


class Outbox(DeliveryLog, ToldHistory):
    """All methods block on SQLite, and each is one transaction that is on the disk when it returns."""

    def __init__(self, store: Store, subscriptions: SubscriptionStore) -> None:
        super().__init__(store)
        self._subscriptions = subscriptions

    def transaction(self) -> AbstractContextManager[Database]:
        """All that is written within the block, to subscriptions too, is one transaction."""
        return self._store.transaction()

    def record(self, drafts: Iterable[DeliveryDraft], now: datetime) -> int:
        """Records deliveries and advances their subscriptions; returns how many. Skips subscriptions that changed."""
        recorded = 0
        with self._store.transaction() as db:
            for draft in drafts:
                db.execute("SAVEPOINT draft")
                try:
                    self._record(db, draft, now)
                    recorded += 1
                except ChangedError:
                    db.execute("ROLLBACK TO draft")
                db.execute("RELEASE draft")
        return recorded

    def recover(self, now: datetime) -> int:
        """At the start marks messages in flight as uncertain, since they may have arrived; returns how many."""
        sql = "UPDATE messages SET state = 'uncertain', error = ?, changed_at = ? WHERE state = 'sending'"
        return self._store.write(sql, [IN_FLIGHT, to_epoch(now)])

    def ready(self, now: datetime, limit: int) -> list[OutboxMessage]:
        """Messages to be sent now, the longest waiting first: one a chat, the parts of a delivery in order."""
        rows = self._store.rows(
            """SELECT m.id, m.delivery, m.part, m.attempts, p.html, d.kind, d.chat_id, d.thread_id, d.language,
                d.quiet, d.reply_to,
                NOT EXISTS (SELECT 1 FROM messages l WHERE l.delivery = m.delivery AND l.part > m.part) AS last,
                (SELECT json_group_array(subscription) FROM moved WHERE delivery = d.id) AS subscriptions
            FROM messages m JOIN deliveries d ON d.id = m.delivery JOIN pages p ON p.id = m.page
            WHERE m.state = 'waiting' AND m.not_before <= :now
                AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.delivery = m.delivery AND e.part < m.part
                    AND e.state IN ('waiting', 'sending'))
            ORDER BY m.not_before, m.id LIMIT :limit""",
            {"now": to_epoch(now), "limit": limit},
        )
        first_of_chat = {row["chat_id"]: row for row in reversed(rows)}
        messages = []
        for row in rows:
            if first_of_chat[row["chat_id"]] is row:
                place = Destination(row.pop("chat_id"), row.pop("thread_id"))
                row |= {"quiet": bool(row["quiet"]), "last": bool(row["last"])}
                messages.append(OutboxMessage(place=place, subscriptions=json.loads(row.pop("subscriptions")), **row))
        return messages

    def claim(self, id: int, now: datetime) -> bool:
        """The last step before the request is written; False where the message is no longer waiting."""
        sql = """UPDATE messages SET state = 'sending', attempts = attempts + 1, changed_at = ?
            WHERE id = ? AND state = 'waiting'"""
        return self._store.write(sql, [to_epoch(now), id]) == 1

    def mark_sent(self, id: int, message_id: int, now: datetime) -> None:
        sql = "UPDATE messages SET state = 'sent', message_id = ?, error = '', changed_at = ? WHERE id = ?"
        self._store.write(sql, [message_id, to_epoch(now), id])

    def mark_uncertain(self, id: int, error: str, now: datetime) -> None:
        sql = "UPDATE messages SET state = 'uncertain', error = ?, changed_at = ? WHERE id = ?"
        self._store.write(sql, [error, to_epoch(now), id])

    def requeue(self, id: int, not_before: datetime, error: str, now: datetime) -> None:
        """For a message that was certainly not sent, and may be tried again, unless it was given up meanwhile."""
        sql = """UPDATE messages SET state = 'waiting', not_before = ?, error = ?, changed_at = ?
            WHERE id = ? AND state IN ('waiting', 'sending')"""
        self._store.write(sql, [to_epoch(not_before), error, to_epoch(now), id])

    def mark_failed(self, id: int, error: str, now: datetime) -> None:
        """For a message that was not sent and will not be, nor will the waiting parts of its delivery."""
        sql = """m.id = :id OR m.state = 'waiting' AND m.delivery = (SELECT delivery FROM messages WHERE id = :id)"""
        self._fail(sql, {"id": id}, error, now)

    def expire(self, now: datetime) -> int:
        """Gives up what could not be sent in time; a delivery of which a part arrived has another day."""
        sql = """m.state = 'waiting' AND d.expires_at + 86400 * EXISTS (SELECT 1 FROM messages o
            WHERE o.delivery = d.id AND o.state IN ('sending', 'sent', 'uncertain')) <= :now"""
        return self._fail(sql, {"now": to_epoch(now)}, "its day ended before it could be sent", now)

    def cancel(self, subscription: int, reason: str, now: datetime) -> None:
        """Gives up the waiting messages for this subscription alone."""
        sql = """m.state = 'waiting' AND m.delivery IN (SELECT delivery FROM moved WHERE subscription = :id)
            AND (SELECT count(*) FROM moved o WHERE o.delivery = m.delivery) = 1"""
        self._fail(sql, {"id": subscription}, reason, now)

    def drop(self, place: Destination, reason: str, now: datetime) -> None:
        """Gives up the waiting messages for a forum topic where `thread` is given, else for the whole chat."""
        sql = "m.state = 'waiting' AND d.chat_id = :chat AND :thread IN (0, d.thread_id)"
        self._fail(sql, {"chat": place.chat, "thread": place.thread}, reason, now)

    def _record(self, db: Database, draft: DeliveryDraft, now: datetime) -> None:
        for move in draft.moves:
            if not self._subscriptions.advance(move.subscription, move.after, move.next_at):
                raise ChangedError
        spec, local_on = draft.spec, local_date(draft.due_at, draft.spec.schedule.zone)
        delivery = db.execute(
            """INSERT INTO deliveries (kind, chat_id, thread_id, language, quiet, reply_to, due_at, expires_at,
                local_on, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            [
                *(draft.kind, spec.place.chat, spec.place.thread, spec.language, spec.quiet, spec.reply_to),
                *(to_epoch(draft.due_at), to_epoch(draft.expires_at), local_on.isoformat(), to_epoch(now)),
            ],
        ).fetchone()[0]
        for part, html in enumerate(draft.pages):
            db.execute("INSERT INTO pages (html) VALUES (?) ON CONFLICT DO NOTHING", [html])
            db.execute(
                """INSERT INTO messages (delivery, part, page, state, attempts, not_before, error, changed_at)
                VALUES (?, ?, (SELECT id FROM pages WHERE html = ?), 'waiting', 0, ?, '', ?)""",
                [delivery, part, html, to_epoch(now), to_epoch(now)],
            )
        for move in draft.moves:
            before, after = cursor_columns(move.subscription.cursor), move.after
            values = [delivery, move.subscription.id, *before, after.mark, after.history]
            db.execute("INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def _fail(self, condition: str, values: dict[str, object], error: str, now: datetime) -> int:
        """Returns the number of messages. Where nothing of a delivery arrived, its cursors are rolled back."""
        sql = f"SELECT m.id, m.delivery FROM messages m JOIN deliveries d ON d.id = m.delivery WHERE {condition}"  # noqa: S608  # our own conditions
        with self._store.transaction() as db:
            rows = db.execute(sql, values).fetchall()
            for id, _ in rows:
                failed = "UPDATE messages SET state = 'failed', error = ?, changed_at = ? WHERE id = ?"
                db.execute(failed, [error, to_epoch(now), id])
            for delivery in {delivery for _, delivery in rows}:
                arrived = "SELECT 1 FROM messages WHERE delivery = ? AND state != 'failed'"
                if not db.execute(arrived, [delivery]).fetchone():
                    for row in db.execute("SELECT * FROM moved WHERE delivery = ?", [delivery]).fetchall():
                        _, subscription, *before, new_mark, new_history = row
                        self._subscriptions.rollback_cursor(
                            subscription, read_cursor(*before), Cursor(new_mark, new_history)
                        )
        return len(rows)
