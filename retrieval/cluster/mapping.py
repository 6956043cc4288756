"""Mappings of the four indexes, and the documents in them: rows of the corpus go in, JSON comes out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from retrieval.cluster.client import Json
from retrieval.cluster.naming import Kind
from retrieval.cluster.vectors import VECTOR_FIELDS
from retrieval.language.term_hash import hash_term
from retrieval.model.documents import BEIJING, Document, Point
from retrieval.model.outlets import outlet
from retrieval.storage.schema import IndexRow

MAX_TERM_BYTES = 8191  # Lucene's limit is 32,766; by default a tokenizer cuts after 255
SHARDS, REPLICAS = 3, 1

TOKENS = {
    "analysis": {
        "tokenizer": {"tokens": {"type": "whitespace", "max_token_length": MAX_TERM_BYTES}},
        "analyzer": {"tokens": {"type": "custom", "tokenizer": "tokens"}},
    },
    # a bool of terms with boosts then scores a concept's weighted frequency
    "similarity": {"frequency": {"type": "scripted", "script": {"source": "return query.boost * doc.freq;"}}},
}
COUNTED = {
    "type": "text",
    "analyzer": "tokens",
    "similarity": "frequency",
    "index_options": "freqs",
    "norms": False,
}
SHOWN = {"outlet": {"type": "keyword"}, "topics": {"type": "keyword"}, "day": {"type": "keyword"}}
MAPPINGS: dict[Kind, Json] = {
    "points": {
        "point": {"type": "long"},
        "document": {"type": "long"},
        "id_hash": {"type": "keyword"},
        "figured": {"type": "boolean", "index": False, "doc_values": False},
        "trace": {"type": "keyword", "index": False, "doc_values": False},
        "text": COUNTED,
        "context": COUNTED,
        "length": {"type": "integer"},
        "context_length": {"type": "integer"},
        **SHOWN,
        **VECTOR_FIELDS,
    },
    "documents": {
        "key": {"type": "long"},
        "id": {"type": "keyword"},
        "published": {"type": "long"},
        "first_point": {"type": "long"},
        "point_keys": {"type": "long"},
        "point_ids": {"type": "keyword"},
        "point_count": {"type": "integer"},
        "content": {"type": "object", "enabled": False},
        **SHOWN,
    },
    "terms": {"term": {"type": "keyword", "index": False, "doc_values": False}, "seq": {"type": "long"}},
    "state": {"content": {"type": "object", "enabled": False}},
}


def index_body(kind: Kind, shards: int = SHARDS) -> Json:
    """Terms and the state are of one shard: a refresh shows all of them at once or none."""
    settings: Json = {
        "number_of_shards": shards if kind in ("points", "documents") else 1,
    }
    if kind == "points":
        settings |= TOKENS
    return {"settings": settings, "mappings": {"dynamic": "strict", "properties": MAPPINGS[kind]}}


def point_document(row: IndexRow) -> Json:
    text, context = row.text.split(), [*row.title.split(), *row.section.split()]
    return {
        "point": row.point,
        "document": row.document,
        "id_hash": f"{hash_term(row.id):016x}",
        "figured": any(term[0].isdigit() for term in text),
        "trace": row.trace,
        "text": " ".join(text),
        "context": " ".join(context),
        "length": len(text),
        "context_length": len(context),
        "outlet": row.outlet,
        "topics": list(row.topics),
        "day": row.published.astimezone(BEIJING).date().isoformat(),
    }


def row_terms(row: IndexRow) -> set[str]:
    return {term for field in (row.text, row.title, row.section) for term in field.split()}


def stored_document(key: int, document: Document, points: Iterable[tuple[int, Point]]) -> Json:
    """`points` are the document's keys in order, each with its point."""
    points = list(points)
    return {
        "key": key,
        "id": document.id,
        "outlet": document.outlet.name,
        "topics": list(document.topics),
        "day": document.published.astimezone(BEIJING).date().isoformat(),
        "published": int(document.published.timestamp()),
        "first_point": points[0][0],
        "point_keys": [key for key, _ in points],
        "point_ids": [point.id for _, point in points],
        "point_count": len(points),
        "content": {
            "title": document.title,
            "url": document.url,
            "kind": document.kind,
            "points": [[point.id, point.text, point.section, list(point.citations)] for _, point in points],
        },
    }


def read_point(written: list[Any]) -> Point:
    id, text, section, citations = written
    return Point(id, text, section, tuple(citations))


def read_document(source: Json, *, with_points: bool = True) -> Document:
    content = source["content"]
    return Document(
        source["id"],
        content["title"],
        outlet(source["outlet"]),
        datetime.fromtimestamp(source["published"], BEIJING),
        tuple(source["topics"]),
        content["url"],
        tuple(map(read_point, content["points"])) if with_points else (),
        content["kind"],
    )
