"""Feeds that are followed, and what became of their entries: tables of bot.db."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store

MAX_RETRY_INTERVAL = timedelta(days=1)  # between two tries, however often it failed
PATIENCE_SECONDS = 7 * 86_400  # seconds that a server may ask for
MAX_TRIES = 4  # at an entry's page, before the entry's own summary does
JITTER = 0.1  # share of a pause by which feeds are moved apart

EntryStatus = Literal["kept", "refused", "pending"]

feed_migrations = Migrations("feeds")


@feed_migrations()
def m001_feeds(db: Database) -> None:
    db.executescript("""
        CREATE TABLE feeds (
            id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, topic TEXT NOT NULL, every INTEGER NOT NULL,
            links TEXT NOT NULL, title TEXT NOT NULL DEFAULT '', etag TEXT, modified TEXT,
            due INTEGER NOT NULL, fetched INTEGER, failures INTEGER NOT NULL DEFAULT 0, failing_since INTEGER,
            error TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE entries (
            feed INTEGER NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL, tries INTEGER NOT NULL,
            at INTEGER NOT NULL, PRIMARY KEY (feed, key)) WITHOUT ROWID;
    """)


@feed_migrations()
def m002_editions(db: Database) -> None:
    db.execute("ALTER TABLE entries ADD COLUMN edition TEXT NOT NULL DEFAULT ''")


@dataclass(frozen=True, slots=True)
class EntryState:
    """What became of an entry, after how many tries, and in which edition; '' of one from before these were noted."""

    key: str
    outcome: EntryStatus
    tries: int
    edition: str


@dataclass(frozen=True, slots=True)
class Feed:
    """`every` in seconds; `links` a CSS selector for a list page; times in seconds since 1970."""

    id: int
    url: str
    topic: str
    every: int
    links: str
    title: str
    etag: str | None
    modified: str | None
    due: int
    fetched: int | None
    failures: int
    failing_since: int | None
    error: str


class FeedStore:
    """Safe for threads; `path` None is in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def close(self) -> None:
        self._store.close()

    def add(self, url: str, topic: str, every: timedelta, links: str, now: datetime) -> bool:
        """Whether it was new; one that is followed already takes the new topic, pause and selector."""
        with self._store.transaction():
            known = self._store.rows("SELECT 1 FROM feeds WHERE url = ?", [url])
            self._store.write(
                """INSERT INTO feeds (url, topic, every, links, due) VALUES (?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE
                SET topic = excluded.topic, every = excluded.every, links = excluded.links, due = excluded.due""",
                [url, topic, int(every.total_seconds()), links, _seconds(now)],
            )
        return not known

    def remove(self, named: str) -> bool:
        """By address or number. What came in from it stays."""
        with self._store.transaction():
            found = self._store.rows("SELECT id FROM feeds WHERE url = ? OR id = ?", [named, named])
            for row in found:
                self._store.write("DELETE FROM entries WHERE feed = ?", [row["id"]])
                self._store.write("DELETE FROM feeds WHERE id = ?", [row["id"]])
        return bool(found)

    def all(self) -> list[Feed]:
        return [_feed(row) for row in self._store.rows(f"{SELECT} ORDER BY topic, id")]

    def due(self, now: datetime) -> list[Feed]:
        return [_feed(row) for row in self._store.rows(f"{SELECT} WHERE due <= ? ORDER BY due, id", [_seconds(now)])]

    def failing(self) -> list[Feed]:
        return [_feed(row) for row in self._store.rows(f"{SELECT} WHERE failures > 0 ORDER BY failing_since, id")]

    def quiet(self, since: datetime) -> list[Feed]:
        """Those of which nothing came in after that, though they were read."""
        sql = "NOT EXISTS (SELECT 1 FROM entries WHERE feed = feeds.id AND outcome = 'kept' AND at > ?)"
        found = self._store.rows(f"{SELECT} WHERE fetched IS NOT NULL AND {sql} ORDER BY id", [_seconds(since)])
        return [_feed(row) for row in found]

    def dead(self, topic: str, since: datetime) -> bool:
        """Whether a topic has feeds, and all of them have been failing since then or longer."""
        sql = "SELECT count(*) AS feeds, sum(failing_since <= ?) AS failing FROM feeds WHERE topic = ?"
        [row] = self._store.rows(sql, [_seconds(since), topic])
        return bool(row["feeds"]) and row["failing"] == row["feeds"]

    def untold(self, since: datetime) -> list[Feed]:
        """Those failing since then or longer of which the admins were not told; from now on they were."""
        with self._store.transaction():
            sql = f"{SELECT} WHERE failing_since <= ? AND NOT told"
            found = [_feed(row) for row in self._store.rows(sql, [_seconds(since)])]
            self._store.write("UPDATE feeds SET told = 1 WHERE failing_since <= ?", [_seconds(since)])
        return found

    def has_pending(self, feed: Feed) -> bool:
        sql = "SELECT 1 FROM entries WHERE feed = ? AND outcome = 'pending' LIMIT 1"
        return bool(self._store.rows(sql, [feed.id]))

    def known(self, feed: Feed, keys: Sequence[str]) -> dict[str, EntryState]:
        """What became of these entries."""
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT key, outcome, tries, edition FROM entries WHERE feed = ? AND key IN ({marks})"  # noqa: S608
        return {row["key"]: EntryState(**row) for row in self._store.rows(sql, [feed.id, *keys])}

    def succeeded(
        self,
        feed: Feed,
        outcomes: Iterable[EntryState],
        now: datetime,
        *,
        url: str,
        title: str,
        etag: str | None,
        modified: str | None,
    ) -> None:
        """Note, in one transaction, what a visit brought. One that moved to where another is keeps its address."""
        with self._store.transaction() as db:
            db.conn.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)",
                [(feed.id, one.key, one.outcome, one.tries, _seconds(now), one.edition) for one in outcomes],
            )
            due = _seconds(now) + moved_apart(feed.every, feed.id)
            if self._store.rows("SELECT 1 FROM feeds WHERE url = ? AND id <> ?", [url, feed.id]):
                url = feed.url
            self._store.write(
                """UPDATE feeds SET url = ?, title = ?, etag = ?, modified = ?, due = ?, fetched = ?,
                failures = 0, failing_since = NULL, error = '', told = 0 WHERE id = ?""",
                [url, title or feed.title, etag, modified, due, _seconds(now), feed.id],
            )

    def failed(self, feed: Feed, error: str, now: datetime, retry_after: float | None = None) -> None:
        """Twice as long until the next try for each failure, a day at most; as `retry_after` says, a week at most."""
        pause = min(feed.every * 2 ** min(feed.failures, 16), int(MAX_RETRY_INTERVAL.total_seconds()))
        due = _seconds(now) + max(moved_apart(pause, feed.id), int(min(retry_after or 0, PATIENCE_SECONDS)))
        self._store.write(
            """UPDATE feeds SET failures = failures + 1, failing_since = coalesce(failing_since, ?), error = ?, due = ?
            WHERE id = ?""",
            [_seconds(now), error[:300], due, feed.id],
        )


SELECT = """SELECT id, url, topic, every, links, title, etag, modified, due, fetched, failures, failing_since, error
    FROM feeds"""


def moved_apart(pause: int, id: int) -> int:
    """A tenth longer or shorter, the same for a feed each time: those added together are not fetched together."""
    return int(pause * (1 + JITTER * ((id * 7919 % 21) - 10) / 10))


def _feed(row: dict[str, Any]) -> Feed:
    return Feed(**row)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())
