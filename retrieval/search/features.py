"""Features for the learned order: a query's candidates go in, a few numbers of about 0 to 1 for each come out."""

from dataclasses import dataclass

import numpy as np

from retrieval.index.postings import FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.query.concepts import AnalyzedQuery
from retrieval.search.candidates import Numbers, ScoredCandidates
from retrieval.search.coverage import Coverage
from retrieval.search.ranker import direct_scores

FEATURE_NAMES = ("words", "covered", "evidence", "nearness", "kind", "document", "length")
MAX_WORD_EVIDENCE = 0.8  # of one word: one word that fits does not make an answer
ELSEWHERE_WEIGHT = 0.3  # of a word that only another point of the document has
VERBATIM = "verbatim"  # the feature that needs the text: see `proximity`
MAX_LOG_LENGTH = 5.0  # the logarithm of the terms of a very long point


@dataclass(frozen=True, slots=True)
class Features:
    """A row for each candidate, a column for each of FEATURE_NAMES; `coverage` has the same candidates as columns."""

    table: FloatArray
    coverage: Coverage

    @classmethod
    def of(cls, reading: AnalyzedQuery, matched: ScoredCandidates, snapshot: Snapshot) -> "Features":
        coverage = Coverage.of(reading, matched)
        # a word that no candidate has does not distinguish them
        rarity = coverage.rarity * coverage.there.any(axis=1)
        findable = np.minimum(coverage.rarity, MAX_WORD_EVIDENCE) * (
            coverage.here.any(axis=1) | coverage.nearby.any(axis=1)
        )
        evidence = findable[:, None] * word_strengths(coverage.here, coverage.nearby)
        inherited = np.maximum(matched.document - direct_scores(matched), 0).sum(axis=0)
        columns = (
            _shares(matched.words, matched.words.max(initial=0)),
            _shares((rarity[:, None] * coverage.there).sum(axis=0), rarity.sum()),
            _shares(evidence.sum(axis=0), findable.sum()),
            matched.similarity.corrected if matched.similarity else 0.0,
            _answer_type(reading, matched, snapshot),
            _shares(inherited, matched.own.sum(axis=0).max(initial=0)),
            np.log1p(snapshot.text.lengths.take(matched.points)) / MAX_LOG_LENGTH,
        )
        table = np.empty((len(matched.points), len(columns)))
        for n, column in enumerate(columns):
            table[:, n] = column
        return cls(table, coverage)

    def ordered(self, order: Numbers) -> "Features":
        return Features(self.table.take(order, axis=0), self.coverage.columns(order))


def word_strengths(here: FloatArray, nearby: FloatArray) -> FloatArray:
    """How strongly each word counts as evidence: a half-matched one counts for more than half."""
    return np.asarray(np.sqrt(np.maximum(here, ELSEWHERE_WEIGHT * nearby)), np.float64)


def _answer_type(reading: AnalyzedQuery, matched: ScoredCandidates, snapshot: Snapshot) -> FloatArray:
    """Whether the type of thing that is asked for is there, or a figure; 0 if neither is asked for."""
    types = [n for n, concept in enumerate(reading.concepts) if concept.word.startswith("#")]
    if types:
        return np.asarray((matched.context[types] > 0).any(axis=0), np.float64)
    if not reading.quantity:
        return np.zeros(len(matched.points))
    return snapshot.figured.take(matched.points).astype(np.float64)


def _shares(values: FloatArray, whole: float) -> FloatArray:
    return np.asarray(values / whole, np.float64) if whole > 0 else np.zeros(len(values))
