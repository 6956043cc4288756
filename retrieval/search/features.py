"""What a candidate's place is told by: a few numbers, each between about 0 and 1, whose weights were learned."""

from dataclasses import dataclass

import numpy as np

from retrieval.index.postings import FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.query.analyzer import AnalyzedQuery
from retrieval.search.coverage import Coverage
from retrieval.search.ranker import Numbers, ScoredCandidates, direct_scores

NAMES = ("words", "covered", "evidence", "nearness", "kind", "document", "length")
MAX_WORD_EVIDENCE = 0.8  # a word counts for this much evidence at most: one word that fits does not make an answer
ELSEWHERE_WEIGHT = 0.3  # what a word is worth that only another point of the document has
VERBATIM = "verbatim"  # what a text is needed for: see `proximity`
LENGTH = 5.0  # logarithm of the terms of a very long point


@dataclass(frozen=True, slots=True)
class Features:
    """A row for each candidate in the candidates' order, a column for each of NAMES; `coverage` is of the same."""

    table: FloatArray
    coverage: Coverage

    @classmethod
    def of(cls, reading: AnalyzedQuery, matched: ScoredCandidates, snapshot: Snapshot) -> "Features":
        coverage = Coverage.of(reading, matched)
        # what no candidate has tells none from another: a word that occurs nowhere does not change the order
        rarity = coverage.rarity * coverage.there.any(axis=1)
        told = np.minimum(coverage.rarity, MAX_WORD_EVIDENCE) * (
            coverage.here.any(axis=1) | coverage.nearby.any(axis=1)
        )
        inherited = np.maximum(matched.document - direct_scores(matched), 0).sum(axis=0)
        table = np.stack(
            [
                _shares(matched.words, matched.words.max(initial=0)),
                _shares((rarity[:, None] * coverage.there).sum(axis=0), rarity.sum()),
                _shares((told[:, None] * strength(coverage)).sum(axis=0), told.sum()),
                matched.similarity.corrected if matched.similarity else np.zeros(len(matched.points)),
                _kind(reading, matched, snapshot),
                _shares(inherited, matched.own.sum(axis=0).max(initial=0)),
                np.log1p(snapshot.text.doc_len[matched.points]) / LENGTH,
            ],
            axis=1,
        )
        return cls(table, coverage)

    def ordered(self, order: Numbers) -> "Features":
        return Features(self.table[order], self.coverage.only(np.arange(len(self.coverage.asked)), order))


def strength(coverage: Coverage) -> FloatArray:
    """How far each word is there, as evidence: a half-matched word counts for more than half."""
    return np.asarray(np.sqrt(np.maximum(coverage.here, ELSEWHERE_WEIGHT * coverage.nearby)), np.float64)


def _kind(reading: AnalyzedQuery, matched: ScoredCandidates, snapshot: Snapshot) -> FloatArray:
    """Whether the kind of thing that is asked for (money, how long …) is there, or the figure; 0 where none is."""
    kinds = [n for n, concept in enumerate(reading.concepts) if concept.word.startswith("#")]
    if kinds:
        return np.asarray((matched.context[kinds] > 0).any(axis=0), np.float64)
    return np.asarray(snapshot.figured[matched.points] & reading.quantity, np.float64)


def _shares(values: FloatArray, whole: float) -> FloatArray:
    return np.asarray(values / whole, np.float64) if whole > 0 else np.zeros(len(values))
