"""The corpus's tables as migrations, the records that its rows become, and how the file is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from retrieval.model.documents import Document
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import open_database

CORPUS_BUSY_SECONDS = 5.0  # to wait for another writer

corpus_migrations = Migrations("corpus")


@dataclass(frozen=True, slots=True)
class PointTokens:
    """Terms joined by spaces, and the text's fingerprint as text."""

    text: str
    section: str
    trace: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Terms of the title, joined by spaces; `points` in the order of the document's points."""

    title: str
    points: tuple[PointTokens, ...]


Analyse = Callable[[Document], Tokens]


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """Documents by what an ingest did; `removed` were left out as removed before, `points` are new or changed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    points: int = 0


@dataclass(frozen=True, slots=True)
class CorpusTotals:
    """`last_seen` is the greatest `first_seen` ever given: 0 only if nothing was ever ingested."""

    documents: int
    points: int
    oldest: datetime | None
    newest: datetime | None
    last_seen: int


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A point for the index: `point` and `document` are keys, `text`, `section` and `title` terms joined by spaces.

    `id` is the point's, the same in every corpus that has it; `trace` is its text's fingerprint as text.
    """

    point: int
    document: int
    text: str
    section: str
    title: str
    published: datetime
    outlet: str
    topics: tuple[str, ...]
    id: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Tombstone:
    seq: int
    point: int


@corpus_migrations()
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


@corpus_migrations()
def m002_tokens(db: Database) -> None:
    db.executescript("""
        CREATE TABLE tokens (
            point INTEGER PRIMARY KEY REFERENCES points (key) ON DELETE CASCADE,
            text TEXT NOT NULL, section TEXT NOT NULL);
        CREATE TABLE titles (
            document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE, terms TEXT NOT NULL);
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """)


@corpus_migrations()
def m003_vectors(db: Database) -> None:
    db.executescript("""
        CREATE TABLE vectors (
            number INTEGER PRIMARY KEY AUTOINCREMENT, encoder TEXT NOT NULL, id TEXT NOT NULL, section TEXT NOT NULL,
            chinese INTEGER NOT NULL, vector BLOB NOT NULL);
        CREATE UNIQUE INDEX vectors_point ON vectors (id, section, encoder);
        CREATE TABLE centres (encoder TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX points_id ON points (id);
    """)


@corpus_migrations()
def m004_kind(db: Database) -> None:
    db.executescript("""
        ALTER TABLE documents ADD COLUMN kind TEXT NOT NULL DEFAULT 'summary';
        DROP VIEW stored;
        CREATE VIEW stored AS SELECT key, id, title, outlet, published, url, (
            SELECT json_group_array(name) FROM (SELECT name FROM topics WHERE document = key ORDER BY position)
        ) AS topics, content, kind FROM documents;
    """)


@corpus_migrations()
def m005_addresses(db: Database) -> None:
    db.executescript("""
        CREATE INDEX documents_url ON documents (url) WHERE url IS NOT NULL;
        ALTER TABLE removed ADD COLUMN url TEXT;
        CREATE INDEX removed_url ON removed (url) WHERE url IS NOT NULL;
    """)


@corpus_migrations()
def m006_traces(db: Database) -> None:
    db.execute("ALTER TABLE tokens ADD COLUMN trace TEXT NOT NULL DEFAULT ''")  # until `retokenize`


@corpus_migrations()
def m007_hubness(db: Database) -> None:
    """Existing vectors are of another encoder, so they are deleted later."""
    db.executescript("""
        ALTER TABLE vectors ADD COLUMN hubness REAL NOT NULL DEFAULT 0;
        DROP TABLE centres;
    """)


@corpus_migrations()
def m008_revisions(db: Database) -> None:
    """`points` is a JSON array of id, text, section and citations, as they stood until `ended`."""
    db.executescript("""
        CREATE TABLE revisions (
            document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE, revision INTEGER NOT NULL,
            ended TEXT NOT NULL, points TEXT NOT NULL, PRIMARY KEY (document, revision)) WITHOUT ROWID;
    """)


@corpus_migrations()
def m009_gathered(db: Database) -> None:
    """The topics that documents have by their words alone, and lose when the topic gathers no more."""
    db.executescript("""
        CREATE TABLE gathered (
            document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE, name TEXT NOT NULL,
            PRIMARY KEY (document, name)) WITHOUT ROWID;
        CREATE INDEX gathered_name ON gathered (name);
    """)


def open_corpus(path: Path | None) -> Database:
    return open_database(path, corpus_migrations, CORPUS_BUSY_SECONDS, "foreign_keys = on")
