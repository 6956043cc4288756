"""A concept in the index: alternatives to a plan of its terms, and its postings to scores of texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, FloatArray, HashArray, Int32Array
from retrieval.language.lexicon import Alternative
from retrieval.language.term_hash import cached_hash
from retrieval.runtime.cache import BoundedCache

PARTIAL_MATCH_WEIGHT = 0.2  # of one word of a phrase, shared among the phrase's other words
MAX_CACHED_PLANS = 8_000  # concepts of questions
MAX_CACHED_COLUMNS = 16  # of questions that are searched at the same time
# Weights are multiples of this, so that sums of them are exact in whatever order they are added up:
# the same corpus gives the same scores to the last bit, however it came in
SCORE_GRAIN = 2.0**-28


@dataclass(frozen=True, slots=True)
class ConceptPostings:
    """The texts that have a concept, ascending; its score in each is that of `scores` times the idf, `most` the best.

    `named` marks the texts with a whole name, not only a word of a phrase or a neighbour. `addresses` are those of
    `texts`, `scores` and `named`, and then their length, for kernels that read many concepts.
    """

    texts: Int32Array
    scores: FloatArray
    idf: float
    most: float
    named: BoolArray
    addresses: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class ConceptPlan:
    """How postings add up to a concept's frequency: what an occurrence of each term adds; and each phrase with its
    weight and the share of that which each of its terms has had alone. `wholes` are the terms that are names by
    themselves."""

    terms: dict[str, float]
    phrases: tuple[tuple[tuple[str, ...], float, float], ...]
    wholes: dict[str, float]

    @classmethod
    def of(
        cls,
        alternatives: Iterable[Alternative],
        partial: float = PARTIAL_MATCH_WEIGHT,
        neighbours: Iterable[Alternative] = (),
    ) -> Self:
        """`neighbours` count by their weight, and are no names."""
        terms: dict[str, float] = {}
        wholes: dict[str, float] = {}
        phrases = []
        for alternative in alternatives:
            if len(alternative.terms) == 1:
                share = _quantize(alternative.weight)
                wholes[alternative.terms[0]] = wholes.get(alternative.terms[0], 0) + share
            else:
                share = _quantize(partial * alternative.weight / (len(alternative.terms) - 1))
                phrases.append((alternative.terms, _quantize(alternative.weight), share))
            for term in alternative.terms:
                terms[term] = terms.get(term, 0) + share
        for neighbour in neighbours:
            [term] = neighbour.terms
            terms[term] = terms.get(term, 0) + _quantize(neighbour.weight)
        return cls(terms, tuple(phrases), wholes)


class PlanColumns(NamedTuple):
    """Plans for kernels. `hashes` are those of their terms, plan by plan, and then those of their phrases' terms.

    The terms of plan i begin at `term_bounds[i]`, its phrases at `phrase_bounds[i]`, the terms of phrase j among all
    hashes at `phrase_starts[j]`; the last value of each is the end.
    """

    hashes: HashArray
    shares: FloatArray
    wholes: FloatArray
    term_bounds: NDArray[np.int64]
    phrase_bounds: NDArray[np.int64]
    phrase_starts: NDArray[np.int64]
    phrase_weights: FloatArray
    phrase_shares: FloatArray

    @classmethod
    def of(cls, plans: Sequence[ConceptPlan]) -> Self:
        hashes = [cached_hash(term) for plan in plans for term in plan.terms]
        phrases = [phrase for plan in plans for phrase in plan.phrases]
        starts = [*accumulate((len(terms) for terms, _, _ in phrases), initial=len(hashes))]
        hashes += [cached_hash(term) for terms, _, _ in phrases for term in terms]
        return cls(
            np.array(hashes, np.uint64),
            np.array([share for plan in plans for share in plan.terms.values()], np.float64),
            np.array([plan.wholes.get(term, 0.0) for plan in plans for term in plan.terms], np.float64),
            np.array([*accumulate((len(plan.terms) for plan in plans), initial=0)], np.int64),
            np.array([*accumulate((len(plan.phrases) for plan in plans), initial=0)], np.int64),
            np.array(starts, np.int64),
            np.array([weight for _, weight, _ in phrases], np.float64),
            np.array([share for _, _, share in phrases], np.float64),
        )


# a question's concepts are looked for in the points' own texts and in the headings
columns_of = lru_cache(MAX_CACHED_COLUMNS)(PlanColumns.of)


class ConceptPlans:
    """The same plan for the same tuple object, so that indexes cache by it; comparing tuples takes longer."""

    def __init__(self) -> None:
        self._known: BoundedCache[int, tuple[tuple[Alternative, ...], ConceptPlan]] = BoundedCache(MAX_CACHED_PLANS)

    def plan(self, alternatives: tuple[Alternative, ...], neighbours: tuple[Alternative, ...] = ()) -> ConceptPlan:
        known = self._known.get(id(alternatives))
        if known is None or known[0] is not alternatives:
            known = self._known[id(alternatives)] = alternatives, ConceptPlan.of(alternatives, neighbours=neighbours)
        return known[1]

    def of(self, concepts: Iterable[tuple[tuple[Alternative, ...], tuple[Alternative, ...]]]) -> "ConceptPlans":
        """Those of one question, which stay however many others are made meanwhile."""
        plans = ConceptPlans()
        for alternatives, neighbours in concepts:
            plans._known[id(alternatives)] = alternatives, self.plan(alternatives, neighbours)
        return plans


def _quantize(weight: float) -> float:
    return round(weight / SCORE_GRAIN) * SCORE_GRAIN
