"""Scoring: a question's postings to its best points by words, and to the score of each concept in a point.

Each is one call of a loop in C, which reads the postings of all concepts: see scoring.c.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.concept_postings import ConceptPostings
from retrieval.index.postings import BoolArray, FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.runtime.kernels import Kernel
from retrieval.search.candidates import Numbers, ScoredCandidates

CONTEXT_WEIGHT = 0.8  # of a match in title, topic or section, against 1 in the point's own text
# Share of the lower of the two that is added to the higher: a document's points share their title, and the one that
# repeats its words is not the one that answers. Plain sums cost three questions of a hundred their first place.
REPEATED_WEIGHT = 0.2
DOCUMENT_WEIGHT = 0.25  # share of the document's best score for a concept that its other points inherit
MAX_CANDIDATES = 300  # scored in their documents; in trials no answer ranked lower
RANGE_POINTS = 2048  # whose totals are added up at once: 8 KB stay in the processor's nearest cache
EXACT_POSTINGS = 64  # are added up in the time of one exact total
ROOM = 4  # times as many candidates are kept while postings are read, before the best of them are chosen

NO_MASK: BoolArray = np.zeros(0, np.bool_)

# The best points of those that a mask marks, or of all if it is empty, by the sum of their concepts' scores, those in
# headings times `context_weight`; equal ones by id. Returns how many these are, at most `most`, which ascend in
# `points`. Totals are added up range by range of points, rows in the given order, best by `mosts` first: where the rest
# cannot lift many points of a range among the best, it is looked up for these alone (Turtle and Flood 1995). There is
# `room` for several times as many points as `most`, and for twice as many totals; `sums` are zeros, one for each point
# of a range; `cursors` are zeros, three for each row.
_find_best = Kernel(
    "int64_t find_best(int64_t point_count, const int64_t *table, const double *idfs, const double *weights, "
    "const double *factors, const double *mosts, const int64_t *order, int64_t concept_count, "
    "double context_weight, const int64_t *heading_bounds, const int32_t *headings, int64_t heading_count, "
    "const _Bool *mask, int64_t mask_count, const uint64_t *ids, double exact_postings, float *sums, "
    "int64_t range, int64_t *cursors, double *totals, int64_t *points, int64_t room, double *best_totals, "
    "uint64_t *best_ids, int64_t most);"
)
# Of ascending points, a row each: three scores of each concept, in the text, in the headings and in the best point of
# the document; two marks, whether the text or its headings have a whole name of it, and whether any point of the
# document does; and the total. `cursors` are zeros, two for each concept; `addends` has room for one for each.
_score_points = Kernel(
    "void score_points(const int64_t *points, int64_t point_count, const int64_t *bounds, int64_t document_count, "
    "const int32_t *headings, const int64_t *table, const double *idfs, const double *weights, int64_t concept_count, "
    "double context_weight, double repeated_weight, double document_weight, int64_t *cursors, double *addends, "
    "double *scores, _Bool *marks, double *totals);"
)


@dataclass(frozen=True, slots=True)
class QuestionPostings:
    """The postings of a question's concepts in the points' own texts, and then in the headings.

    `table` has a row of addresses for each, which are valid as long as `concepts` are there.
    """

    concepts: tuple[ConceptPostings, ...]
    table: NDArray[np.int64]
    idfs: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, own: Sequence[ConceptPostings], context: Sequence[ConceptPostings], weights: Sequence[float]) -> Self:
        concepts = (*own, *context)
        return cls(
            concepts,
            np.array([one.row for one in concepts], np.int64),
            np.array([one.idf for one in concepts], np.float64),
            np.array([*weights, *weights], np.float64),
        )

    def __len__(self) -> int:
        """The number of concepts."""
        return len(self.concepts) // 2

    def best_points(self, snapshot: Snapshot, mask: BoolArray | None) -> Numbers:
        """The MAX_CANDIDATES points with the best own scores, ascending; equal ones by id."""
        count, fields = len(snapshot.keys), np.repeat((1.0, CONTEXT_WEIGHT), len(self)) * self.weights
        factors, mosts = fields * self.idfs, fields * [one.most for one in self.concepts]
        room = ROOM * MAX_CANDIDATES
        points = np.empty(room, np.int64)
        if snapshot.living is not None:
            mask = snapshot.living if mask is None else snapshot.living & mask
        mask = NO_MASK if mask is None else mask
        size = _find_best(
            *(count, self.table, self.idfs, self.weights, factors, mosts, np.argsort(-mosts, kind="stable"), len(self)),
            *(CONTEXT_WEIGHT, snapshot.heading_bounds, snapshot.headings, snapshot.context.text_count),
            *(mask, len(mask), snapshot.ids),
            *(EXACT_POSTINGS, np.zeros(RANGE_POINTS, np.float32), RANGE_POINTS),
            *(np.zeros(3 * len(self.concepts), np.int64), np.empty(2 * room), points, room),
            *(np.empty(MAX_CANDIDATES), np.empty(MAX_CANDIDATES, np.uint64), MAX_CANDIDATES),
        )
        return points[:size].copy()

    def score(self, snapshot: Snapshot, points: Numbers) -> ScoredCandidates:
        """These points, which ascend, by their texts, their headings and their documents."""
        count = len(self)
        tables, marks = np.empty((len(points), 3, count)), np.empty((len(points), 2, count), np.bool_)
        totals = np.empty(len(points))
        _score_points(
            *(points, len(points), snapshot.bounds, len(snapshot.bounds) - 1, snapshot.headings),
            *(self.table, self.idfs, self.weights, count, CONTEXT_WEIGHT, REPEATED_WEIGHT, DOCUMENT_WEIGHT),
            *(np.zeros(len(self.concepts), np.int64), np.empty(count), tables, marks, totals),
        )
        plain = self.weights[:count] * self.idfs[:count]
        return ScoredCandidates(points, totals, totals, tables, marks, plain, snapshot.text.size)
