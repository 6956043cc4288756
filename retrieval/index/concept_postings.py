"""A concept in the index: alternatives to a plan of its terms, and its postings to scores of texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from retrieval.index.postings import BoolArray, FloatArray, HashArray, Int32Array
from retrieval.language.lexicon import Alternative
from retrieval.language.term_hash import cached_hash
from retrieval.runtime.cache import BoundedCache
from retrieval.runtime.kernels import address_of

PARTIAL_MATCH_WEIGHT = 0.2  # of one word of a phrase, shared among the phrase's other words
MAX_CACHED_PLANS = 8_000  # concepts of questions
# Weights are multiples of this, so that sums of them are exact in whatever order they are added up:
# the same corpus gives the same scores to the last bit, however it came in
SCORE_GRAIN = 2.0**-28


class ConceptFrequency(NamedTuple):
    """The number of texts that have a concept; each counts as often as it has the concept, and once at most.

    `whole` counts only whole names, `any` also words of phrases and neighbours.
    """

    any: float
    whole: float


class ConceptPostings(NamedTuple):
    """The texts that have a concept, ascending; its score in each is that of `scores` times the idf, `most` the best.

    They stand from `begin` on in columns of several concepts: texts, scores and `named`, which marks the texts with a
    whole name, not only a word of a phrase or a neighbour. `row` has their addresses, and how many texts these are, for
    kernels that read many concepts.
    """

    columns: tuple[Int32Array, FloatArray, BoolArray]
    begin: int
    row: Sequence[int]
    frequency: ConceptFrequency
    idf: float
    most: float

    @property
    def size(self) -> int:
        return self.row[-1]

    @property
    def texts(self) -> Int32Array:
        return self.columns[0][self.begin : self.begin + self.size]

    @property
    def scores(self) -> FloatArray:
        return self.columns[1][self.begin : self.begin + self.size]

    @property
    def named(self) -> BoolArray:
        return self.columns[2][self.begin : self.begin + self.size]


class PackedPlan(NamedTuple):
    """A plan for kernels: the hashes of its terms, then those of its phrases' terms; the shares of its terms, then what
    they are worth as names by themselves, then of each phrase its size, its weight and its terms' share.

    `row` has the addresses of both arrays, each followed by how many hashes, terms and phrases there are.
    """

    hashes: HashArray
    weights: FloatArray
    row: Sequence[int]


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def packed(self) -> PackedPlan:
        terms = [*self.terms, *(term for terms, _, _ in self.phrases for term in terms)]
        numbers = [*self.terms.values(), *(self.wholes.get(term, 0.0) for term in self.terms)]
        for phrase, weight, share in self.phrases:
            numbers += (len(phrase), weight, share)
        hashes, weights = np.array([*map(cached_hash, terms)], np.uint64), np.array(numbers, np.float64)
        row = address_of(hashes), len(hashes), address_of(weights), len(self.terms), len(self.phrases)
        return PackedPlan(hashes, weights, row)


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
