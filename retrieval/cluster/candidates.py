"""A question's candidates: rows of the cluster to an index of them that is told the statistics of the whole corpus."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from retrieval.cluster.client import ClusterClient, Json
from retrieval.cluster.documents import ClusterDocuments
from retrieval.cluster.naming import IndexNames
from retrieval.cluster.queries import FIELDS, LENGTHS
from retrieval.cluster.vectors import ROW_VECTOR_FIELDS
from retrieval.index.document_table import DocumentTable
from retrieval.index.fingerprint_table import FingerprintTable
from retrieval.index.postings import PostingLists
from retrieval.index.segment import Segment
from retrieval.index.term_dictionary import TermTable
from retrieval.model.documents import BEIJING
from retrieval.storage.schema import IndexRow

ROW_FIELDS = ["point", "document", "id_hash", "figured", "trace", "outlet", "topics", "day", *FIELDS, *LENGTHS.values()]


def read_rows(
    client: ClusterClient, index: str, documents: Collection[int], terms: Collection[str], points: Collection[int]
) -> list[Json]:
    """Of these documents, by ascending key, the points that have any of the terms, which score something, and `points`;
    with their vectors where `points` were asked for."""
    if not documents or not (terms or points):
        return []
    having: list[Json] = [{"terms": {field: sorted(terms)}} for field in FIELDS] if terms else []
    if points:
        having.append({"terms": {"point": sorted(points)}})
    body = {
        "query": {
            "bool": {
                "filter": [{"terms": {"document": sorted(documents)}}, {"bool": {"should": having}}],
            }
        },
        "sort": [{"point": "asc"}],
        "_source": ROW_FIELDS + (ROW_VECTOR_FIELDS if points else []),
    }
    return [hit["_source"] for hit in client.all_hits(index, body)]


class CandidateDocuments(ClusterDocuments):
    """With the fingerprints of a question's candidates, which came with their rows."""

    def __init__(self, client: ClusterClient, names: IndexNames, rows: Iterable[Json]) -> None:
        super().__init__(client, names)
        self._traces: dict[int, str] = {row["point"]: row["trace"] for row in rows}

    def traces(self, keys: Sequence[int]) -> dict[int, str]:
        return {key: self._traces[key] for key in keys if key in self._traces}


def segment_of(rows: Sequence[Json], terms: Collection[str]) -> Segment:
    """With the postings of these terms alone, a heading for each point, and lengths as they are told."""
    text, context = (_postings(rows, field, terms) for field in FIELDS)
    return Segment(
        "candidates",
        0,
        np.array([row["point"] for row in rows], np.int64),
        np.array([int(row["id_hash"], 16) for row in rows], np.uint64),
        np.array([row["figured"] for row in rows], np.bool_),
        DocumentTable.of(map(_index_row, rows)),
        FingerprintTable.of(row["trace"] for row in rows),
        np.arange(len(rows)),
        text,
        context,
        TermTable.of(()),
    )


def _index_row(row: Json) -> IndexRow:
    """With what its document's columns are made of."""
    day = datetime.fromisoformat(row["day"]).replace(tzinfo=BEIJING)
    return IndexRow(row["point"], row["document"], "", "", "", day, row["outlet"], tuple(row["topics"]), "")


def _postings(rows: Sequence[Json], field: str, terms: Collection[str]) -> PostingLists:
    postings = PostingLists.of([[term for term in row[field].split() if term in terms] for row in rows])
    return replace(postings, lengths=np.array([row[LENGTHS[field]] for row in rows], np.int32))
