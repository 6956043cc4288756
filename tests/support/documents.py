"""Documents for tests, and an analyser that only lowers the case."""

import json
import sys
from datetime import date, datetime, timedelta

import numpy as np

from retrieval.index.document_table import Int64Array
from retrieval.index.snapshot import Snapshot
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import BEIJING, Document, Point, document_id, point_id
from retrieval.model.outlets import outlet
from retrieval.storage.corpus import Corpus
from retrieval.storage.schema import PointTokens, Tokens

MATCHING_SQL = """
    SELECT key FROM documents
    WHERE (:outlets = '[]' OR outlet IN (SELECT value FROM json_each(:outlets)))
    AND (:topics = '[]' OR key IN (
        SELECT document FROM topics WHERE name IN (SELECT value FROM json_each(:topics))))
    AND published >= :since AND published < :until AND key > :after AND key <= :through ORDER BY key"""
NOON = datetime(2025, 8, 12, 12, 0, tzinfo=BEIJING)


def document(title: str, *texts: str, topic: str = "科创", url: str | None = None, minutes: int = 0) -> Document:
    published = NOON + timedelta(minutes=minutes)
    id = document_id("经济日报", title, published)
    points = tuple(Point(point_id(id, text), text, f"Group {n}", (n, 7)) for n, text in enumerate(texts))
    return Document(id, title, outlet("经济日报"), published, (topic,), url, points)


def analyse(document: Document) -> Tokens:
    points = tuple(
        PointTokens(point.text.lower(), point.section.lower(), f"trace of {point.text}") for point in document.points
    )
    return Tokens(document.title.lower(), points)


def document_keys(snapshot: Snapshot) -> Int64Array:
    return np.concatenate([np.zeros(0, np.int64), *(part.documents.keys for part in snapshot.segments)])


def documents_of_points(snapshot: Snapshot) -> Int64Array:
    return np.repeat(document_keys(snapshot), np.diff(snapshot.bounds))


def matching(corpus: Corpus, wanted: DocumentFilter) -> list[int]:
    """Keys of documents, ascending, by SQL alone."""
    values = _values_of(wanted)
    return [key for (key,) in corpus._rows(MATCHING_SQL, values)]


def _values_of(wanted: DocumentFilter) -> dict[str, object]:
    return {
        "outlets": json.dumps(wanted.outlets),
        "topics": json.dumps(wanted.topics),
        "since": str(wanted.since or ""),
        "until": str(wanted.until + timedelta(days=1)) if wanted.until and wanted.until < date.max else "9",
        "after": wanted.after,
        "through": sys.maxsize if wanted.through is None else wanted.through,
    }
