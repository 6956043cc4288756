"""Translations in bot.db, by a hash of the text, the language and the model; a refused one is kept as such."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.render.i18n import Language
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store
from retrieval.storage.timestamps import to_epoch

translation_migrations = Migrations("translations")

REFUSED_FOR = timedelta(days=7)  # after which a model may try a text again that it translated wrongly
MAX_LOOKED_UP = 400  # texts in one query, below SQLite's limit of variables


@translation_migrations()
def m001_translations(db: Database) -> None:
    """`translated` is NULL where the translation failed its checks."""
    columns = {"text_hash": str, "language": str, "model": str, "translated": str, "made_at": int}
    db.table("translations").create(columns, pk=("text_hash", "language", "model"))


@dataclass(frozen=True, slots=True)
class KnownTranslations:
    """`refused` need no request for now, and have no translation."""

    translated: dict[str, str]
    refused: frozenset[str]


class TranslationStore:
    """All methods block on SQLite."""

    def __init__(self, store: Store, model: str) -> None:
        self._store, self._model = store, model

    def close(self) -> None:
        self._store.close()

    def find(self, texts: Sequence[str], language: Language, now: datetime) -> KnownTranslations:
        hashes = {text_hash(text): text for text in texts}
        translated: dict[str, str] = {}
        refused: set[str] = set()
        for start in range(0, len(hashes), MAX_LOOKED_UP):
            chunk = list(hashes)[start : start + MAX_LOOKED_UP]
            marks = ",".join("?" * len(chunk))
            sql = f"""SELECT text_hash, translated, made_at FROM translations
                WHERE language = ? AND model = ? AND text_hash IN ({marks})"""  # noqa: S608
            for row in self._store.rows(sql, [language, self._model, *chunk]):
                if row["translated"] is not None:
                    translated[hashes[row["text_hash"]]] = row["translated"]
                elif row["made_at"] >= to_epoch(now - REFUSED_FOR):
                    refused.add(hashes[row["text_hash"]])
        return KnownTranslations(translated, frozenset(refused))

    def keep(self, text: str, language: Language, translated: str | None, now: datetime) -> None:
        sql = """INSERT OR REPLACE INTO translations (text_hash, language, model, translated, made_at)
            VALUES (?, ?, ?, ?, ?)"""
        self._store.write(sql, [text_hash(text), language, self._model, translated, to_epoch(now)])

    def expire(self, before: datetime) -> int:
        return self._store.write("DELETE FROM translations WHERE made_at < ?", [to_epoch(before)])


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
