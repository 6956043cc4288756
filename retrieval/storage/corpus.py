"""The corpus: documents go into SQLite, and documents, hits and the index's rows and tombstones come out.

A point's key is never used twice. Whatever changes for the index (a new revision or topic) gives a document's points
new keys, contiguous and in order, and leaves tombstones of the old ones: an index is up to date when it has seen the
last key and the last tombstone. A document's key is its `first_seen`: it only grows and survives revisions.
"""

import json
import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import starmap
from pathlib import Path
from types import MappingProxyType
from typing import Any

from retrieval.model.documents import Document, Point
from retrieval.model.errors import CorpusError
from retrieval.model.results import Topic
from retrieval.storage.mapping import (
    content_hash,
    count_changes,
    index_rows,
    load_documents,
    load_hits,
    load_states,
    mark_gathered,
    merge_by_id,
    new_document_cache,
    parse_time,
    resolve_revisions,
    upsert,
)
from retrieval.storage.retokenize import build_temporary_tokens, swap_in_tokens
from retrieval.storage.schema import Analyse, ChangeCounts, CorpusTotals, IndexRow, Tombstone, open_corpus
from retrieval.storage.sqlite import Database, immediately
from retrieval.storage.store import SqlValues
from retrieval.storage.version_cache import VersionCache
from retrieval.storage.written_characters import PRINTED_NAMES_SQL, WRITTEN_SQL

PAGE_ROWS = 5_000  # in memory at once: some 5 MB
NO_CHANGES: Mapping[str, int] = MappingProxyType({})


class Corpus:
    """Safe for threads. Reading does not wait for writing, except in memory (`path` None)."""

    def __init__(self, path: Path | None) -> None:
        try:
            self._writer = open_corpus(path)
            self._reader = open_corpus(path) if path else self._writer
        except sqlite3.OperationalError as error:
            raise CorpusError(
                f"{path} cannot be opened ({error}); is the disk writable, and nothing holding it?"
            ) from error
        except sqlite3.DatabaseError as error:
            raise CorpusError(f"{path} cannot be used as a corpus ({error}); move it away and ingest anew") from error
        self._write_lock = threading.RLock()
        self._read_lock = threading.RLock() if path else self._write_lock
        self._kept = VersionCache(self.version)

    def close(self) -> None:
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()

    def resolve_revisions(self, documents: Iterable[Document]) -> list[Document]:
        """Full texts get the title and time under which their URL is stored, so that they become revisions."""
        with self._read_lock:
            return resolve_revisions(self._reader, documents)

    def add(
        self, documents: Iterable[Document], analyse: Analyse, numbers: Mapping[str, int] = NO_CHANGES,
        joined: Mapping[str, Collection[str]] | None = None,
    ) -> ChangeCounts:  # fmt: skip
        """Add all documents or, on any error, none; `analyse` is called for new and changed ones only. By id, `numbers`
        are the `first_seen` that documents had in another corpus, `joined` the topics that they have by their words."""
        incoming = merge_by_id(documents)
        with self._read_lock:
            known, removed = load_states(self._reader, incoming)
        tokens = {
            id: analyse(document)
            for id, document in incoming.items()
            if id not in removed and (id not in known or known[id].content != content_hash(document))
        }
        with self._transaction() as db:
            known, removed = load_states(db, incoming)  # again: another process may have been faster
            outcomes = {
                id: upsert(db, document, known.get(id), tokens.get(id), analyse, numbers.get(id))
                for id, document in incoming.items()
                if id not in removed
            }
            mark_gathered(db, incoming, known, joined or {})
        return count_changes(incoming, outcomes, len(removed))

    def remove(self, ids: Iterable[str]) -> int:
        """Delete documents, with what an encoder made of them, and keep them out of every later ingest; returns how
        many were stored."""
        with self._transaction() as db:
            listed = [json.dumps(list(ids))]
            db.execute(
                """INSERT OR IGNORE INTO removed
                SELECT id, iif(kind = 'full', url, NULL) FROM documents WHERE id IN (SELECT value FROM json_each(?))""",
                listed,
            )
            db.execute(
                """DELETE FROM vectors WHERE id IN (SELECT p.id FROM points p JOIN documents d ON d.key = p.document
                WHERE d.id IN (SELECT value FROM json_each(?)))""",
                listed,
            )
            return db.execute("DELETE FROM documents WHERE id IN (SELECT value FROM json_each(?))", listed).rowcount

    def allow_again(self, ids: Iterable[str], urls: Iterable[str] = ()) -> None:
        sql = """DELETE FROM removed WHERE id IN (SELECT value FROM json_each(?))
            OR url IN (SELECT value FROM json_each(?))"""
        with self._transaction() as db:
            db.execute(sql, [json.dumps(list(ids)), json.dumps(list(urls))])

    def removed_among(self, documents: Iterable[Document]) -> set[str]:
        """The ids of those that `add` would leave out, because they were removed."""
        with self._read_lock:
            return load_states(self._reader, {document.id: document for document in documents})[1]

    def fingerprint(self) -> str | None:
        """Of the analyser that made the tokens; None before the first `retokenize`."""
        row = next(iter(self._rows("SELECT value FROM meta WHERE name = 'fingerprint'")), None)
        return str(row[0]) if row else None

    def identity(self) -> str:
        """Unlike that of any other corpus, a rebuilt one's too: keys of one mean nothing in another."""
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", [secrets.token_hex(8)])
        return str(self._rows("SELECT value FROM meta WHERE name = 'identity'")[0][0])

    def retokenize(self, fingerprint: str, analyse: Analyse) -> None:
        """Make every token anew and swap them in at once.

        Keys stay: an index that was built with another fingerprint must be rebuilt.
        """
        with self._write_lock:
            build_temporary_tokens(self._writer, analyse)
            with self._transaction() as db:
                swap_in_tokens(db, analyse)
                db.execute("INSERT OR REPLACE INTO meta VALUES ('fingerprint', ?)", [fingerprint])

    def document(self, id: str) -> Document | None:
        rows = self._load_documents("SELECT * FROM stored WHERE id = :id", {"id": id})
        return rows[0][1] if rows else None

    def recent(self, limit: int, topic: str | None = None, offset: int = 0) -> list[Document]:
        """The latest published first; of one minute, the one that came in last. `limit` -1 is all."""
        sql = """SELECT * FROM stored WHERE :topic IS NULL OR key IN (SELECT document FROM topics WHERE name = :topic)
            ORDER BY published DESC, key DESC LIMIT :limit OFFSET :offset"""
        values = {"topic": topic, "limit": limit, "offset": offset}
        return [document for _, document in self._load_documents(sql, values)]

    def select(self, ids: Collection[str], topic: str | None, before: datetime | None) -> list[Document]:
        """The documents of these ids, and all of a topic or before a day, or of a topic before a day."""
        found = [document for id in ids if (document := self.document(id))]
        if topic is not None or before is not None:
            found += [one for one in self.recent(-1, topic) if before is None or one.published < before]
        return list({document.id: document for document in found}.values())

    def after(self, first_seen: int, topic: str | None = None, limit: int = 100) -> list[tuple[int, Document]]:
        """Documents with a greater `first_seen`, each with its own, ascending."""
        sql = """SELECT * FROM stored
            WHERE key > :seen AND (:topic IS NULL OR key IN (SELECT document FROM topics WHERE name = :topic))
            ORDER BY key LIMIT :limit"""
        return self._load_documents(sql, {"topic": topic, "seen": first_seen, "limit": limit})

    def first_seen(self, ids: Collection[str]) -> dict[str, int]:
        sql = "SELECT id, key FROM documents WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._rows(sql, [json.dumps(list(ids))]))

    def hits(self, keys: Sequence[int]) -> dict[int, tuple[Document, Point]]:
        """Points by key, each with its document (without points); deleted ones are left out."""
        with self.snapshot():
            return load_hits(self._reader, keys, self._kept.get(new_document_cache))

    def traces(self, keys: Sequence[int]) -> dict[int, str]:
        """The texts of points' fingerprints by key; deleted ones are left out."""
        sql = "SELECT point, trace FROM tokens WHERE point IN (SELECT value FROM json_each(?))"
        return dict(self._rows(sql, [json.dumps(list(keys))]))

    def texts(self, points: Iterable[str]) -> dict[str, str]:
        """Texts by point id; unknown ids are left out."""
        sql = "SELECT id, text FROM points WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._rows(sql, [json.dumps(list(points))]))

    def newest(self, documents: Collection[int], limit: int) -> list[int]:
        """Keys of the first points of the latest published of these documents, in that order."""
        sql = """SELECT min(p.key) FROM documents d JOIN points p ON p.document = d.key
            WHERE d.key IN (SELECT value FROM json_each(?)) GROUP BY d.key ORDER BY d.published DESC, d.id LIMIT ?"""
        return [key for (key,) in self._rows(sql, [json.dumps(list(documents)), limit])]

    def topics(self) -> list[Topic]:
        """The largest first."""
        rows = self._rows("""
            SELECT t.name, count(*), sum((SELECT count(*) FROM points WHERE document = d.key)), max(d.published)
            FROM topics t JOIN documents d ON d.key = t.document GROUP BY t.name ORDER BY 2 DESC, t.name""")
        return [Topic(name, documents, points, parse_time(newest)) for name, documents, points, newest in rows]

    def topic_names(self) -> tuple[str, ...]:
        return tuple(name for (name,) in self._rows("SELECT DISTINCT name FROM topics ORDER BY name"))

    def is_written(self, characters: str, points: Collection[int]) -> bool:
        """Whether one of these points or its headings, an outlet or a topic has the characters side by side."""
        if any(characters in name for name in self._kept.get(self._printed_names)):
            return True
        return bool(self._rows(WRITTEN_SQL, {"characters": characters, "points": json.dumps(list(points))})[0][0])

    def ids_by_first_seen(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Pairs of `first_seen` and id, ascending."""
        return self._rows("SELECT key, id FROM documents WHERE key > ? ORDER BY key LIMIT ?", [after, limit])

    def removed_ids(self) -> set[str]:
        return {id for (id,) in self._rows("SELECT id FROM removed")}

    def start_rebuild(self, number: int) -> None:
        """Documents without a number of their own get one greater than `number`."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('begun', '')")
            there = "SELECT 1 FROM sqlite_sequence WHERE name = 'documents'"
            db.execute(f"INSERT INTO sqlite_sequence SELECT 'documents', ? WHERE NOT EXISTS ({there})", [number])

    def is_rebuilding(self) -> bool:
        """Also if the process that rebuilt it was killed."""
        return bool(self._rows("SELECT 1 FROM meta WHERE name = 'begun'"))

    def finish_rebuild(self) -> None:
        with self._transaction() as db:
            db.execute("DELETE FROM meta WHERE name = 'begun'")

    def counts(self) -> CorpusTotals:
        documents, points, *days, last_seen = self._rows("""
            SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM points),
                (SELECT min(published) FROM documents), (SELECT max(published) FROM documents),
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'documents'), 0)""")[0]
        oldest, newest = (parse_time(day) if day else None for day in days)
        return CorpusTotals(documents, points, oldest, newest, last_seen)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that this thread reads in the block is of one state, whatever is written meanwhile."""
        with self._read_lock:
            if self._reader.conn.in_transaction:
                yield
                return
            self._reader.execute("BEGIN")
            try:
                yield
            finally:
                self._reader.execute("COMMIT")

    def rows(self, after_key: int = 0) -> Iterator[IndexRow]:
        """Points with a greater key, ascending; of one state only within `snapshot`."""
        sql = """SELECT p.key, d.key, t.text, t.section, n.terms, p.id, t.trace, d.published, d.outlet, d.topics
            FROM points p JOIN stored d ON d.key = p.document JOIN tokens t ON t.point = p.key
            JOIN titles n ON n.document = d.key WHERE p.key > ? ORDER BY p.key LIMIT ?"""
        while rows := self._rows(sql, [after_key, PAGE_ROWS]):
            yield from index_rows(rows)
            after_key = rows[-1][0]

    def points_after(self, key: int) -> int:
        """How many points have a greater key."""
        return int(self._rows("SELECT count(*) FROM points WHERE key > ?", [key])[0][0])

    def tombstones(self, after_seq: int = 0) -> list[Tombstone]:
        """Points deleted after that one, in order."""
        rows = self._rows("SELECT seq, point FROM tombstones WHERE seq > ? ORDER BY seq", [after_seq])
        return list(starmap(Tombstone, rows))

    def last_changes(self) -> tuple[int | None, ...]:
        """The greatest key of a point, and the number of the last deletion; a look takes microseconds."""
        return self._rows("SELECT (SELECT max(key) FROM points), (SELECT max(seq) FROM tombstones)")[0]

    def version(self) -> tuple[int, int]:
        """Changes with every commit of any process; cheap enough to ask before every search."""
        with self._read_lock:
            return self._reader.execute("PRAGMA data_version").fetchone()[0], self._reader.conn.total_changes

    @contextmanager
    def _transaction(self) -> Iterator[Database]:
        with self._write_lock, immediately(self._writer):
            yield self._writer

    def _printed_names(self) -> list[str]:
        return [name for (name,) in self._rows(PRINTED_NAMES_SQL)]

    def _load_documents(self, sql: str, values: Mapping[str, object]) -> list[tuple[int, Document]]:
        with self.snapshot():
            return load_documents(self._reader, sql, values)

    def _rows(self, sql: str, values: SqlValues = ()) -> list[tuple[Any, ...]]:
        with self._read_lock:
            return self._reader.conn.execute(sql, values).fetchall()
