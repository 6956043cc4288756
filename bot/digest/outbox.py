"""What is to be delivered, from its record to its end, in bot.db beside the subscriptions it moves on."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime

from bot.digest.delivery_log import DeliveryLog
from bot.digest.delivery_records import IN_FLIGHT, ChangedError, DeliveryDraft, OutboxMessage, outbox_message
from bot.digest.history import ToldHistory
from bot.digest.subscription import Cursor, Destination, read_cursor
from bot.digest.subscription_store import SubscriptionStore
from retrieval.storage.sqlite import Database
from retrieval.storage.store import Store
from retrieval.storage.timestamps import from_epoch, to_epoch


class Outbox(DeliveryLog, ToldHistory):
    """Its methods block on SQLite, and each is one transaction: what it says has happened is on the disk."""

    def __init__(self, store: Store, subscriptions: SubscriptionStore) -> None:
        super().__init__(store)
        self._subscriptions = subscriptions

    def together(self) -> AbstractContextManager[Database]:
        """What is written in the block, to subscriptions too, is one transaction."""
        return self._store.transaction()

    def record(self, drafts: Iterable[DeliveryDraft], now: datetime) -> int:
        """Deliveries and the subscriptions they move on, together; how many: what changed meanwhile is left out."""
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
        """At the start: what was in flight may have arrived. It is listed and not sent again."""
        sql = "UPDATE messages SET state = 'uncertain', error = ?, changed_at = ? WHERE state = 'sending'"
        return self._store.write(sql, [IN_FLIGHT, to_epoch(now)])

    def ready(self, now: datetime, limit: int) -> list[OutboxMessage]:
        """Messages to be sent now, the longest waiting first: one a chat, a delivery's parts one after the other."""
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
        first = {row["chat_id"]: row for row in reversed(rows)}
        return [outbox_message(row) for row in rows if first[row["chat_id"]] is row]

    def next_attempt(self) -> datetime | None:
        [row] = self._store.rows("SELECT min(not_before) AS at FROM messages WHERE state = 'waiting'")
        return from_epoch(row["at"]) if row["at"] is not None else None

    def claim(self, id: int, now: datetime) -> bool:
        """The last step before the request is written; False where the message is not waiting any more."""
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
        """It was surely not sent, and may be once more."""
        sql = "UPDATE messages SET state = 'waiting', not_before = ?, error = ?, changed_at = ? WHERE id = ?"
        self._store.write(sql, [to_epoch(not_before), error, to_epoch(now), id])

    def mark_failed(self, id: int, error: str, now: datetime) -> None:
        """It was not sent and will not be, nor will the delivery's other parts."""
        with self._store.transaction() as db:
            sql = """SELECT m.id, m.delivery FROM messages m JOIN messages o ON o.delivery = m.delivery
                WHERE o.id = ? AND (m.id = o.id OR m.state = 'waiting')"""
            self._fail(db, db.execute(sql, [id]).fetchall(), error, now)

    def expire(self, now: datetime) -> int:
        """Give up what could not be sent within its day; a delivery of which a part arrived goes on for another."""
        with self._store.transaction() as db:
            rows = db.execute(
                """SELECT m.id, m.delivery FROM messages m JOIN deliveries d ON d.id = m.delivery
                WHERE m.state = 'waiting' AND d.expires_at + 86400 * EXISTS (SELECT 1 FROM messages o
                    WHERE o.delivery = d.id AND o.state IN ('sending', 'sent', 'uncertain')) <= ?""",
                [to_epoch(now)],
            ).fetchall()
            self._fail(db, rows, "its day ended before it could be sent", now)
            return len(rows)

    def cancel(self, subscriptions: Iterable[int], reason: str, now: datetime) -> None:
        """What waits for these alone is not sent."""
        with self._store.transaction() as db:
            for subscription in subscriptions:
                rows = db.execute(
                    """SELECT m.id, m.delivery FROM messages m JOIN moved v ON v.delivery = m.delivery
                    WHERE v.subscription = ? AND m.state = 'waiting'
                        AND (SELECT count(*) FROM moved o WHERE o.delivery = m.delivery) = 1""",
                    [subscription],
                ).fetchall()
                self._fail(db, rows, reason, now)

    def drop(self, place: Destination, reason: str, now: datetime) -> None:
        """Nothing reaches this place: a forum topic where `thread` is given, else the whole chat."""
        with self._store.transaction() as db:
            rows = db.execute(
                """SELECT m.id, m.delivery FROM messages m JOIN deliveries d ON d.id = m.delivery
                WHERE m.state = 'waiting' AND d.chat_id = ? AND (? = 0 OR d.thread_id = ?)""",
                [place.chat, place.thread, place.thread],
            ).fetchall()
            self._fail(db, rows, reason, now)

    def _record(self, db: Database, draft: DeliveryDraft, now: datetime) -> None:
        for move in draft.moves:
            if not self._subscriptions.advance(move.subscription, move.after, move.next_at):
                raise ChangedError
        delivery = db.execute(
            """INSERT INTO deliveries (kind, chat_id, thread_id, language, quiet, reply_to, due_at, expires_at,
                local_on, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            [
                *(draft.kind, draft.place.chat, draft.place.thread, draft.language, draft.quiet, draft.reply_to),
                *(to_epoch(draft.due_at), to_epoch(draft.expires_at), draft.local_on, to_epoch(now)),
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
            before, after = move.subscription.cursor, move.after
            served = (to_epoch(before.served.at), before.served.on.isoformat()) if before.served else (None, None)
            db.execute(
                "INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [delivery, move.subscription.id, before.mark, before.history, *served, after.mark, after.history],
            )

    def _fail(self, db: Database, rows: Iterable[tuple[int, int]], error: str, now: datetime) -> None:
        """Where nothing of a delivery arrived, its subscriptions go back to where they were."""
        deliveries = set()
        for id, delivery in rows:
            sql = "UPDATE messages SET state = 'failed', error = ?, changed_at = ? WHERE id = ?"
            db.execute(sql, [error, to_epoch(now), id])
            deliveries.add(delivery)
        for delivery in deliveries:
            sql = "SELECT 1 FROM messages WHERE delivery = ? AND state != 'failed'"
            if not db.execute(sql, [delivery]).fetchone():
                for row in db.execute("SELECT * FROM moved WHERE delivery = ?", [delivery]).fetchall():
                    _, subscription, mark, history, served_at, served_on, new_mark, new_history = row
                    before = read_cursor(mark, history, served_at, served_on)
                    self._subscriptions.rollback_cursor(subscription, before, Cursor(new_mark, new_history))
