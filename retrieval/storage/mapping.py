"""Documents to rows of the corpus's tables, and rows to documents."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from retrieval.model.documents import BEIJING, Document, Point, stable_id
from retrieval.model.factory import with_title
from retrieval.model.outlets import outlet
from retrieval.runtime.cache import BoundedCache
from retrieval.storage.schema import Analyse, ChangeCounts, IndexRow, PointTokens, Tokens
from retrieval.storage.sqlite import Database

MAX_CACHED_DOCUMENTS = 10_000  # without their points, some 10 MB: those of 100,000 points
MAX_REVISIONS = 20  # former ones of a document that are kept; a page that changes every hour would fill the disk
MAX_CACHED_VALUES = 5_000  # parsed columns kept, some 1 MB


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """What ingest compares of a stored document; `content` is the hash of its points."""

    key: int
    url: str | None
    content: str
    topics: tuple[str, ...]


def merge_by_id(documents: Iterable[Document]) -> dict[str, Document]:
    """One document per id: the last one's points, the topics of all."""
    merged: dict[str, Document] = {}
    for document in documents:
        before = merged.get(document.id, document)
        topics = tuple(dict.fromkeys(before.topics + document.topics))
        merged[document.id] = replace(document, topics=topics, url=document.url or before.url)
    return merged


def content_hash(document: Document) -> str:
    return stable_id(json.dumps([(point.text, point.section, point.citations) for point in document.points]))


def load_states(db: Database, documents: Mapping[str, Document]) -> tuple[dict[str, StoredDocument], set[str]]:
    """Those that are stored, by id, and the ids of those that the operator removed, a full text also by its URL."""
    listed = [json.dumps(list(documents))]
    sql = "SELECT id, key, url, content, topics FROM stored WHERE id IN (SELECT value FROM json_each(?))"
    rows = db.execute(sql, listed).fetchall()
    known = {id: StoredDocument(key, url, content, tuple(json.loads(topics))) for id, key, url, content, topics in rows}
    gone = db.execute("SELECT id FROM removed WHERE id IN (SELECT value FROM json_each(?))", listed).fetchall()
    urls = {document.url: id for id, document in documents.items() if document.url and document.kind == "full"}
    sql = "SELECT DISTINCT url FROM removed WHERE url IN (SELECT value FROM json_each(?))"
    moved = {urls[url] for (url,) in db.execute(sql, [json.dumps(list(urls))]).fetchall()}
    return known, {row[0] for row in gone} | (moved - known.keys())


def resolve_revisions(db: Database, documents: Iterable[Document]) -> list[Document]:
    """Give full texts the title and time under which their URL is stored, so that they become revisions.

    An id is made of title and time, and feeds differ in the time, editors in the title.
    """
    sql = "SELECT title, published FROM documents WHERE url = ? AND outlet = ? AND kind = 'full' ORDER BY key LIMIT 1"
    first: dict[tuple[str, str], Document] = {}
    return [_resolve_revision(db, sql, first, one) if one.url and one.kind == "full" else one for one in documents]


def _resolve_revision(db: Database, sql: str, first: dict[tuple[str, str], Document], document: Document) -> Document:
    address = (document.url or "", document.outlet.name)
    if before := first.get(address):
        return with_title(document, before.title, before.published)
    rows = db.execute(sql, address).fetchall()
    first[address] = with_title(document, rows[0][0], parse_time(rows[0][1])) if rows else document
    return first[address]


def upsert(
    db: Database,
    document: Document,
    state: StoredDocument | None,
    tokens: Tokens | None,
    analyse: Analyse,
    number: int | None,
) -> str:
    """Store one document, a new one under `number` or the next; "new", "changed" or "unchanged"."""
    if state is None:
        tokens = tokens or analyse(document)
        key = _insert(db, document, number)
        db.execute("INSERT INTO titles VALUES (?, ?)", [key, tokens.title])
        _set_topics(db, key, document.topics)
        _set_points(db, key, document, tokens)
        return "new"
    topics = tuple(dict.fromkeys(state.topics + document.topics))
    content, url = content_hash(document), document.url or state.url  # an export without addresses takes none away
    if topics != state.topics:
        _set_topics(db, state.key, topics)
    if content != state.content:
        _keep_revision(db, state.key)
        _set_points(db, state.key, document, tokens or analyse(document))
    elif topics != state.topics or url != state.url:
        _set_points(db, state.key, document, _load_tokens(db, state.key))
    if (content, url) == (state.content, state.url):
        return "unchanged"
    sql = "UPDATE documents SET url = ?, content = ?, kind = ?, revision = revision + 1 WHERE key = ?"
    db.execute(sql, [url, content, document.kind, state.key])
    return "changed"


def count_changes(documents: Mapping[str, Document], outcomes: Mapping[str, str], removed: int) -> ChangeCounts:
    """`outcomes` are what `upsert` returned, by id."""
    tally = Counter(outcomes.values())
    points = sum(len(documents[id].points) for id, outcome in outcomes.items() if outcome != "unchanged")
    return ChangeCounts(tally["new"], tally["changed"], tally["unchanged"], removed, points)


def _insert(db: Database, document: Document, number: int | None) -> int:
    sql = """INSERT INTO documents (key, id, title, outlet, published, url, revision, content, kind)
        VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)"""
    published, content = document.published.isoformat(timespec="minutes"), content_hash(document)
    names = (document.id, document.title, document.outlet.name)
    return int(db.execute(sql, (number, *names, published, document.url, content, document.kind)).lastrowid or 0)


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
    db.conn.executemany("INSERT INTO tokens VALUES (?, ?, ?, ?)", token_rows(first, document, tokens))


def token_rows(first: int, document: Document, tokens: Tokens) -> list[tuple[int, str, str, str]]:
    """Points' keys are contiguous within a document, so that the `first` key gives them all."""
    pairs = zip(document.points, tokens.points, strict=True)  # an analyser that loses a point must not be believed
    return [(first + n, made.text, made.section, made.trace) for n, (_, made) in enumerate(pairs)]


def mark_gathered(
    db: Database,
    documents: Mapping[str, Document],
    known: Mapping[str, StoredDocument],
    joined: Mapping[str, Collection[str]],
) -> None:
    """Note which topics documents have by their words alone (`joined`, by id); one that a source names is its own."""
    own = [(id, name) for id, one in documents.items() for name in one.topics if name not in joined.get(id, ())]
    new = [
        (id, name) for id, names in joined.items() for name in names if id not in known or name not in known[id].topics
    ]
    key = "(SELECT key FROM documents WHERE id = ?)"
    db.conn.executemany(f"DELETE FROM gathered WHERE document = {key} AND name = ?", own)  # noqa: S608
    sql = f"INSERT OR IGNORE INTO gathered SELECT key, ? FROM documents WHERE key = {key}"  # noqa: S608
    db.conn.executemany(sql, [(name, id) for id, name in new])


def relabel(db: Database, key: int, document: Document, topics: Sequence[str]) -> None:
    _set_topics(db, key, topics)
    _set_points(db, key, document, _load_tokens(db, key))


def _keep_revision(db: Database, key: int) -> None:
    db.execute(
        """INSERT INTO revisions SELECT key, revision, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), (
            SELECT json_group_array(json_array(id, text, section, json(citations))) FROM (
                SELECT * FROM points WHERE document = :key ORDER BY position)) FROM documents WHERE key = :key""",
        {"key": key},
    )
    db.execute(
        """DELETE FROM revisions WHERE document = :key AND revision <= (SELECT revision FROM documents WHERE key = :key)
            - :kept""",
        {"key": key, "kept": MAX_REVISIONS},
    )


def _load_tokens(db: Database, key: int) -> Tokens:
    sql = """SELECT t.text, t.section, t.trace FROM tokens t JOIN points p ON p.key = t.point
        WHERE p.document = ? ORDER BY p.key"""
    return Tokens("", tuple(PointTokens(*row) for row in db.execute(sql, [key]).fetchall()))


def load_documents(db: Database, sql: str, values: Mapping[str, object]) -> list[tuple[int, Document]]:
    """Keys and documents, with their points, that `sql` selects from `stored`, in its order."""
    rows = db.execute(sql, dict(values)).fetchall()
    points: dict[int, list[Point]] = {row[0]: [] for row in rows}
    sql = """SELECT id, text, section, citations, document FROM points
        WHERE document IN (SELECT value FROM json_each(?)) ORDER BY key"""
    for row in db.execute(sql, [json.dumps(list(points))]).fetchall():
        points[row[4]].append(point_from_row(row))
    return [(row[0], document_from_row(row, points[row[0]])) for row in rows]


def index_rows(rows: Iterable[tuple[Any, ...]]) -> Iterator[IndexRow]:
    """Of rows that lie document by document."""
    for document, points in groupby(rows, key=lambda row: row[1]):
        published, name, topics = None, "", ()
        for key, _, text, section, title, id, trace, timestamp, printed, names in points:
            if published is None:
                published, name, topics = parse_time(timestamp), outlet(printed).name, tuple(json.loads(names))
            yield IndexRow(key, document, text, section, title, published, name, topics, id, trace)


def new_document_cache() -> BoundedCache[int, Document]:
    return BoundedCache(MAX_CACHED_DOCUMENTS)


def load_hits(
    db: Database, keys: Sequence[int], known: MutableMapping[int, Document]
) -> dict[int, tuple[Document, Point]]:
    """As `Corpus.hits`; `known` has documents without points by key, and gets those that it lacks."""
    sql = """SELECT id, text, section, citations, document, key FROM points
        WHERE key IN (SELECT value FROM json_each(?))"""
    rows = db.conn.execute(sql, [json.dumps(list(keys))]).fetchall()
    documents = {row[4]: known.get(row[4]) for row in rows}
    if missing := [key for key, document in documents.items() if document is None]:
        sql = "SELECT * FROM stored WHERE key IN (SELECT value FROM json_each(?))"
        for row in db.conn.execute(sql, [json.dumps(missing)]).fetchall():
            documents[row[0]] = known[row[0]] = document_from_row(row)
    return {row[5]: (document, point_from_row(row)) for row in rows if (document := documents[row[4]])}


def document_from_row(row: tuple[Any, ...], points: Iterable[Point] = ()) -> Document:
    _, id, title, printed, published, url, topics, _, kind, *_ = row
    return Document(
        id, title, _outlet(printed), parse_time(published), _parse_json_list(topics), url, tuple(points), kind
    )


def point_from_row(row: tuple[Any, ...]) -> Point:
    id, text, section, citations, *_ = row
    return Point(id, text, section, _parse_json_list(citations))


# a search reads two dozen points, whose rows repeat most values
_outlet = lru_cache(MAX_CACHED_VALUES)(outlet)


@lru_cache(MAX_CACHED_VALUES)
def _parse_json_list(written: str) -> tuple[Any, ...]:
    return tuple(json.loads(written))


@lru_cache(MAX_CACHED_VALUES)
def parse_time(stored: str) -> datetime:
    return datetime.fromisoformat(stored).astimezone(BEIJING)
