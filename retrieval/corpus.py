"""The corpus in SQLite: documents, their points and the points' tokens. What an index needs to catch up is in the keys.

A point's key is never used twice. Whatever changes for the index (another revision, another topic) gives a document's
points fresh keys, contiguous and in order, and leaves tombstones of the old ones: an index is up to date when it has
seen the last key and the last tombstone. A document's key is its `first_seen`: it only grows and survives revisions.
"""

import json
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlite_utils import Database, Migrations

from retrieval.documents import BEIJING, Document, Point, digest
from retrieval.outlets import outlet
from retrieval.results import Topic

SOURCE_NAME = 60  # characters of a source's own name that its copy keeps: file systems end at 255 bytes

migrations = Migrations("corpus")


class CorpusError(Exception):
    """Who runs Zhidian must act: the file is not a corpus, or one of a later version."""


@dataclass(frozen=True, slots=True)
class PointTokens:
    """Terms, space-joined."""

    text: str
    section: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """A document's terms; `points` in the order of its points."""

    title: str
    points: tuple[PointTokens, ...]


Analyse = Callable[[Document], Tokens]


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of documents: `removed` were left out because the operator removed them; `points` came in anew."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    points: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """`last_seen` is the greatest `first_seen` ever given, so that it is 0 only where nothing ever came in."""

    documents: int
    points: int
    newest: datetime | None
    last_seen: int


@dataclass(frozen=True, slots=True)
class Row:
    """A point as the index takes it in; `text`, `section` and `title` are terms, `point` and `document` keys."""

    point: int
    document: int
    text: str
    section: str
    title: str
    published: datetime
    outlet: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tombstone:
    seq: int
    point: int


@migrations()
def m001_documents(db: Database) -> None:
    db.executescript("""
        CREATE TABLE documents (
            key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, outlet TEXT NOT NULL,
            published TEXT NOT NULL, url TEXT, revision INTEGER NOT NULL, content TEXT NOT NULL);
        CREATE INDEX documents_published ON documents (published);
        CREATE TABLE topics (
            document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
            position INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (document, position)) WITHOUT ROWID;
        CREATE INDEX topics_name ON topics (name);
        CREATE TABLE points (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
            position INTEGER NOT NULL, id TEXT NOT NULL, section TEXT NOT NULL, text TEXT NOT NULL,
            citations TEXT NOT NULL);
        CREATE UNIQUE INDEX points_document ON points (document, position);
        CREATE TABLE tombstones (seq INTEGER PRIMARY KEY AUTOINCREMENT, point INTEGER NOT NULL);
        CREATE TRIGGER points_deleted AFTER DELETE ON points
            BEGIN INSERT INTO tombstones (point) VALUES (old.key); END;
        CREATE TABLE removed (id TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE VIEW stored AS SELECT key, id, title, outlet, published, url, (
            SELECT json_group_array(name) FROM (SELECT name FROM topics WHERE document = key ORDER BY position)
        ) AS topics, content FROM documents;
    """)


@migrations()
def m002_tokens(db: Database) -> None:
    db.executescript("""
        CREATE TABLE tokens (
            point INTEGER PRIMARY KEY REFERENCES points (key) ON DELETE CASCADE,
            text TEXT NOT NULL, section TEXT NOT NULL);
        CREATE TABLE titles (
            document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE, terms TEXT NOT NULL);
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """)


@dataclass(frozen=True, slots=True)
class _State:
    """A stored document as far as ingest compares it; `content` is the hash of its points."""

    key: int
    url: str | None
    content: str
    topics: tuple[str, ...]


class Corpus:
    """Safe for threads. What is read does not wait for what is written; in memory (`path` None) it does."""

    def __init__(self, path: Path | None) -> None:
        try:
            self._writer = _opened(path)
            self._reader = _opened(path) if path else self._writer
        except sqlite3.OperationalError as error:
            raise CorpusError(
                f"{path} cannot be opened ({error}); is the disk writable, and nothing holding it?"
            ) from error
        except sqlite3.DatabaseError as error:
            raise CorpusError(f"{path} cannot be used as a corpus ({error}); move it away and ingest anew") from error
        self._write_lock = threading.RLock()
        self._read_lock = threading.RLock() if path else self._write_lock

    def close(self) -> None:
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()

    def add(self, documents: Iterable[Document], analyse: Analyse) -> Counts:
        """Take documents in, all or (on any error) none; `analyse` is asked for new and changed ones only."""
        incoming = _merged(documents)
        with self._read_lock:
            known, removed = _states(self._reader, incoming)
        tokens = {
            id: analyse(document)
            for id, document in incoming.items()
            if id not in removed and (id not in known or known[id].content != _content(document))
        }
        with self._transaction() as db:
            known, removed = _states(db, incoming)  # another process may have been faster
            outcomes = {
                id: _put(db, document, known.get(id), tokens.get(id), analyse)
                for id, document in incoming.items()
                if id not in removed
            }
        tally = Counter(outcomes.values())
        points = sum(len(incoming[id].points) for id, outcome in outcomes.items() if outcome != "unchanged")
        return Counts(tally["new"], tally["changed"], tally["unchanged"], len(removed), points)

    def remove(self, ids: Iterable[str]) -> int:
        """Delete documents and keep them out of every later ingest; the number that stood here."""
        with self._transaction() as db:
            listed = [json.dumps(list(ids))]
            db.execute(
                """INSERT OR IGNORE INTO removed
                SELECT id FROM documents WHERE id IN (SELECT value FROM json_each(?))""",
                listed,
            )
            return db.execute("DELETE FROM documents WHERE id IN (SELECT value FROM json_each(?))", listed).rowcount

    def fingerprint(self) -> str | None:
        """Of the analyser that made the tokens; None before the first `retokenize`."""
        row = self._one("SELECT value FROM meta WHERE name = 'fingerprint'")
        return str(row[0]) if row else None

    def retokenize(self, fingerprint: str, analyse: Analyse) -> None:
        """Make every token anew, aside, and swap them in at once.

        Keys stay: an index that was built with another fingerprint is to be built anew.
        """
        with self._write_lock:
            db: Database = self._writer
            seen: int | None = 0
            db.executescript("""
                DROP TABLE IF EXISTS temp.aside; DROP TABLE IF EXISTS temp.aside_titles;
                CREATE TEMP TABLE aside (point INTEGER PRIMARY KEY, text TEXT, section TEXT);
                CREATE TEMP TABLE aside_titles (document INTEGER PRIMARY KEY, terms TEXT);
            """)
            batch = "SELECT * FROM stored WHERE key > :seen ORDER BY key LIMIT 200"
            while seen is not None:
                with db.atomic():  # reads of one state; what it writes is temporary and locks nobody out
                    seen = _set_aside(db, _documents(db, batch, {"seen": seen}), analyse)
            with self._transaction():
                # what another process brought in meanwhile
                late = """SELECT * FROM stored WHERE key IN
                    (SELECT document FROM points WHERE key NOT IN (SELECT point FROM aside))"""
                _set_aside(db, _documents(db, late, {}), analyse)
                db.executescript("""
                    DELETE FROM tokens; DELETE FROM titles;
                    INSERT INTO tokens SELECT * FROM aside WHERE point IN (SELECT key FROM points);
                    INSERT INTO titles SELECT * FROM aside_titles WHERE document IN (SELECT key FROM documents);
                """)
                db.execute("INSERT OR REPLACE INTO meta VALUES ('fingerprint', ?)", [fingerprint])
            db.executescript("DROP TABLE temp.aside; DROP TABLE temp.aside_titles")

    def document(self, id: str) -> Document | None:
        found = self._found("SELECT * FROM stored WHERE id = :id", {"id": id})
        return found[0][1] if found else None

    def recent(self, limit: int, topic: str | None = None, offset: int = 0) -> list[Document]:
        """The newest by publication first; of one minute, the one that came in last."""
        sql = """SELECT * FROM stored WHERE :topic IS NULL OR key IN (SELECT document FROM topics WHERE name = :topic)
            ORDER BY published DESC, key DESC LIMIT :limit OFFSET :offset"""
        values = {"topic": topic, "limit": limit, "offset": offset}
        return [document for _, document in self._found(sql, values)]

    def after(self, first_seen: int, topic: str | None = None, limit: int = 100) -> list[tuple[int, Document]]:
        """Documents that came in after that one, each with its own `first_seen`, in the order they came."""
        sql = """SELECT * FROM stored
            WHERE key > :seen AND (:topic IS NULL OR key IN (SELECT document FROM topics WHERE name = :topic))
            ORDER BY key LIMIT :limit"""
        return self._found(sql, {"topic": topic, "seen": first_seen, "limit": limit})

    def hits(self, keys: Sequence[int]) -> dict[int, tuple[Document, Point]]:
        """Points by key, each with its document (that one without points); keys that are gone are left out."""
        sql = """SELECT d.*, p.id, p.text, p.section, p.citations, p.key FROM points p
            JOIN stored d ON d.key = p.document WHERE p.key IN (SELECT value FROM json_each(?))"""
        return {row[-1]: (_document(row), _point(row[8:])) for row in self._all(sql, [json.dumps(list(keys))])}

    def topics(self) -> list[Topic]:
        """The largest first."""
        rows = self._all("""
            SELECT t.name, count(*), sum((SELECT count(*) FROM points WHERE document = d.key)), max(d.published)
            FROM topics t JOIN documents d ON d.key = t.document GROUP BY t.name ORDER BY 2 DESC, t.name""")
        return [Topic(name, documents, points, _time(newest)) for name, documents, points, newest in rows]

    def counts(self) -> Totals:
        documents, points, newest, seen = self._all("""
            SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM points),
                (SELECT max(published) FROM documents),
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'documents'), 0)""")[0]
        return Totals(documents, points, _time(newest) if newest else None, seen)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What this thread reads in the block is of one state, whoever writes meanwhile."""
        with self._read_lock:
            if self._reader.conn.in_transaction:
                yield
                return
            self._reader.execute("BEGIN")
            try:
                yield
            finally:
                self._reader.execute("COMMIT")

    def rows(self, after_key: int = 0) -> Iterator[Row]:
        """Points with a greater key, ascending."""
        rows = self._all(
            """SELECT p.key, d.key, t.text, t.section, n.terms, d.published, d.outlet, d.topics
            FROM points p JOIN stored d ON d.key = p.document JOIN tokens t ON t.point = p.key
            JOIN titles n ON n.document = d.key WHERE p.key > ? ORDER BY p.key""",
            [after_key],
        )
        for document, points in groupby(rows, key=lambda row: row[1]):
            published, name, topics = None, "", ()
            for key, _, text, section, title, stored, printed, listed in points:
                if published is None:
                    published, name, topics = _time(stored), outlet(printed).name, tuple(json.loads(listed))
                yield Row(key, document, text, section, title, published, name, topics)

    def tombstones(self, after_seq: int = 0) -> list[Tombstone]:
        """Points deleted after that one, in that order."""
        rows = self._all("SELECT seq, point FROM tombstones WHERE seq > ? ORDER BY seq", [after_seq])
        return [Tombstone(*row) for row in rows]

    def version(self) -> tuple[int, int]:
        """Another value once anything was committed, by whichever process; cheap enough to ask before every search."""
        with self._read_lock:
            conn = self._reader.conn
            return conn.execute("PRAGMA data_version").fetchone()[0], conn.total_changes

    @contextmanager
    def _transaction(self) -> Iterator[Database]:
        with self._write_lock, _immediately(self._writer):
            yield self._writer

    def _found(self, sql: str, values: Mapping[str, object]) -> list[tuple[int, Document]]:
        with self.snapshot():
            return _documents(self._reader, sql, values)

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._read_lock:
            return self._reader.execute(sql, values).fetchall()

    def _one(self, sql: str) -> tuple[Any, ...] | None:
        return next(iter(self._all(sql)), None)


def _opened(path: Path | None) -> Database:
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    conn = sqlite3.connect(path or ":memory:", timeout=5, isolation_level=None, check_same_thread=False)
    try:
        db = Database(conn, execute_plugins=False)
        db.execute("PRAGMA foreign_keys = on")
        if path:
            _enable_wal(db)
        _migrate(db)
    except BaseException:
        conn.close()
        raise
    return db


def _enable_wal(db: Database) -> None:
    """For this one change SQLite does not wait: of two processes that create the file at once, one is told 'locked'."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return db.enable_wal()
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _migrate(db: Database) -> None:
    """Bring the schema up to date; two processes that start at once wait for each other."""
    with Database(memory=True) as blank:
        known = {migration.name for migration in migrations.pending(blank)}
    if later := {migration.name for migration in migrations.applied(db)} - known:
        raise CorpusError(f"the corpus was written by a later version ({', '.join(sorted(later))}); update Zhidian")
    if migrations.pending(db):
        with _immediately(db):
            migrations.apply(db)


@contextmanager
def _immediately(db: Database) -> Iterator[None]:
    """A transaction that writes from its start: one that begins with reading fails, without waiting, if another
    process writes in between."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.rollback()
        raise
    db.commit()


def _merged(documents: Iterable[Document]) -> dict[str, Document]:
    """One document per id: the last one's points, the topics of all."""
    merged: dict[str, Document] = {}
    for document in documents:
        before = merged.get(document.id, document)
        topics = tuple(dict.fromkeys(before.topics + document.topics))
        merged[document.id] = replace(document, topics=topics, url=document.url or before.url)
    return merged


def _content(document: Document) -> str:
    return digest(json.dumps([(point.text, point.section, point.citations) for point in document.points]))


def _states(db: Database, ids: Iterable[str]) -> tuple[dict[str, _State], set[str]]:
    """What stands of these documents, and which of them the operator removed."""
    listed = [json.dumps(list(ids))]
    sql = "SELECT id, key, url, content, topics FROM stored WHERE id IN (SELECT value FROM json_each(?))"
    rows = db.execute(sql, listed).fetchall()
    known = {id: _State(key, url, content, tuple(json.loads(topics))) for id, key, url, content, topics in rows}
    gone = db.execute("SELECT id FROM removed WHERE id IN (SELECT value FROM json_each(?))", listed).fetchall()
    return known, {row[0] for row in gone}


def _put(db: Database, document: Document, state: _State | None, tokens: Tokens | None, analyse: Analyse) -> str:
    """Store one document; what became of it, as `Counts` names it."""
    if state is None:
        made = tokens or analyse(document)
        key = _insert(db, document)
        db.execute("INSERT INTO titles VALUES (?, ?)", [key, made.title])
        _set_topics(db, key, document.topics)
        _set_points(db, key, document, made)
        return "new"
    topics = tuple(dict.fromkeys(state.topics + document.topics))
    content, url = _content(document), document.url or state.url  # an export without addresses takes none away
    if topics != state.topics:
        _set_topics(db, state.key, topics)
    if content != state.content:
        _set_points(db, state.key, document, tokens or analyse(document))
    elif topics != state.topics:
        _set_points(db, state.key, document, _stored_tokens(db, state.key))
    if (content, url) == (state.content, state.url):
        return "unchanged"
    sql = "UPDATE documents SET url = ?, content = ?, revision = revision + 1 WHERE key = ?"
    db.execute(sql, [url, content, state.key])
    return "changed"


def _insert(db: Database, document: Document) -> int:
    columns = ("id", "title", "outlet", "published", "url", "revision", "content")
    published = document.published.isoformat(timespec="minutes")
    values = (document.id, document.title, document.outlet.name, published, document.url, 1, _content(document))
    db.table("documents").insert(dict(zip(columns, values, strict=True)))
    return int(db.execute("SELECT last_insert_rowid()").fetchone()[0])


def _set_topics(db: Database, key: int, topics: Sequence[str]) -> None:
    db.execute("DELETE FROM topics WHERE document = ?", [key])
    db.conn.executemany("INSERT INTO topics VALUES (?, ?, ?)", [(key, n, topic) for n, topic in enumerate(topics)])


def _set_points(db: Database, key: int, document: Document, tokens: Tokens) -> None:
    db.execute("DELETE FROM points WHERE document = ?", [key])
    used = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'points'").fetchone()
    first = used[0] + 1 if used else 1
    db.conn.executemany(
        "INSERT INTO points (key, document, position, id, section, text, citations) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (first + n, key, n, point.id, point.section, point.text, json.dumps(point.citations))
            for n, point in enumerate(document.points)
        ],
    )
    db.conn.executemany("INSERT INTO tokens VALUES (?, ?, ?)", _keyed(first, document, tokens))


def _keyed(first: int, document: Document, tokens: Tokens) -> list[tuple[int, str, str]]:
    """Points' keys are contiguous within a document, so that the first one tells them all."""
    pairs = zip(document.points, tokens.points, strict=True)
    return [(first + n, made.text, made.section) for n, (_, made) in enumerate(pairs)]


def _stored_tokens(db: Database, key: int) -> Tokens:
    sql = "SELECT t.text, t.section FROM tokens t JOIN points p ON p.key = t.point WHERE p.document = ? ORDER BY p.key"
    return Tokens("", tuple(PointTokens(*row) for row in db.execute(sql, [key]).fetchall()))


def _set_aside(db: Database, documents: Sequence[tuple[int, Document]], analyse: Analyse) -> int | None:
    """The key of the last document, or None where there was none."""
    listed = [json.dumps([key for key, _ in documents])]
    sql = "SELECT document, min(key) FROM points WHERE document IN (SELECT value FROM json_each(?)) GROUP BY document"
    first = dict(db.execute(sql, listed).fetchall())
    for key, document in documents:
        tokens = analyse(document)
        db.execute("INSERT OR REPLACE INTO aside_titles VALUES (?, ?)", [key, tokens.title])
        db.conn.executemany("INSERT INTO aside VALUES (?, ?, ?)", _keyed(first.get(key, 0), document, tokens))
    return documents[-1][0] if documents else None


def _documents(db: Database, sql: str, values: Mapping[str, object]) -> list[tuple[int, Document]]:
    """What `sql` selects from `stored`, in its order, with the points."""
    rows = db.execute(sql, dict(values)).fetchall()
    points: dict[int, list[Point]] = {row[0]: [] for row in rows}
    sql = """SELECT id, text, section, citations, document FROM points
        WHERE document IN (SELECT value FROM json_each(?)) ORDER BY key"""
    for row in db.execute(sql, [json.dumps(list(points))]).fetchall():
        points[row[4]].append(_point(row))
    return [(row[0], _document(row, points[row[0]])) for row in rows]


def _document(row: tuple[Any, ...], points: Iterable[Point] = ()) -> Document:
    _, id, title, printed, published, url, topics, *_ = row
    return Document(id, title, outlet(printed), _time(published), tuple(json.loads(topics)), url, tuple(points))


def _point(row: tuple[Any, ...]) -> Point:
    id, text, section, citations, *_ = row
    return Point(id, text, section, tuple(json.loads(citations)))


def _time(stored: str) -> datetime:
    return datetime.fromisoformat(stored).astimezone(BEIJING)


def keep(path: Path, folder: Path) -> Path:
    """Copy a source into `folder` under the hash of its content and its own name, and on to the disk.

    To be called before `Corpus.add`, so that nothing committed lacks its source. Kept again, it counts as the newest.
    """
    if path.parent.resolve() == folder.resolve():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    content = blake2b(digest_size=8)
    with path.open("rb") as source, NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as copy:
        while block := source.read(1 << 20):
            content.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    kept = folder / f"{content.hexdigest()}-{path.stem[:SOURCE_NAME]}{path.suffix}"
    now = time.time_ns()  # `sources` goes by it; a file system's own stamps tell apart no two files in 4 ms
    os.utime(copy.name, ns=(now, now))
    Path(copy.name).replace(kept)
    _sync(folder)
    return kept


def sources(folder: Path) -> list[Path]:
    """What was kept, in the order it came in: read again in this order, it makes the same corpus."""
    kept = [path for path in folder.glob("*") if path.is_file() and path.suffix != ".part"]
    return sorted(kept, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _sync(folder: Path) -> None:
    """A new name outlives a power cut only once its folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
