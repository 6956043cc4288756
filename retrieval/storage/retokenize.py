"""Tokens made anew beside those in use, for another analyser: temporary tables, seen by nobody else, then one swap."""

import json
from collections.abc import Sequence

from retrieval.model.documents import Document
from retrieval.storage.mapping import document_keys, load_documents
from retrieval.storage.schema import Analyse
from retrieval.storage.sqlite import Database

BATCH_DOCUMENTS = 200  # documents in memory at once


def make(db: Database, analyse: Analyse) -> None:
    """Of all that is stored, batch by batch; locks no other process out."""
    db.executescript("""
        DROP TABLE IF EXISTS temp.aside; DROP TABLE IF EXISTS temp.aside_titles;
        CREATE TEMP TABLE aside (point INTEGER PRIMARY KEY, text TEXT, section TEXT, trace TEXT);
        CREATE TEMP TABLE aside_titles (document INTEGER PRIMARY KEY, terms TEXT);
    """)
    sql = "SELECT * FROM stored WHERE key > :seen ORDER BY key LIMIT :batch"
    seen: int | None = 0
    while seen is not None:
        with db.atomic():  # reads of one state; what it writes is temporary
            seen = set_aside(db, load_documents(db, sql, {"seen": seen, "batch": BATCH_DOCUMENTS}), analyse)


def swap(db: Database, analyse: Analyse) -> None:
    """To be called in a transaction that writes: what another process brought in meanwhile is made first."""
    late = """SELECT * FROM stored WHERE key IN
        (SELECT document FROM points WHERE key NOT IN (SELECT point FROM aside))"""
    set_aside(db, load_documents(db, late, {}), analyse)
    db.executescript("""
        DELETE FROM tokens; DELETE FROM titles;
        INSERT INTO tokens SELECT * FROM aside WHERE point IN (SELECT key FROM points);
        INSERT INTO titles SELECT * FROM aside_titles WHERE document IN (SELECT key FROM documents);
        DROP TABLE temp.aside; DROP TABLE temp.aside_titles;
    """)


def set_aside(db: Database, documents: Sequence[tuple[int, Document]], analyse: Analyse) -> int | None:
    """The key of the last document, or None where there was none."""
    listed = [json.dumps([key for key, _ in documents])]
    sql = "SELECT document, min(key) FROM points WHERE document IN (SELECT value FROM json_each(?)) GROUP BY document"
    first = dict(db.execute(sql, listed).fetchall())
    for key, document in documents:
        tokens = analyse(document)
        db.execute("INSERT OR REPLACE INTO aside_titles VALUES (?, ?)", [key, tokens.title])
        db.conn.executemany("INSERT INTO aside VALUES (?, ?, ?, ?)", document_keys(first.get(key, 0), document, tokens))
    return documents[-1][0] if documents else None
