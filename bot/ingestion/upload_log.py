"""The upload log in bot.db: what an upload added and changed goes in, and comes out once to undo it."""

import json
from collections.abc import Sequence
from datetime import datetime

from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store
from retrieval.storage.timestamps import to_epoch

upload_migrations = Migrations("uploads")


@upload_migrations()
def m001_uploads(db: Database) -> None:
    db.table("uploads").create({"id": int, "at": int, "documents": str}, pk="id")


@upload_migrations()
def m002_before(db: Database) -> None:
    db.execute("ALTER TABLE uploads ADD COLUMN before TEXT NOT NULL DEFAULT ''")


class UploadLog:
    def __init__(self, store: Store) -> None:
        self._store = store

    def close(self) -> None:
        self._store.close()

    def add(self, documents: Sequence[str], before: str, now: datetime) -> int:
        """The upload's number; `documents` are the ids of new ones, `before` the earlier versions of changed ones."""
        with self._store.transaction() as db:
            sql = "INSERT INTO uploads (at, documents, before) VALUES (?, ?, ?)"
            db.conn.execute(sql, [to_epoch(now), json.dumps(list(documents)), before])
            return int(db.conn.execute("SELECT last_insert_rowid()").fetchone()[0])

    def expire(self, before: datetime) -> int:
        return self._store.write("DELETE FROM uploads WHERE at < ?", [to_epoch(before)])

    def take(self, upload: int) -> tuple[list[str], str]:
        """The new documents and the earlier versions; empty the second time."""
        with self._store.transaction():
            rows = self._store.rows("SELECT documents, before FROM uploads WHERE id = ?", [upload])
            self._store.write("DELETE FROM uploads WHERE id = ?", [upload])
        ids = [str(id) for row in rows for id in json.loads(row["documents"])]
        return ids, "".join(row["before"] for row in rows)
