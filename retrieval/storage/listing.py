"""Listings of stored documents: a choice of topic, outlet and month goes in, a page of documents or counts come out.

Reads corpus.db on a connection of its own, so that a long list keeps no question waiting.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from retrieval.model.documents import Document, Point
from retrieval.storage.mapping import load_documents, parse_time
from retrieval.storage.schema import open_corpus

CHOSEN = """(:topic IS NULL OR key IN (SELECT document FROM topics WHERE name = :topic))
    AND (:outlet IS NULL OR outlet = :outlet) AND (:month IS NULL OR substr(published, 1, 7) = :month)"""


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """None lets all pass; `outlet` is a canonical name, `month` Beijing's as 2025-07."""

    topic: str | None = None
    outlet: str | None = None
    month: str | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """A value of a filter, and how many documents it leaves."""

    value: str
    documents: int


@dataclass(frozen=True, slots=True)
class Revision:
    """What a document said until `ended`, when another version came in; the first is 1."""

    number: int
    ended: datetime
    points: tuple[Point, ...]


class CorpusListing(Protocol):
    """Lists of a corpus, wherever it is. All methods but `version` block."""

    def close(self) -> None: ...

    def version(self) -> int:
        """Changes with every commit of any process."""

    def documents(self, choice: DocumentChoice, limit: int, offset: int = 0) -> list[Document]:
        """The latest published first; of one minute, the one that came in last."""

    def count(self, choice: DocumentChoice) -> int: ...

    def outlets(self, choice: DocumentChoice) -> list[Facet]:
        """The largest first."""

    def months(self, choice: DocumentChoice) -> list[Facet]:
        """The latest first."""

    def revisions(self, id: str) -> list[Revision]:
        """The former ones, the latest first."""

    def revised(self, ids: Sequence[str]) -> dict[str, datetime]:
        """When each document that has former revisions got the present one."""


class DocumentListing:
    """Of corpus.db. Safe for threads."""

    def __init__(self, path: Path) -> None:
        self._db = open_corpus(path)
        self._lock = threading.RLock()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def version(self) -> int:
        with self._lock:
            return int(self._db.conn.execute("PRAGMA data_version").fetchone()[0])

    def documents(self, choice: DocumentChoice, limit: int, offset: int = 0) -> list[Document]:
        sql = f"SELECT * FROM stored WHERE {CHOSEN} ORDER BY published DESC, key DESC LIMIT :limit OFFSET :offset"  # noqa: S608
        with self._lock:
            rows = load_documents(self._db, sql, _values(choice) | {"limit": limit, "offset": offset})
        return [document for _, document in rows]

    def count(self, choice: DocumentChoice) -> int:
        return int(self._rows(f"SELECT count(*) FROM documents WHERE {CHOSEN}", _values(choice))[0][0])  # noqa: S608

    def outlets(self, choice: DocumentChoice) -> list[Facet]:
        return self._facets("outlet", choice, "2 DESC, 1")

    def months(self, choice: DocumentChoice) -> list[Facet]:
        return self._facets("substr(published, 1, 7)", choice, "1 DESC")

    def revisions(self, id: str) -> list[Revision]:
        sql = """SELECT r.revision, r.ended, r.points FROM revisions r JOIN documents d ON d.key = r.document
            WHERE d.id = ? ORDER BY r.revision DESC"""
        return [Revision(number, parse_time(ended), _points(points)) for number, ended, points in self._rows(sql, [id])]

    def revised(self, ids: Sequence[str]) -> dict[str, datetime]:
        sql = """SELECT d.id, max(r.ended) FROM revisions r JOIN documents d ON d.key = r.document
            WHERE d.id IN (SELECT value FROM json_each(?)) GROUP BY d.id"""
        return {id: parse_time(ended) for id, ended in self._rows(sql, [json.dumps(list(ids))])}

    def _facets(self, column: str, choice: DocumentChoice, order: str) -> list[Facet]:
        sql = f"SELECT {column}, count(*) FROM documents WHERE {CHOSEN} GROUP BY 1 ORDER BY {order}"  # noqa: S608
        return [Facet(value, documents) for value, documents in self._rows(sql, _values(choice))]

    def _rows(self, sql: str, values: Sequence[object] | dict[str, object]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.conn.execute(sql, values).fetchall()


def _values(choice: DocumentChoice) -> dict[str, object]:
    return {"topic": choice.topic, "outlet": choice.outlet, "month": choice.month}


def _points(written: str) -> tuple[Point, ...]:
    return tuple(Point(id, text, section, tuple(citations)) for id, text, section, citations in json.loads(written))
