"""History of what readers were told, in bot.db: linked chapters, shared by readers who were told the same."""

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
        """The id of the chapter with these items after chapter `before`, which is added if it is new."""
        items = json.dumps([[item.document, item.text] for item in told], ensure_ascii=False)
        new = "INSERT INTO chapters (before, told, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        sql = "SELECT id FROM chapters WHERE before = ? AND told = ?"
        if not (rows := self._store.rows(sql, [before, items])):
            self._store.write(new, [before, items, to_epoch(now)])
            rows = self._store.rows(sql, [before, items])
        return int(rows[0]["id"])

    def told(self, chapter: int, limit: int) -> list[ToldItem]:
        """The items of this chapter and of those before it, the latest `limit` chapters in all."""
        rows = self._store.rows(
            """WITH RECURSIVE back (id, before, told, depth) AS (
                SELECT id, before, told, 1 FROM chapters WHERE id = :chapter
                UNION ALL SELECT c.id, c.before, c.told, depth + 1 FROM chapters c JOIN back ON c.id = back.before
                    WHERE depth < :limit)
            SELECT told FROM back""",
            {"chapter": chapter, "limit": limit},
        )
        return [ToldItem(*item) for row in rows for item in json.loads(row["told"])]
