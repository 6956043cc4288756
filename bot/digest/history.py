"""What readers were told, in bot.db: chapters, each after the one before it, shared by all who were told the same."""

import json
from collections.abc import Sequence
from datetime import datetime

from bot.digest.delivery_records import ToldItem
from retrieval.storage.store import Store
from retrieval.storage.timestamps import to_epoch


class ToldHistory:
    def __init__(self, store: Store) -> None:
        self._store = store

    def chapter(self, before: int, told: Sequence[ToldItem], now: datetime) -> int:
        """The chapter that says this after that one: readers who were told the same share it."""
        written = json.dumps([[one.document, one.text] for one in told], ensure_ascii=False)
        sql = "SELECT id FROM chapters WHERE before = ? AND told = ?"
        if not (found := self._store.rows(sql, [before, written])):
            new = "INSERT INTO chapters (before, told, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            self._store.write(new, [before, written, to_epoch(now)])
            found = self._store.rows(sql, [before, written])
        return int(found[0]["id"])

    def told(self, chapter: int, limit: int) -> list[ToldItem]:
        """What was told up to this chapter, the latest `limit` chapters of it."""
        rows = self._store.rows(
            """WITH RECURSIVE back (id, before, told, depth) AS (
                SELECT id, before, told, 1 FROM chapters WHERE id = :chapter
                UNION ALL SELECT c.id, c.before, c.told, depth + 1 FROM chapters c JOIN back ON c.id = back.before
                    WHERE depth < :limit)
            SELECT told FROM back""",
            {"chapter": chapter, "limit": limit},
        )
        return [ToldItem(*one) for row in rows for one in json.loads(row["told"])]
