"""The table of the inbox in bot.db: updates as JSON go in, those that are not done come back out. All methods block."""

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store

KEEP_DONE_IDS = timedelta(hours=48)  # Telegram delivers an update again for 24 hours
FORGET_PAUSE = timedelta(minutes=1)
UNREADABLE = -1  # `tries` of an update that was put aside unread
INSERT_UPDATE = "INSERT INTO inbox (id, received, content, tries) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
# Also what the disk did not take: Telegram may deliver it again.
STRIKE_UPDATE = """INSERT INTO inbox (id, received, done) VALUES (?1, ?2, ?2)
    ON CONFLICT (id) DO UPDATE SET done = excluded.done, content = NULL"""

inbox_migrations = Migrations("inbox")


@inbox_migrations()
def m001_inbox(db: Database) -> None:
    """`content` is the update's JSON until it is done; `tries` counts handlers that have begun and not ended.

    UNREADABLE in `tries` marks what was put aside unread.
    """
    inbox = db.table("inbox")
    inbox.create({"id": int, "received": float, "content": str, "tries": int, "done": float}, pk="id")
    inbox.create_index(["done"])


class InboxTable:
    def __init__(self, store: Store) -> None:
        self.store = store
        self._forgot = datetime.min.replace(tzinfo=UTC)  # when it last erased the ids that are too old

    def keep(self, contents: Mapping[int, str], now: datetime, begun: Collection[int] = ()) -> set[int]:
        """Returns the ids of those that are new. Those that have `begun` have their first attempt counted with it."""
        rows = {id: [id, now.timestamp(), content, int(id in begun)] for id, content in contents.items()}
        with self.store.transaction() if len(rows) > 1 else nullcontext():
            return {id for id, row in rows.items() if self.store.write(INSERT_UPDATE, row)}

    def put_aside(self, number: int, content: str, now: datetime) -> int:
        """Keeps what cannot be read; 0 where it is there already."""
        return self.store.write(INSERT_UPDATE, [number, now.timestamp(), content, UNREADABLE])

    def begin(self, number: int) -> int:
        """A power cut may undo it."""
        return self.store.write("UPDATE inbox SET tries = tries + 1 WHERE id = ?", [number], lasting=False)

    def forgive(self, number: int) -> int:
        return self.store.write("UPDATE inbox SET tries = 0 WHERE id = ?", [number])

    def pending(self) -> list[dict[str, Any]]:
        return self.store.rows("SELECT id, received, content, tries FROM inbox WHERE done IS NULL ORDER BY id")

    def strike(self, ids: Collection[int], now: datetime) -> bool:
        """Marks all of them as done, or none. A power cut may undo it."""
        rows, forgets = [(number, now.timestamp()) for number in ids], now - self._forgot >= FORGET_PAUSE
        if len(rows) == 1 and not forgets:
            self.store.write(STRIKE_UPDATE, rows[0], lasting=False)
            return True
        with self.store.transaction(lasting=False) as db:
            db.conn.executemany(STRIKE_UPDATE, rows)
            db.conn.execute("DELETE FROM inbox WHERE done < ?", [(now - KEEP_DONE_IDS).timestamp()])
        self._forgot = now
        return True

    def expire(self, before: datetime) -> int:
        """Erases updates received earlier and never answered, such as unreadable ones; returns how many."""
        return self.store.write("DELETE FROM inbox WHERE received < ? AND done IS NULL", [before.timestamp()])
