"""Vectors on the cluster: each beside its point, the distributions of all in one document; a question's nearest points.

A script counts bits as `QuantizedVectors.products` does, over the codes of all points; the candidates' own vectors come
with their rows.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.cluster.client import WRITE_SECONDS, ClusterClient, Json
from retrieval.cluster.queries import document_clauses, whole_name
from retrieval.language.lexicon import Alternative
from retrieval.model.document_filter import DocumentFilter
from retrieval.semantic.encoder import Matrix
from retrieval.semantic.quantization import PLANE_BITS, QuantizedVectors
from retrieval.semantic.score_normalization import ScoreDistribution
from retrieval.semantic.vector_index import MAX_NEAREST, VectorIndex, keep_end
from retrieval.semantic.vector_store import PointVector, VectorStore

SPREADS_ID = "spreads"
MAX_CODE_FIELDS = 24  # three planes of at most 512 numbers
CODE_FIELDS = [f"code{n:02}" for n in range(MAX_CODE_FIELDS)]
VECTOR_FIELDS: Json = {
    **{name: {"type": "long", "index": False} for name in CODE_FIELDS},
    "code_offset": {"type": "float", "index": False},
    "chinese": {"type": "boolean"},
    "hubness": {"type": "float", "index": False, "doc_values": False},
    "vector": {"type": "keyword", "index": False, "doc_values": False},
    "vector_number": {"type": "long", "index": False, "doc_values": False},
}
ROW_VECTOR_FIELDS = ["chinese", "hubness", "vector", "vector_number"]
SPARE_NEAREST = 20  # the cluster's sums are in another precision: the last of ours may come a little later there
NEAREST_SCRIPT = """
double shared = 0;
for (int plane = 0; plane < params.planes; ++plane) {
  for (int word = 0; word < params.words; ++word) {
    long code = doc[params.fields[plane * params.words + word]].value;
    for (int other = 0; other < params.planes; ++other) {
      long asked = params.asked[other * params.words + word];
      shared += Long.bitCount(code & asked) * (1 << (plane + other));
    }
  }
}
return Math.max(0, params.base + shared / params.scale + doc['code_offset'].value);
"""
BASE_SCORE = 100.0  # added to each, since a score may not be below 0

Spreads = tuple[ScoreDistribution, ScoreDistribution]


class CandidateVectors(VectorStore):
    """Those of a question's candidates, which came with their rows: nothing is read from a file."""

    def __init__(self, store: VectorStore) -> None:
        self.encoder = store.encoder
        self._store = store

    def question_vector(self, question: str) -> Matrix:
        return self._store.question_vector(question)


@dataclass(frozen=True, slots=True)
class ClusterMeaning:
    """The store of this process's encoder, and the distributions of all points' vectors by it."""

    store: VectorStore
    spreads: Spreads

    def nearest(self, text: str, wanted: DocumentFilter, excluded: Iterable[Alternative]) -> list[Json]:
        """Searches, one for each language, that find the points nearest to a question."""
        coded = QuantizedVectors.question_codes(self.store.question_vector(keep_end(text)))
        asked = coded.codes.view(np.int64)
        clauses = document_clauses(wanted, "document")
        params = {
            "planes": PLANE_BITS,
            "words": asked.shape[1],
            "fields": CODE_FIELDS,
            "asked": asked.reshape(-1).tolist(),
            "scale": coded.scale,
            "base": BASE_SCORE,
        }
        return [
            {
                "size": MAX_NEAREST + SPARE_NEAREST,
                "track_total_hits": False,
                "_source": False,
                "docvalue_fields": ["point", "document"],
                "sort": ["_score", {"id_hash": "asc"}],
                "query": {
                    "script_score": {
                        "query": {
                            "bool": {
                                "filter": [{"term": {"chinese": chinese}}, *clauses],
                                "must_not": [whole_name("text", name) for name in excluded],
                            }
                        },
                        "script": {"source": NEAREST_SCRIPT, "params": params},
                    }
                },
            }
            for chinese in (False, True)
        ]

    def index(self, rows: Iterable[Json]) -> VectorIndex:
        """Of the candidates that have a vector, with the distributions of all points."""
        page = [
            PointVector(
                row["point"],
                "",
                row["vector_number"],
                row["chinese"],
                row["hubness"],
                base64.b64decode(row["vector"]),
            )
            for row in rows
            if "vector" in row
        ]
        hashes = [int(row["id_hash"], 16) for row in rows if "vector" in row]
        index = VectorIndex.none(CandidateVectors(self.store))
        return replace(index.page(page) if page else index, ids=np.array(hashes, np.uint64), spreads=self.spreads)


def vector_lines(page: Sequence[PointVector], index: VectorIndex, name: str) -> Iterator[Json]:
    """Bulk lines that give points their vectors; `index` is any of this store."""
    made = index.page(page)
    codes = made.planes.codes.view(np.int64).transpose(1, 0, 2).reshape(len(page), -1).tolist()
    for one, words, offset in zip(page, codes, made.planes.offsets.tolist(), strict=True):
        fields = dict(zip(CODE_FIELDS, words, strict=False))
        yield {"update": {"_index": name, "_id": str(one.point)}}
        yield {
            "doc": {
                **fields,
                "code_offset": offset,
                "chinese": bool(one.chinese),
                "hubness": one.hubness,
                "vector": base64.b64encode(one.vector).decode(),
                "vector_number": one.number,
            }
        }


def write_spreads(client: ClusterClient, index: str, spreads: Spreads) -> None:
    content = [{"count": one.count, "total": _packed(one.total), "products": _packed(one.products)} for one in spreads]
    client.request("PUT", f"/{index}/_doc/{SPREADS_ID}", {"content": {"spreads": content}}, WRITE_SECONDS)


def read_spreads(client: ClusterClient, index: str) -> Spreads:
    found = client.request("GET", f"/{index}/_doc/{SPREADS_ID}")["_source"]["content"]["spreads"]
    first, second = (
        ScoreDistribution(
            one["count"], total := _unpacked(one["total"]), _unpacked(one["products"]).reshape(len(total), -1)
        )
        for one in found
    )
    return first, second


def _packed(array: NDArray[np.float64]) -> str:
    return base64.b64encode(np.ascontiguousarray(array, "<f8").tobytes()).decode()


def _unpacked(written: str) -> NDArray[np.float64]:
    return np.frombuffer(base64.b64decode(written), "<f8").astype(np.float64)
