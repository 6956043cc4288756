"""Coverage: a query's words and candidates to a table of how much of each word each candidate has."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, FloatArray, idf
from retrieval.query.concepts import AnalyzedQuery
from retrieval.query.word_concepts import WORD_PART_WEIGHT
from retrieval.runtime.kernels import Kernel
from retrieval.search.candidates import ScoredCandidates

PLAIN_OCCURRENCE_SHARE = 0.8  # of a plain occurrence; from here a word counts as there, even without a whole name
MIN_FOUND_SHARE = 0.3  # below, no name counts as there

ConceptRows = list[int]

# How much candidates have of words, as `Coverage` says. The concepts of word i stand in `rows`: for all
# of it from `bounds[2 * i]`, for its parts from `bounds[2 * i + 1]`, up to the next bound.
_cover_words = Kernel(
    "void cover_words(const double *scores, const _Bool *marks, int64_t candidate_count, int64_t concept_count, "
    "const double *weights, const int64_t *rows, const int64_t *bounds, int64_t word_count, double plain_share, "
    "double least_share, double *here, double *nearby, _Bool *there, _Bool *near);"
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rows are the question's words in order, columns the candidates.

    `here` and `nearby` are the point's and its document's shares of a plain occurrence; a phrase of which only one word
    matches has a share too. `there` and `near` say whether they have the whole word under any of its names. `rarity` is
    in units of the corpus's rarest word.
    """

    asked: tuple[str, ...]
    rarity: FloatArray
    here: FloatArray
    nearby: FloatArray
    there: BoolArray
    near: BoolArray

    @classmethod
    def of(cls, reading: AnalyzedQuery, matched: ScoredCandidates, size: int | None = None) -> "Coverage":
        """Of the first `size` candidates; a split word is there as far as itself or all its parts are."""
        count = len(matched.points) if size is None else size
        found = concept_rows(reading)
        ways, shape = [way for ways in found.values() for way in ways], (count, len(found))
        weights, rarest, unmet = matched.weights.tolist(), math.log(matched.size + 1) or 1.0, idf(matched.size, 0)
        rarity = [_rarity(reading, unmet, weights, whole, parts) / rarest for whole, parts in found.values()]
        here, nearby = np.empty(shape), np.empty(shape)
        there, near = np.empty(shape, np.bool_), np.empty(shape, np.bool_)
        _cover_words(
            *(matched.tables, matched.marks, count, len(weights), matched.weights),
            *(np.array([*chain(*ways)], np.int64), np.array([*accumulate(map(len, ways), initial=0)], np.int64)),
            *(len(found), PLAIN_OCCURRENCE_SHARE, MIN_FOUND_SHARE, here, nearby, there, near),
        )
        return cls(tuple(found), np.array(rarity, np.float64), here.T, nearby.T, there.T, near.T)

    def columns(self, chosen: NDArray[np.intp]) -> "Coverage":
        """Of these candidates, in this order."""
        here, nearby = self.here.take(chosen, axis=1), self.nearby.take(chosen, axis=1)
        there, near = self.there.take(chosen, axis=1), self.near.take(chosen, axis=1)
        return Coverage(self.asked, self.rarity, here, nearby, there, near)


def concept_rows(reading: AnalyzedQuery) -> dict[str, tuple[ConceptRows, ConceptRows]]:
    """By word of the question, in order, the numbers of the concepts that stand for it: for all of it, and for its
    parts."""
    found: dict[str, tuple[ConceptRows, ConceptRows]] = {}
    for n, concept in enumerate(reading.concepts):
        if concept.asked:
            whole, parts = found.setdefault(concept.asked, ([], []))
            (whole if concept.word == concept.asked else parts).append(n)
    return found


def _rarity(
    reading: AnalyzedQuery, unmet: float, weights: Sequence[float], whole: ConceptRows, parts: ConceptRows
) -> float:
    """The whole word's if any text has it, else its rarest part's; `unmet` is the idf of what no text has."""
    known = [weights[n] for n in whole if weights[n] < reading.concepts[n].weight * unmet]
    if known or not parts:
        return max(known or [weights[n] for n in whole])
    return max(weights[n] for n in parts) / WORD_PART_WEIGHT
