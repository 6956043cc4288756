"""Log of deliveries in bot.db: takes times and places, returns counts, problems and a person's own data."""

from collections import Counter
from datetime import datetime
from typing import Any

from bot.digest.delivery_records import IN_FLIGHT, DeliveryProblem, DeliveryState
from bot.digest.subscription import Destination
from retrieval.storage.store import Store
from retrieval.storage.timestamps import from_epoch, to_epoch

MAX_PROBLEMS = 20


class DeliveryLog:
    def __init__(self, store: Store) -> None:
        self._store = store

    def delivered_range(self, delivery: int) -> dict[int, tuple[int, int]]:
        """By subscription: the delivery's documents came in after the first and up to the second `first_seen`."""
        rows = self._store.rows("SELECT subscription, mark, new_mark FROM moved WHERE delivery = ?", [delivery])
        return {row["subscription"]: (row["mark"], row["new_mark"]) for row in rows}

    def answers_since(self, place: Destination, since: datetime) -> int:
        """The number of immediate answers that were or will be sent to a chat; failed ones do not count."""
        sql = """SELECT count(*) AS count FROM deliveries d WHERE kind = 'answer' AND chat_id = ? AND created_at >= ?
            AND EXISTS (SELECT 1 FROM messages WHERE delivery = d.id AND state != 'failed')"""
        return int(self._store.rows(sql, [place.chat, to_epoch(since)])[0]["count"])

    def last_delivery(self, place: Destination) -> datetime | None:
        sql = """SELECT max(m.changed_at) AS at FROM messages m JOIN deliveries d ON d.id = m.delivery
            WHERE m.state = 'sent' AND d.chat_id = ? AND d.thread_id = ?"""
        [row] = self._store.rows(sql, [place.chat, place.thread])
        return from_epoch(row["at"]) if row["at"] is not None else None

    def counts(self, since: datetime) -> Counter[DeliveryState]:
        """Messages by state: all that wait or are being sent, and those that ended since then."""
        sql = """SELECT state, count(*) AS count FROM messages
            WHERE state IN ('waiting', 'sending') OR changed_at >= ? GROUP BY state"""
        return Counter({row["state"]: row["count"] for row in self._store.rows(sql, [to_epoch(since)])})

    def reached(self, since: datetime) -> tuple[int, int]:
        """The number of chats that got a digest since then, and of these digests."""
        [row] = self._store.rows(
            """SELECT count(DISTINCT chat_id) AS chats, count(*) AS digests FROM deliveries d WHERE kind = 'digest'
            AND EXISTS (SELECT 1 FROM messages WHERE delivery = d.id AND state = 'sent' AND changed_at >= ?)""",
            [to_epoch(since)],
        )
        return row["chats"], row["digests"]

    def problems(self, since: datetime) -> list[DeliveryProblem]:
        rows = self._store.rows(
            """SELECT d.chat_id, d.thread_id, m.state, d.due_at, m.error FROM messages m
            JOIN deliveries d ON d.id = m.delivery WHERE m.state IN ('uncertain', 'failed') AND m.changed_at >= ?
            ORDER BY m.changed_at DESC, m.id DESC LIMIT ?""",
            [to_epoch(since), MAX_PROBLEMS],
        )
        return [
            DeliveryProblem(row["chat_id"], row["thread_id"], row["state"], from_epoch(row["due_at"]), row["error"])
            for row in rows
        ]

    def stuck(self, since: datetime) -> int:
        """The number of messages recorded before `since` that still wait or became uncertain within a day, while no
        message at all was sent after they were due. Those in flight at a kill are reported elsewhere."""
        [row] = self._store.rows(
            """SELECT count(*) AS count FROM messages m JOIN deliveries d ON d.id = m.delivery
            WHERE d.created_at < :since
                AND (m.state = 'waiting' OR (m.state = 'uncertain' AND m.changed_at >= :since - 86400
                    AND m.error != :told))
                AND NOT EXISTS (SELECT 1 FROM messages
                    WHERE state = 'sent' AND changed_at >= iif(m.state = 'waiting', :since, d.created_at))""",
            {"since": to_epoch(since), "told": IN_FLIGHT},
        )
        return int(row["count"])

    def raise_alarm_once(self, alarm: str, now: datetime) -> bool:
        """Whether this alarm is new: it is then noted until `clear_alarm`."""
        return self._store.write("INSERT INTO alarms VALUES (?, ?) ON CONFLICT DO NOTHING", [alarm, to_epoch(now)]) == 1

    def clear_alarm(self, alarm: str) -> None:
        self._store.write("DELETE FROM alarms WHERE name = ?", [alarm])

    def prune(self, before: datetime) -> int:
        """Erases older deliveries, pages and chapters; returns the number of messages. A reader whose chapter is
        erased starts a new history."""
        at = to_epoch(before)
        with self._store.transaction() as db:
            ended = "DELETE FROM messages WHERE changed_at < ? AND state IN ('sent', 'uncertain', 'failed')"
            count = db.execute(ended, [at]).rowcount
            empty = "DELETE FROM deliveries WHERE created_at < ? AND id NOT IN (SELECT delivery FROM messages)"
            db.execute(empty, [at])
            db.execute("DELETE FROM moved WHERE delivery NOT IN (SELECT id FROM deliveries)")
            db.execute("DELETE FROM pages WHERE id NOT IN (SELECT page FROM messages)")
            db.execute("DELETE FROM chapters WHERE created_at < ?", [at])
        return count

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        sql = """SELECT d.kind, d.due_at, d.local_on, m.state, m.changed_at, p.html FROM deliveries d
            JOIN messages m ON m.delivery = d.id JOIN pages p ON p.id = m.page WHERE d.chat_id = ? ORDER BY m.id"""
        return {"deliveries": self._store.rows(sql, [user])}

    def forget(self, user: int) -> int:
        """Also erases the rows of messages that are being sent at this moment and arrive all the same."""
        with self._store.transaction() as db:
            mine = "(SELECT id FROM deliveries WHERE chat_id = ?)"
            db.execute(f"DELETE FROM messages WHERE delivery IN {mine}", [user])  # noqa: S608
            db.execute(f"DELETE FROM moved WHERE delivery IN {mine}", [user])  # noqa: S608
            gone = db.execute("DELETE FROM deliveries WHERE chat_id = ?", [user]).rowcount
            # Pages contain the text of standing questions.
            db.execute("DELETE FROM pages WHERE id NOT IN (SELECT page FROM messages)")
            return gone

    def move(self, chat: int, to: int) -> None:
        self._store.write("UPDATE deliveries SET chat_id = ? WHERE chat_id = ?", [to, chat])

    def left(self, chat: int) -> None:
        """Whoever pauses the chat's subscriptions also drops its waiting messages."""
