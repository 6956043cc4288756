"""What is to be delivered and what became of it, in bot.db beside the subscriptions it moves on.

A delivery is one or more messages to one place. A message is `waiting`, then `sending` from before the request is
written until Telegram's answer is, then for good `sent`, `uncertain` (it may have gone through: never repeated) or
`failed`. What is `sending` when the process starts was in flight when it was killed.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlite_utils import Database

from bot.catalogue import Language
from bot.database import Store
from bot.subscriptions import Place, Progress, Subscription, Subscriptions, epoch, migrations, moment, progress

ALERTS = 20  # uncertain and failed messages that are listed

State = Literal["waiting", "sending", "sent", "uncertain", "failed"]
Kind = Literal["digest", "answer"]


@migrations()
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
class Told:
    """What a reader was told of a document, so that nothing is told twice."""

    document: str
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """A subscription as it was read, and where the delivery takes it."""

    subscription: Subscription
    after: Progress
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A delivery to be recorded; `local_on` is the date it is for."""

    kind: Kind
    place: Place
    language: Language
    quiet: bool
    due_at: datetime
    expires_at: datetime
    local_on: str
    pages: Sequence[str]
    moves: Sequence[Move]
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message of a delivery; `last` of its parts has the buttons, for these subscriptions."""

    id: int
    delivery: int
    kind: Kind
    place: Place
    language: Language
    quiet: bool
    reply_to: int | None
    html: str
    part: int
    last: bool
    attempts: int
    subscriptions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A message that the admins are to know of."""

    chat: int
    thread: int
    state: State
    due_at: datetime
    error: str


class ChangedError(Exception):
    """A subscription is no longer as it was read: whoever planned for it plans anew."""


class Outbox:
    """Its methods block on SQLite, and each is one transaction: what it says has happened is on the disk."""

    def __init__(self, store: Store, subscriptions: Subscriptions) -> None:
        self._store = store
        self._subscriptions = subscriptions

    def record(self, drafts: Iterable[Draft], now: datetime) -> int:
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

    def chapter(self, before: int, told: Sequence[Told], now: datetime) -> int:
        """The chapter that says this after that one: readers who were told the same share it."""
        written = json.dumps([[one.document, one.text] for one in told], ensure_ascii=False)
        with self._store.transaction() as db:
            sql = "INSERT INTO chapters (before, told, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            db.execute(sql, [before, written, epoch(now)])
            sql = "SELECT id FROM chapters WHERE before = ? AND told = ?"
            return int(db.execute(sql, [before, written]).fetchone()[0])

    def told(self, chapter: int, limit: int) -> list[Told]:
        """What was told up to this chapter, the latest `limit` chapters of it."""
        rows = self._store.rows(
            """WITH RECURSIVE back (id, before, told, depth) AS (
                SELECT id, before, told, 1 FROM chapters WHERE id = :chapter
                UNION ALL SELECT c.id, c.before, c.told, depth + 1 FROM chapters c JOIN back ON c.id = back.before
                    WHERE depth < :limit)
            SELECT told FROM back""",
            {"chapter": chapter, "limit": limit},
        )
        return [Told(*one) for row in rows for one in json.loads(row["told"])]

    def recover(self, now: datetime) -> int:
        """At the start: what was in flight may have arrived. It is listed and not sent again."""
        sql = """UPDATE messages SET state = 'uncertain', error = 'in flight when the process ended', changed_at = ?
            WHERE state = 'sending'"""
        return self._store.write(sql, [epoch(now)])

    def ready(self, now: datetime, limit: int) -> list[Outgoing]:
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
            {"now": epoch(now), "limit": limit},
        )
        first = {row["chat_id"]: row for row in reversed(rows)}
        return [_outgoing(row) for row in rows if first[row["chat_id"]] is row]

    def next_attempt(self) -> datetime | None:
        [row] = self._store.rows("SELECT min(not_before) AS at FROM messages WHERE state = 'waiting'")
        return moment(row["at"]) if row["at"] is not None else None

    def claim(self, id: int, now: datetime) -> bool:
        """The last step before the request is written; False where the message is not waiting any more."""
        sql = """UPDATE messages SET state = 'sending', attempts = attempts + 1, changed_at = ?
            WHERE id = ? AND state = 'waiting'"""
        return self._store.write(sql, [epoch(now), id]) == 1

    def sent(self, id: int, message_id: int, now: datetime) -> None:
        sql = "UPDATE messages SET state = 'sent', message_id = ?, error = '', changed_at = ? WHERE id = ?"
        self._store.write(sql, [message_id, epoch(now), id])

    def uncertain(self, id: int, error: str, now: datetime) -> None:
        sql = "UPDATE messages SET state = 'uncertain', error = ?, changed_at = ? WHERE id = ?"
        self._store.write(sql, [error, epoch(now), id])

    def again(self, id: int, not_before: datetime, error: str, now: datetime) -> None:
        """It was surely not sent, and may be once more."""
        sql = "UPDATE messages SET state = 'waiting', not_before = ?, error = ?, changed_at = ? WHERE id = ?"
        self._store.write(sql, [epoch(not_before), error, epoch(now), id])

    def failed(self, id: int, error: str, now: datetime) -> None:
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
                [epoch(now)],
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

    def drop(self, place: Place, reason: str, now: datetime) -> None:
        """Nothing reaches this place: a forum topic where `thread` is given, else the whole chat."""
        with self._store.transaction() as db:
            rows = db.execute(
                """SELECT m.id, m.delivery FROM messages m JOIN deliveries d ON d.id = m.delivery
                WHERE m.state = 'waiting' AND d.chat_id = ? AND (? = 0 OR d.thread_id = ?)""",
                [place.chat, place.thread, place.thread],
            ).fetchall()
            self._fail(db, rows, reason, now)

    def once(self, alarm: str, now: datetime) -> bool:
        """Whether an alarm is new: it is then noted until it is `calm`."""
        return self._store.write("INSERT INTO alarms VALUES (?, ?) ON CONFLICT DO NOTHING", [alarm, epoch(now)]) == 1

    def calm(self, alarm: str) -> None:
        self._store.write("DELETE FROM alarms WHERE name = ?", [alarm])

    def stuck(self, since: datetime) -> int:
        """Messages that wait since before then, while none at all went out after it."""
        [row] = self._store.rows(
            """SELECT count(*) AS count FROM messages m JOIN deliveries d ON d.id = m.delivery
            WHERE m.state = 'waiting' AND d.created_at < :since
                AND NOT EXISTS (SELECT 1 FROM messages WHERE state = 'sent' AND changed_at >= :since)""",
            {"since": epoch(since)},
        )
        return int(row["count"])

    def span(self, delivery: int) -> dict[int, tuple[int, int]]:
        """By subscription: what a delivery was about came in after the first and up to the second `first_seen`."""
        rows = self._store.rows("SELECT subscription, mark, new_mark FROM moved WHERE delivery = ?", [delivery])
        return {row["subscription"]: (row["mark"], row["new_mark"]) for row in rows}

    def answers_since(self, place: Place, since: datetime) -> int:
        """Answers at once that went, or are going, to a chat; those that failed do not count."""
        sql = """SELECT count(*) AS count FROM deliveries d WHERE kind = 'answer' AND chat_id = ? AND created_at >= ?
            AND EXISTS (SELECT 1 FROM messages WHERE delivery = d.id AND state != 'failed')"""
        return int(self._store.rows(sql, [place.chat, epoch(since)])[0]["count"])

    def last_delivery(self, place: Place) -> datetime | None:
        sql = """SELECT max(m.changed_at) AS at FROM messages m JOIN deliveries d ON d.id = m.delivery
            WHERE m.state = 'sent' AND d.chat_id = ? AND d.thread_id = ?"""
        [row] = self._store.rows(sql, [place.chat, place.thread])
        return moment(row["at"]) if row["at"] is not None else None

    def counts(self, since: datetime) -> dict[State, int]:
        """What waits or is being sent, and what came to an end since then."""
        sql = """SELECT state, count(*) AS count FROM messages
            WHERE state IN ('waiting', 'sending') OR changed_at >= ? GROUP BY state"""
        return {row["state"]: row["count"] for row in self._store.rows(sql, [epoch(since)])}

    def troubles(self, since: datetime) -> list[Trouble]:
        rows = self._store.rows(
            """SELECT d.chat_id, d.thread_id, m.state, d.due_at, m.error FROM messages m
            JOIN deliveries d ON d.id = m.delivery WHERE m.state IN ('uncertain', 'failed') AND m.changed_at >= ?
            ORDER BY m.changed_at DESC, m.id DESC LIMIT ?""",
            [epoch(since), ALERTS],
        )
        return [
            Trouble(row["chat_id"], row["thread_id"], row["state"], moment(row["due_at"]), row["error"]) for row in rows
        ]

    def prune(self, before: datetime) -> None:
        """Deliveries, texts and chapters of longer ago; whoever is still told from there begins a new history."""
        with self._store.transaction() as db:
            for sql in (
                """DELETE FROM messages WHERE changed_at < :at AND state IN ('sent', 'uncertain', 'failed')""",
                """DELETE FROM deliveries WHERE created_at < :at AND id NOT IN (SELECT delivery FROM messages)""",
                """DELETE FROM moved WHERE delivery NOT IN (SELECT id FROM deliveries)""",
                """DELETE FROM pages WHERE id NOT IN (SELECT page FROM messages)""",
                """DELETE FROM chapters WHERE created_at < :at""",
            ):
                db.execute(sql, {"at": epoch(before)})

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
            return db.execute("DELETE FROM deliveries WHERE chat_id = ?", [user]).rowcount

    def move(self, chat: int, to: int) -> None:
        self._store.write("UPDATE deliveries SET chat_id = ? WHERE chat_id = ?", [to, chat])

    def left(self, chat: int) -> None:
        """What waits for the chat is given up with the pause of its subscriptions, by whoever pauses them."""

    def _record(self, db: Database, draft: Draft, now: datetime) -> None:
        for move in draft.moves:
            if not self._subscriptions.advance(move.subscription, move.after, move.next_at):
                raise ChangedError
        delivery = db.execute(
            """INSERT INTO deliveries (kind, chat_id, thread_id, language, quiet, reply_to, due_at, expires_at,
                local_on, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            [
                *(draft.kind, draft.place.chat, draft.place.thread, draft.language, draft.quiet, draft.reply_to),
                *(epoch(draft.due_at), epoch(draft.expires_at), draft.local_on, epoch(now)),
            ],
        ).fetchone()[0]
        for part, html in enumerate(draft.pages):
            db.execute("INSERT INTO pages (html) VALUES (?) ON CONFLICT DO NOTHING", [html])
            db.execute(
                """INSERT INTO messages (delivery, part, page, state, attempts, not_before, error, changed_at)
                VALUES (?, ?, (SELECT id FROM pages WHERE html = ?), 'waiting', 0, ?, '', ?)""",
                [delivery, part, html, epoch(now), epoch(now)],
            )
        for move in draft.moves:
            before, after = move.subscription.progress, move.after
            served = (epoch(before.served.at), before.served.on.isoformat()) if before.served else (None, None)
            db.execute(
                "INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [delivery, move.subscription.id, before.mark, before.history, *served, after.mark, after.history],
            )

    def _fail(self, db: Database, rows: Iterable[tuple[int, int]], error: str, now: datetime) -> None:
        """Where nothing of a delivery arrived, its subscriptions go back to where they were."""
        deliveries = set()
        for id, delivery in rows:
            sql = "UPDATE messages SET state = 'failed', error = ?, changed_at = ? WHERE id = ?"
            db.execute(sql, [error, epoch(now), id])
            deliveries.add(delivery)
        for delivery in deliveries:
            sql = "SELECT 1 FROM messages WHERE delivery = ? AND state != 'failed'"
            if not db.execute(sql, [delivery]).fetchone():
                for row in db.execute("SELECT * FROM moved WHERE delivery = ?", [delivery]).fetchall():
                    _, subscription, mark, history, served_at, served_on, new_mark, new_history = row
                    before = progress(mark, history, served_at, served_on)
                    self._subscriptions.give_back(subscription, before, Progress(new_mark, new_history))


def _outgoing(row: dict[str, Any]) -> Outgoing:
    return Outgoing(
        row["id"],
        row["delivery"],
        row["kind"],
        Place(row["chat_id"], row["thread_id"]),
        row["language"],
        bool(row["quiet"]),
        row["reply_to"],
        row["html"],
        row["part"],
        bool(row["last"]),
        row["attempts"],
        tuple(json.loads(row["subscriptions"])),
    )
