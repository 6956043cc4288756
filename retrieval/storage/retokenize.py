"""Tokens made anew for another analyser: documents go into temporary tables, which one swap puts in place."""

import json
from collections.abc import Sequence

from retrieval.model.documents import Document
from retrieval.storage.mapping import load_documents, token_rows
from retrieval.storage.schema import Analyse
from retrieval.storage.sqlite import Database

BATCH_DOCUMENTS = 200  # in memory at once


def build_temporary_tokens(db: Database, analyse: Analyse) -> None:
    """Works batch by batch and locks no other process out."""
    db.executescript("""
        DROP TABLE IF EXISTS temp.aside; DROP TABLE IF EXISTS temp.aside_titles;
        CREATE TEMP TABLE aside (point INTEGER PRIMARY KEY, text TEXT, section TEXT, trace TEXT);
        CREATE TEMP TABLE aside_titles (document INTEGER PRIMARY KEY, terms TEXT);
    """)
    sql = "SELECT * FROM stored WHERE key > :seen ORDER BY key LIMIT :batch"
    seen = 0
    while True:
        with db.atomic():  # reads of one state; what it writes is temporary
            documents = load_documents(db, sql, {"seen": seen, "batch": BATCH_DOCUMENTS})
            _store_temporarily(db, documents, analyse)
        if not documents:
            return
        seen = documents[-1][0]


def swap_in_tokens(db: Database, analyse: Analyse) -> None:
    """To be called in a transaction that writes: what another process brought in meanwhile is analysed first."""
    late = """SELECT * FROM stored WHERE key IN
        (SELECT document FROM points WHERE key NOT IN (SELECT point FROM aside))"""
    _store_temporarily(db, load_documents(db, late, {}), analyse)
    db.executescript("""
        DELETE FROM tokens; DELETE FROM titles;
        INSERT INTO tokens SELECT * FROM aside WHERE point IN (SELECT key FROM points);
        INSERT INTO titles SELECT * FROM aside_titles WHERE document IN (SELECT key FROM documents);
        DROP TABLE temp.aside; DROP TABLE temp.aside_titles;
    """)


def _store_temporarily(db: Database, documents: Sequence[tuple[int, Document]], analyse: Analyse) -> None:
    sql = "SELECT document, min(key) FROM points WHERE document IN (SELECT value FROM json_each(?)) GROUP BY document"
    first = dict(db.execute(sql, [json.dumps([key for key, _ in documents])]).fetchall())
    for key, document in documents:
        tokens = analyse(document)
        db.execute("INSERT OR REPLACE INTO aside_titles VALUES (?, ?)", [key, tokens.title])
        db.conn.executemany("INSERT INTO aside VALUES (?, ?, ?, ?)", token_rows(first.get(key, 0), document, tokens))
