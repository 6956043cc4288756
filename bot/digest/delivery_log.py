"""What became of deliveries, in bot.db: for readers, for who runs the bot, and one's own data."""

from datetime import datetime
from typing import Any

from bot.digest.delivery_records import IN_FLIGHT, DeliveryProblem, DeliveryState
from bot.digest.subscription import Destination
from retrieval.storage.store import Store
from retrieval.storage.timestamps import from_epoch, to_epoch

MAX_ALERTS = 20  # uncertain and failed messages that are listed


class DeliveryLog:
    def __init__(self, store: Store) -> None:
        self._store = store

    def delivered_range(self, delivery: int) -> dict[int, tuple[int, int]]:
        """By subscription: what a delivery was about came in after the first and up to the second `first_seen`."""
        rows = self._store.rows("SELECT subscription, mark, new_mark FROM moved WHERE delivery = ?", [delivery])
        return {row["subscription"]: (row["mark"], row["new_mark"]) for row in rows}

    def answers_since(self, place: Destination, since: datetime) -> int:
        """Answers at once that went, or are going, to a chat; those that failed do not count."""
        sql = """SELECT count(*) AS count FROM deliveries d WHERE kind = 'answer' AND chat_id = ? AND created_at >= ?
            AND EXISTS (SELECT 1 FROM messages WHERE delivery = d.id AND state != 'failed')"""
        return int(self._store.rows(sql, [place.chat, to_epoch(since)])[0]["count"])

    def last_delivery(self, place: Destination) -> datetime | None:
        sql = """SELECT max(m.changed_at) AS at FROM messages m JOIN deliveries d ON d.id = m.delivery
            WHERE m.state = 'sent' AND d.chat_id = ? AND d.thread_id = ?"""
        [row] = self._store.rows(sql, [place.chat, place.thread])
        return from_epoch(row["at"]) if row["at"] is not None else None

    def counts(self, since: datetime) -> dict[DeliveryState, int]:
        """What waits or is being sent, and what came to an end since then."""
        sql = """SELECT state, count(*) AS count FROM messages
            WHERE state IN ('waiting', 'sending') OR changed_at >= ? GROUP BY state"""
        return {row["state"]: row["count"] for row in self._store.rows(sql, [to_epoch(since)])}

    def reached(self, since: datetime) -> tuple[int, int]:
        """Chats that got a digest since then, and how many digests these were."""
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
            [to_epoch(since), MAX_ALERTS],
        )
        return [
            DeliveryProblem(row["chat_id"], row["thread_id"], row["state"], from_epoch(row["due_at"]), row["error"])
            for row in rows
        ]

    def stuck(self, since: datetime) -> int:
        """Messages of before then that still wait, or of which in a day it is unknown whether they arrived, while
        none at all has gone out since they were to. What was in flight at a kill is told at once."""
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
        """Whether an alarm is new: it is then noted until it is `calm`."""
        return self._store.write("INSERT INTO alarms VALUES (?, ?) ON CONFLICT DO NOTHING", [alarm, to_epoch(now)]) == 1

    def clear_alarm(self, alarm: str) -> None:
        self._store.write("DELETE FROM alarms WHERE name = ?", [alarm])

    def prune(self, before: datetime) -> int:
        """Erases deliveries, texts and chapters of longer ago; how many messages there were. Whoever is still told from
        there begins a new history."""
        with self._store.transaction() as db:
            changes = [
                db.execute(sql, {"at": to_epoch(before)}).rowcount
                for sql in (
                    """DELETE FROM messages WHERE changed_at < :at AND state IN ('sent', 'uncertain', 'failed')""",
                    """DELETE FROM deliveries WHERE created_at < :at AND id NOT IN (SELECT delivery FROM messages)""",
                    """DELETE FROM moved WHERE delivery NOT IN (SELECT id FROM deliveries)""",
                    """DELETE FROM pages WHERE id NOT IN (SELECT page FROM messages)""",
                    """DELETE FROM chapters WHERE created_at < :at""",
                )
            ]
        return changes[0]

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        sql = """SELECT d.kind, d.due_at, d.local_on, m.state, m.changed_at, p.html FROM deliveries d
            JOIN messages m ON m.delivery = d.id JOIN pages p ON p.id = m.page WHERE d.chat_id = ? ORDER BY m.id"""
        return {"deliveries": self._store.rows(sql, [user])}

    def forget(self, user: int) -> int:
        """What is being sent at this moment cannot be taken back, and its row goes too."""
        with self._store.transaction() as db:
            mine = "(SELECT id FROM deliveries WHERE chat_id = ?)"
            db.execute(f"DELETE FROM messages WHERE delivery IN {mine}", [user])  # noqa: S608
            db.execute(f"DELETE FROM moved WHERE delivery IN {mine}", [user])  # noqa: S608
            gone = db.execute("DELETE FROM deliveries WHERE chat_id = ?", [user]).rowcount
            # A page may have the words of a standing question.
            db.execute("DELETE FROM pages WHERE id NOT IN (SELECT page FROM messages)")
            return gone

    def move(self, chat: int, to: int) -> None:
        self._store.write("UPDATE deliveries SET chat_id = ? WHERE chat_id = ?", [to, chat])

    def left(self, chat: int) -> None:
        """What waits for the chat is given up with the pause of its subscriptions, by whoever pauses them."""
