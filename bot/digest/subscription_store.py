"""Store of subscriptions in bot.db: adds, finds, changes and pauses them, and advances their cursors."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

from bot.digest.schedule import Schedule
from bot.digest.subscription import (
    MAX_SUBSCRIPTIONS,
    Cursor,
    Destination,
    LimitError,
    PauseReason,
    Subscription,
    SubscriptionKind,
    SubscriptionSpec,
    cursor_columns,
    read_subscription,
)
from bot.render.i18n import Language
from retrieval.storage.store import Store
from retrieval.storage.timestamps import to_epoch


class SubscriptionStore:
    """All methods block on SQLite. Each is one transaction, or part of the one it is called in."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, spec: SubscriptionSpec, next_at: datetime | None, mark: int, now: datetime) -> Subscription:
        """One that exists already gets the new times and keeps its cursor; raises LimitError."""
        place, schedule = spec.place, spec.schedule
        values = [
            *(place.chat, place.thread, spec.user, spec.title, spec.kind, spec.subject, spec.language),
            *(schedule.days, f"{schedule.at:%H:%M}", schedule.zone, spec.quiet, spec.at_once, spec.reply_to),
            *(spec.awaited, mark, to_epoch(next_at), mark, to_epoch(now), to_epoch(now)),
        ]
        with self._store.transaction() as db:
            row = db.execute(
                """INSERT INTO subscriptions (chat_id, thread_id, user_id, title, kind, subject, language, days, at,
                    zone, quiet, at_once, reply_to, awaited, checked, next_at, mark, history, news_at, silence_told,
                    changed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, ?)
                ON CONFLICT (chat_id, thread_id, kind, subject) DO UPDATE SET user_id = excluded.user_id,
                    title = excluded.title, language = excluded.language, days = excluded.days, at = excluded.at,
                    zone = excluded.zone, quiet = excluded.quiet, at_once = excluded.at_once,
                    reply_to = coalesce(excluded.reply_to, reply_to), next_at = excluded.next_at,
                    checked = max(checked, excluded.checked), paused = NULL, changed_at = excluded.changed_at
                RETURNING id""",
                values,
            ).fetchone()
            (count,) = db.execute("SELECT count(*) FROM subscriptions WHERE chat_id = ?", [place.chat]).fetchone()
            if count > MAX_SUBSCRIPTIONS:
                raise LimitError
            [added] = self._where("id = ?", row[0])
        return added

    def get(self, id: int) -> Subscription | None:
        return next(iter(self._where("id = ?", id)), None)

    def at(self, place: Destination) -> list[Subscription]:
        return self._where("chat_id = ? AND thread_id = ? ORDER BY id", place.chat, place.thread)

    def same(self, place: Destination, kind: SubscriptionKind, subject: str) -> Subscription | None:
        clause = "chat_id = ? AND thread_id = ? AND kind = ? AND subject = ?"
        return next(iter(self._where(clause, place.chat, place.thread, kind, subject)), None)

    def in_channels(self, user: int) -> list[Subscription]:
        return self._where("user_id = ? AND title != '' ORDER BY id", user)

    def reschedule(self, id: int, schedule: Schedule, next_at: datetime | None, now: datetime) -> None:
        sql = "UPDATE subscriptions SET days = ?, at = ?, zone = ?, next_at = ?, changed_at = ? WHERE id = ?"
        at = f"{schedule.at:%H:%M}"
        self._store.write(sql, [schedule.days, at, schedule.zone, to_epoch(next_at), to_epoch(now), id])

    def put_off(self, id: int, planned: datetime | None, next_at: datetime | None) -> None:
        """Replaces the planned time, unless it was changed meanwhile."""
        sql = "UPDATE subscriptions SET next_at = ? WHERE id = ? AND next_at IS ?"
        self._store.write(sql, [to_epoch(next_at), id, to_epoch(planned)])

    def set_quiet(self, id: int, quiet: bool) -> None:
        self._store.write("UPDATE subscriptions SET quiet = ? WHERE id = ?", [quiet, id])

    def set_language(self, chat: int, language: Language) -> None:
        self._store.write("UPDATE subscriptions SET language = ? WHERE chat_id = ?", [language, chat])

    def set_at_once(self, id: int, at_once: bool, checked: int) -> None:
        sql = "UPDATE subscriptions SET at_once = ?, checked = max(checked, ?) WHERE id = ?"
        self._store.write(sql, [at_once, checked, id])

    def pause(self, id: int, reason: PauseReason) -> None:
        """One that is paused already keeps its reason: a pause that somebody asked for does not end by itself."""
        self._store.write("UPDATE subscriptions SET paused = ? WHERE id = ? AND paused IS NULL", [reason, id])

    def pause_place(self, place: Destination, reason: PauseReason) -> None:
        """All of a forum topic where `thread` is given, else of the whole chat."""
        sql = "UPDATE subscriptions SET paused = ? WHERE chat_id = ? AND ? IN (0, thread_id) AND paused IS NULL"
        self._store.write(sql, [reason, place.chat, place.thread])

    def paused(self, place: Destination, reasons: Collection[PauseReason]) -> list[Subscription]:
        paused = self._where("chat_id = ? AND ? IN (0, thread_id) AND paused IS NOT NULL", place.chat, place.thread)
        return [one for one in paused if one.paused in reasons]

    def resume(self, id: int, next_at: datetime | None) -> None:
        self._store.write("UPDATE subscriptions SET paused = NULL, next_at = ? WHERE id = ?", [to_epoch(next_at), id])

    def delete(self, id: int) -> None:
        self._store.write("DELETE FROM subscriptions WHERE id = ?", [id])

    def move(self, chat: int, to: int) -> None:
        """A group has become a supergroup; where both have a subscription, the old one is kept."""
        with self._store.transaction() as db:
            db.execute(
                """DELETE FROM subscriptions WHERE chat_id = :to AND (thread_id, kind, subject) IN
                (SELECT thread_id, kind, subject FROM subscriptions WHERE chat_id = :chat)""",
                {"chat": chat, "to": to},
            )
            db.execute("UPDATE subscriptions SET chat_id = ? WHERE chat_id = ?", [to, chat])

    def left(self, chat: int) -> None:
        self.pause_place(Destination(chat), "kicked")

    def due(self, now: datetime) -> list[Subscription]:
        """The longest overdue first, by place and time."""
        return self._where("paused IS NULL AND next_at <= ? ORDER BY next_at, chat_id, thread_id, id", to_epoch(now))

    def unchecked(self, last_seen: int, limit: int) -> list[Subscription]:
        """Standing questions for immediate answers that were not yet searched for in the newest documents."""
        clause = "at_once AND paused IS NULL AND checked < ? ORDER BY subject, checked, id LIMIT ?"
        return self._where(clause, last_seen, limit)

    def mark_checked(self, id: int, last_seen: int) -> None:
        self._store.write("UPDATE subscriptions SET checked = max(checked, ?) WHERE id = ?", [last_seen, id])

    def advance(self, one: Subscription, cursor: Cursor, next_at: datetime | None) -> bool:
        """Sets cursor and time of a subscription; False where it was changed since it was read."""
        sql = """UPDATE subscriptions SET mark = ?, history = ?, served_at = ?, served_on = ?, next_at = ?
            WHERE id = ? AND next_at IS ? AND mark = ? AND history = ? AND paused IS NULL"""
        unchanged = (one.id, to_epoch(one.next_at), one.cursor.mark, one.cursor.history)
        return self._store.write(sql, [*cursor_columns(cursor), to_epoch(next_at), *unchanged]) == 1

    def record_news_time(self, id: int, news_at: datetime, silence_told: bool) -> None:
        sql = "UPDATE subscriptions SET news_at = ?, silence_told = ? WHERE id = ?"
        self._store.write(sql, [to_epoch(news_at), silence_told, id])

    def rollback_cursor(self, id: int, before: Cursor, after: Cursor) -> None:
        """After a delivery that certainly failed: its documents are news again, and its date is not served."""
        sql = """UPDATE subscriptions SET mark = min(mark, ?), history = ?, served_at = ?, served_on = ?
            WHERE id = ? AND mark = ? AND history = ?"""
        self._store.write(sql, [*cursor_columns(before), id, after.mark, after.history])

    def count(self) -> Counter[str]:
        """By PauseReason, and 'active'."""
        sql = "SELECT coalesce(paused, 'active') AS state, count(*) AS count FROM subscriptions GROUP BY 1"
        return Counter({row["state"]: row["count"] for row in self._store.rows(sql)})

    def chats(self) -> int:
        sql = "SELECT count(DISTINCT chat_id) AS chats FROM subscriptions WHERE paused IS NULL"
        return int(self._store.rows(sql)[0]["chats"])

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        sql = "SELECT * FROM subscriptions WHERE user_id = :user OR chat_id = :user ORDER BY id"
        return {"subscriptions": self._store.rows(sql, {"user": user})}

    def forget(self, user: int) -> int:
        """Deletes a person's own; those that they set up for groups and channels stay, without the person's id."""
        with self._store.transaction() as db:
            gone = db.execute("DELETE FROM subscriptions WHERE chat_id = ?", [user]).rowcount
            return gone + db.execute("UPDATE subscriptions SET user_id = NULL WHERE user_id = ?", [user]).rowcount

    def _where(self, clause: str, *values: object) -> list[Subscription]:
        rows = self._store.rows(f"SELECT * FROM subscriptions WHERE {clause}", values)  # noqa: S608  # our own clauses
        return [read_subscription(row) for row in rows]
