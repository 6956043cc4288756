"""Search by vectors: a question's vector goes in, the nearest points and their scores come out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.document_table import Int64Array
from retrieval.index.postings import BoolArray, FloatArray
from retrieval.language.term_hash import hash_term
from retrieval.runtime.cache import ScratchArrays
from retrieval.runtime.kernels import Kernel
from retrieval.semantic.encoder import Matrix
from retrieval.semantic.quantization import UNSOUGHT_GROUP, QuantizedVectors
from retrieval.semantic.score_normalization import (
    FIXED_POINT_SCALE,
    ScoreDistribution,
    distributions,
    summed,
    to_fixed_point,
)
from retrieval.semantic.vector_rows import Halves, VectorRows
from retrieval.semantic.vector_store import PointVector, VectorCursor, VectorStore

MAX_NEAREST = 150  # points of each language that are looked at closely
# points of each language with the highest rough products, among which those are sought: of 100,000 points whose vectors
# are half noise, one in four hundred of the nearest is missed, and of 13,000 glosses none
MAX_ROUGH = 3_000
MAX_QUERY_HAN = 50  # Chinese characters of a question, or four times as many letters, that are encoded: some 4 ms


# Of keys, and of those that are marked, what `Similarity` says; `vector` is the question's. The rest is the index: rows
# by ascending key, the first place and the address of each part of the vectors, and the distributions of other and of
# Chinese vectors. There is room for the question's numbers, and for a row for each key.
_compare_points = Kernel(
    "void compare_points(const int64_t *keys, int64_t count, const _Bool *closely, const float *vector, "
    "double *question, int64_t *rows, double *standing, double *corrected, const int64_t *index_keys, "
    "int64_t index_count, int64_t size, const _Bool *chinese, const int16_t *hubness, const int32_t *places, "
    "const int64_t *parts, int64_t part_count, int64_t other_count, const double *other_total, "
    "const double *other_products, int64_t chinese_count, const double *chinese_total, const double *chinese_products);"
)


class Similarity(NamedTuple):
    """How near points are to a question, a number each; all 0 for points without a vector.

    `standing` is the cosine's score in the point's language, as by `score_normalization`; `corrected` is that of the
    cosine minus the point's hubness, so that a point near to everything does not count as near.
    """

    standing: FloatArray
    corrected: FloatArray


@dataclass(frozen=True)
class VectorIndex:
    """The points that have a vector, by ascending `keys`; `ids` are hashes of the points', `numbers` the vectors'.

    `places` are those of the points' vectors in `rows`, which may have others too. `hubness` is in whole 16384ths.
    `spreads` are of the vectors with their hubness as one more number, and so describe cosines with and without it.
    """

    vectors: VectorStore
    seen: VectorCursor
    keys: Int64Array
    ids: NDArray[np.uint64]
    numbers: Int64Array
    chinese: BoolArray
    hubness: NDArray[np.int16]
    places: NDArray[np.int32]
    rows: VectorRows
    planes: QuantizedVectors
    spreads: tuple[ScoreDistribution, ScoreDistribution]

    @classmethod
    def none(cls, vectors: VectorStore) -> Self:
        size = vectors.encoder.size
        nothing = ScoreDistribution(0, np.zeros(size + 1), np.zeros((size + 1, size + 1)))
        planes = QuantizedVectors.of(np.zeros((0, size), np.float32))
        ints = np.zeros(0, np.int64)
        columns = (ints, ints.astype(np.uint64), ints, ints.astype(np.bool_), ints.astype(np.int16))
        rows = VectorRows(np.zeros((0, size), np.float16))
        return cls(vectors, VectorCursor(), *columns, ints.astype(np.int32), rows, planes, (nothing, nothing))

    def refreshed(self) -> Self:
        """The same with the points that got a vector since, and without those that are gone; itself where none did."""
        with self.vectors.state() as seen:
            if seen == self.seen:
                return self
            kept = self._without(self.vectors.gone(self.seen))
            joined = kept._joined(map(self.page, self.vectors.since(self.seen)))
        if (np.diff(joined.keys) == 0).any():  # vectors went, and came again, behind our back
            return self.none(self.vectors).refreshed()
        return replace(joined, seen=seen)

    def to(self, question: str) -> "QuerySimilarity":
        """How the points lie to a question."""
        return QuerySimilarity(self, self.vectors.question_vector(keep_end(question)))

    def vectors_of(self, keys: Sequence[int]) -> Matrix:
        """A row for each key; zeros where the point has no vector."""
        found = np.zeros((len(keys), self.vectors.encoder.size), np.float32)
        if len(self.keys):
            rows = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            there = self.keys[rows] == keys
            found[there] = self.halves(rows[there])
        return found

    def halves(self, rows: Int64Array) -> Halves:
        """The points' vectors as they are kept."""
        return self.rows.take(self.places[rows])

    def _without(self, keys: Sequence[int]) -> Self:
        gone = np.isin(self.keys, keys)
        if not gone.any():
            return self
        left = _described(to_fixed_point(self.halves(np.flatnonzero(gone))), self.hubness[gone], self.chinese[gone])
        return replace(self._chosen(~gone), spreads=summed(self.spreads, left, -1))

    def _chosen(self, rows: BoolArray | Int64Array) -> Self:
        columns = {name: getattr(self, name)[rows] for name in (*VECTOR_COLUMNS, "places")}
        return replace(self, planes=self.planes.chosen(rows), **columns)

    def page(self, page: Sequence[PointVector]) -> Self:
        halves = np.frombuffer(b"".join(placed.vector for placed in page), np.float16).reshape(len(page), -1)
        counted = to_fixed_point(halves)
        chinese = np.array([placed.chinese for placed in page], np.bool_)
        hubness = np.rint(np.array([placed.hubness for placed in page]) * FIXED_POINT_SCALE).astype(np.int16)
        return replace(
            self,
            keys=np.array([placed.point for placed in page], np.int64),
            ids=np.array([hash_term(placed.id) for placed in page], np.uint64),
            numbers=np.array([placed.number for placed in page], np.int64),
            chinese=chinese,
            hubness=hubness,
            places=np.arange(len(page), dtype=np.int32),
            rows=VectorRows(halves),
            planes=QuantizedVectors.of((counted / FIXED_POINT_SCALE).astype(np.float32)),
            spreads=_described(counted, hubness, chinese),
        )

    @cached_property
    def compare_points(self) -> Kernel:
        distributions = [part for one in self.spreads for part in (one.count, one.total, one.products)]
        columns = self.chinese, self.hubness, self.places
        parts, size = self.rows.addresses, self.rows.saved.shape[1]
        index = self.keys, len(self.keys), size, *columns, parts, len(parts), *distributions
        return _compare_points.ending_with(*index)

    @cached_property
    def distances(self) -> ScratchArrays[np.int16]:
        return ScratchArrays(len(self.keys), np.int16)

    def _joined(self, pages: Iterable[Self]) -> Self:
        every, total, rows = [self], self.spreads, self.rows
        for page in pages:
            total = summed(total, page.spreads)
            places = page.places + np.int32(len(rows))
            every.append(replace(page, places=places, spreads=self.spreads))  # each of them is two large matrices
            rows = rows.plus(page.rows.saved)
        if len(every) == 1:
            return self
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(one, name) for one in every]) for name in (*VECTOR_COLUMNS, "places")
        }
        planes = QuantizedVectors.joined([one.planes for one in every])
        joined = replace(self, rows=rows, planes=planes, spreads=total, **columns)
        order = np.argsort(joined.keys, kind="stable")
        return joined if (np.diff(order) == 1).all() else joined._chosen(order)


VECTOR_COLUMNS = ("keys", "ids", "numbers", "chinese", "hubness")


class QuerySimilarity:
    """One question among the points."""

    def __init__(self, meaning: VectorIndex, question: Matrix) -> None:
        self._meaning, self._question = meaning, question

    def nearest(self, among: Int64Array | None = None) -> Int64Array:
        """The keys of the points of each language that are roughly the nearest, ascending; only `among` those given."""
        meaning = self._meaning
        groups = meaning.chinese.view(np.uint8)
        if among is not None:
            groups = np.where(np.isin(meaning.keys, among), groups, np.uint8(UNSOUGHT_GROUP))
        with meaning.distances.borrow() as distances:
            rows = meaning.planes.nearest(self._question, groups, meaning.ids, MAX_NEAREST, MAX_ROUGH, distances)
        return np.sort(meaning.keys[rows])

    def similarity(self, keys: Int64Array, closely: BoolArray | None = None) -> Similarity:
        """Of these points, or of those that `closely` marks and 0 for the others."""
        count, size = len(keys), self._question.shape[1]
        closely = np.ones(count, np.bool_) if closely is None else closely
        found = Similarity(np.empty(count), np.empty(count))
        room = np.empty(size), np.empty(count, np.int64)
        self._meaning.compare_points(keys, count, closely, self._question, *room, *found)
        return found


def _described(
    counted: NDArray[np.float64], hubness: NDArray[np.int16], chinese: BoolArray
) -> tuple[ScoreDistribution, ScoreDistribution]:
    return distributions(np.column_stack([counted, hubness]), chinese)


def keep_end(text: str) -> str:
    """The end of a question, as much as there is time for: after a long explanation the question comes last."""
    room = MAX_QUERY_HAN * 4
    for at in range(len(text) - 1, -1, -1):
        room -= 4 if text[at] >= "⺀" else 1  # the scripts of East Asia begin there
        if room < 0:
            return text[at + 1 :]
    return text
