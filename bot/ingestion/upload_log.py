"""What an administrator sent in, in bot.db: so that it can be taken back, also after a restart."""

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
        """The upload's number; `documents` are the ids of those that were new, `before` what changed as it was."""
        with self._store.transaction() as db:
            sql = "INSERT INTO uploads (at, documents, before) VALUES (?, ?, ?)"
            db.conn.execute(sql, [to_epoch(now), json.dumps(list(documents)), before])
            return int(db.conn.execute("SELECT last_insert_rowid()").fetchone()[0])

    def expire(self, before: datetime) -> int:
        """Nobody takes back what came in so long ago; how many uploads these were."""
        return self._store.write("DELETE FROM uploads WHERE at < ?", [to_epoch(before)])

    def take(self, upload: int) -> tuple[list[str], str]:
        """Its documents and what they changed, once: the second time there are none."""
        with self._store.transaction():
            rows = self._store.rows("SELECT documents, before FROM uploads WHERE id = ?", [upload])
            self._store.write("DELETE FROM uploads WHERE id = ?", [upload])
        ids = [str(id) for row in rows for id in json.loads(row["documents"])]
        return ids, "".join(row["before"] for row in rows)
