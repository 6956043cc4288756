"""The feeds followed, in tables of bot.db: feeds and the outcomes of visits go in, feeds that are due come out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store

DEFAULT_INTERVAL = timedelta(minutes=30)  # between visits of a feed
MAX_RETRY_INTERVAL = timedelta(days=1)  # however often it failed
MAX_RETRY_AFTER_SECONDS = 7 * 86_400  # that a server may ask for
MAX_TRIES = 4  # at an entry's page, before the entry's own summary is taken
JITTER_SHARE = 0.1  # of a pause

SELECT_FEEDS = """SELECT id, url, topic, every, links, title, etag, modified, due, fetched, failures, failing_since,
    error FROM feeds"""

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
    """`edition` is '' for entries from before it was recorded; `at` is the last look, in seconds since 1970."""

    key: str
    outcome: EntryStatus
    tries: int
    edition: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """`every` is in seconds, times in seconds since 1970; `links` is the CSS selector of a list page, or ''."""

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


class FeedRegistry:
    """Safe for threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def close(self) -> None:
        self._store.close()

    def add(self, url: str, topic: str, every: timedelta, links: str, now: datetime) -> bool:
        """Whether it was new; a feed that is followed already gets the new topic, pause and selector."""
        with self._store.transaction():
            known = self._store.rows("SELECT 1 FROM feeds WHERE url = ?", [url])
            self._store.write(
                """INSERT INTO feeds (url, topic, every, links, due) VALUES (?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE
                SET topic = excluded.topic, every = excluded.every, links = excluded.links, due = excluded.due""",
                [url, topic, int(every.total_seconds()), links, _epoch(now)],
            )
        return not known

    def remove(self, feed: str) -> bool:
        """By URL or number; its documents stay. Whether there was one."""
        with self._store.transaction():
            rows = self._store.rows("SELECT id FROM feeds WHERE url = ? OR id = ?", [feed, feed])
            for row in rows:
                self._store.write("DELETE FROM entries WHERE feed = ?", [row["id"]])
                self._store.write("DELETE FROM feeds WHERE id = ?", [row["id"]])
        return bool(rows)

    def find(self, url: str) -> Feed | None:
        return next(iter(self._select("WHERE url = ?", url)), None)

    def all(self) -> list[Feed]:
        return self._select("ORDER BY topic, id")

    def due(self, now: datetime) -> list[Feed]:
        return self._select("WHERE due <= ? ORDER BY due, id", _epoch(now))

    def failing(self) -> list[Feed]:
        return self._select("WHERE failures > 0 ORDER BY failing_since, id")

    def idle(self, since: datetime) -> list[Feed]:
        """Feeds that were fetched but yielded nothing since then."""
        sql = "NOT EXISTS (SELECT 1 FROM entries WHERE feed = feeds.id AND outcome = 'kept' AND at > ?)"
        return self._select(f"WHERE fetched IS NOT NULL AND {sql} ORDER BY id", _epoch(since))

    def all_failing(self, topic: str, since: datetime) -> bool:
        """Whether a topic has feeds, and all of them have been failing since then or longer."""
        sql = "SELECT count(*) AS feeds, sum(failing_since <= ?) AS failing FROM feeds WHERE topic = ?"
        [row] = self._store.rows(sql, [_epoch(since), topic])
        return bool(row["feeds"]) and row["failing"] == row["feeds"]

    def take_unreported(self, since: datetime) -> list[Feed]:
        """Feeds failing since then or longer that were not reported to the admins; marks them as reported."""
        with self._store.transaction():
            feeds = self._select("WHERE failing_since <= ? AND NOT told", _epoch(since))
            self._store.write("UPDATE feeds SET told = 1 WHERE failing_since <= ?", [_epoch(since)])
        return feeds

    def has_pending(self, feed: Feed) -> bool:
        sql = "SELECT 1 FROM entries WHERE feed = ? AND outcome = 'pending' LIMIT 1"
        return bool(self._store.rows(sql, [feed.id]))

    def entry_states(self, feed: Feed, keys: Sequence[str]) -> dict[str, EntryState]:
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT key, outcome, tries, edition, at FROM entries WHERE feed = ? AND key IN ({marks})"  # noqa: S608
        return {row["key"]: EntryState(**row) for row in self._store.rows(sql, [feed.id, *keys])}

    def record_success(
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
        """Record a visit in one transaction. A feed that moved to another feed's URL keeps its own."""
        with self._store.transaction() as db:
            db.conn.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)",
                [(feed.id, one.key, one.outcome, one.tries, _epoch(now), one.edition) for one in outcomes],
            )
            due = _epoch(now) + jitter(feed.every, feed.id)
            if self._store.rows("SELECT 1 FROM feeds WHERE url = ? AND id <> ?", [url, feed.id]):
                url = feed.url
            self._store.write(
                """UPDATE feeds SET url = ?, title = ?, etag = ?, modified = ?, due = ?, fetched = ?,
                failures = 0, failing_since = NULL, error = '', told = 0 WHERE id = ?""",
                [url, title or feed.title, etag, modified, due, _epoch(now), feed.id],
            )

    def record_failure(self, feed: Feed, error: str, now: datetime, retry_after: float | None = None) -> None:
        """Double the pause with each failure, up to a day, or wait as `retry_after` says (seconds), up to a week."""
        pause = min(feed.every * 2 ** min(feed.failures, 16), int(MAX_RETRY_INTERVAL.total_seconds()))
        due = _epoch(now) + max(jitter(pause, feed.id), int(min(retry_after or 0, MAX_RETRY_AFTER_SECONDS)))
        self._store.write(
            """UPDATE feeds SET failures = failures + 1, failing_since = coalesce(failing_since, ?), error = ?, due = ?
            WHERE id = ?""",
            [_epoch(now), error[:300], due, feed.id],
        )

    def _select(self, clause: str, *values: str | int) -> list[Feed]:
        return [Feed(**row) for row in self._store.rows(f"{SELECT_FEEDS} {clause}", [*values])]


def jitter(pause: int, id: int) -> int:
    """`pause` changed by up to a tenth, always the same for a feed: feeds added together are fetched apart."""
    return int(pause * (1 + JITTER_SHARE * ((id * 7919 % 21) - 10) / 10))


def _epoch(time: datetime) -> int:
    return int(time.timestamp())
