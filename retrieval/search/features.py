"""Features for the learned order: a query's candidates go in, a few numbers of about 0 to 1 for each come out."""

from dataclasses import dataclass

import numpy as np

from retrieval.index.postings import BoolArray, FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.query.concepts import AnalyzedQuery
from retrieval.runtime.kernels import Kernel
from retrieval.search.candidates import Numbers, ScoredCandidates
from retrieval.search.coverage import Coverage
from retrieval.search.scoring import CONTEXT_WEIGHT, REPEATED_WEIGHT

FEATURE_NAMES = ("words", "covered", "evidence", "nearness", "kind", "document", "length")
MAX_WORD_EVIDENCE = 0.8  # of one word: one word that fits does not make an answer
ELSEWHERE_WEIGHT = 0.3  # of a word that only another point of the document has
NEARNESS, KIND, LENGTH = map(FEATURE_NAMES.index, ("nearness", "kind", "length"))
VERBATIM = "verbatim"  # the feature that needs the text: see `proximity`
MAX_LOG_LENGTH = 5.0  # the logarithm of the terms of a very long point

# The other features of candidates, in the order of FEATURE_NAMES, by their scores, totals and coverage; `scratch` has
# room for two numbers for each word and one for each concept.
_read_features = Kernel(
    "void read_features(const double *scores, int64_t candidate_count, int64_t concept_count, double context_weight, "
    "double repeated_weight, const double *totals, const double *rarity, const double *here, const double *nearby, "
    "const _Bool *there, int64_t word_count, double most_evidence, double elsewhere_weight, double *scratch, "
    "double *features);"
)


@dataclass(frozen=True, slots=True)
class Features:
    """A row for each candidate, a column for each of FEATURE_NAMES; `coverage` has the same candidates as columns."""

    table: FloatArray
    coverage: Coverage

    @classmethod
    def of(
        cls, reading: AnalyzedQuery, matched: ScoredCandidates, snapshot: Snapshot, size: int | None = None
    ) -> "Features":
        """Of the first `size` candidates, each compared with these."""
        coverage = Coverage.of(reading, matched, size)
        words, count = coverage.here.shape
        points, concepts = matched.points[:count], len(matched.weights)
        table = np.empty((count, len(FEATURE_NAMES)))
        _read_features(
            *(matched.tables, count, concepts, CONTEXT_WEIGHT, REPEATED_WEIGHT, matched.words),
            *(coverage.rarity, coverage.here.T, coverage.nearby.T, coverage.there.T, words),
            *(MAX_WORD_EVIDENCE, ELSEWHERE_WEIGHT, np.empty(2 * words + concepts), table),
        )
        table[:, NEARNESS] = matched.similarity.corrected[:count] if matched.similarity else 0.0
        table[:, KIND] = _answer_type(reading, matched, snapshot)[:count]
        table[:, LENGTH] = np.log1p(snapshot.text.lengths.take(points)) / MAX_LOG_LENGTH
        return cls(table, coverage)

    def ordered(self, order: Numbers) -> "Features":
        return Features(self.table.take(order, axis=0), self.coverage.columns(order))


def word_strengths(here: FloatArray, nearby: FloatArray) -> FloatArray:
    """How strongly each word counts as evidence: a half-matched one counts for more than half."""
    return np.asarray(np.sqrt(np.maximum(here, ELSEWHERE_WEIGHT * nearby)), np.float64)


def _answer_type(reading: AnalyzedQuery, matched: ScoredCandidates, snapshot: Snapshot) -> BoolArray:
    """Whether the type of thing that is asked for is there, or a figure; not if neither is asked for."""
    types = [n for n, concept in enumerate(reading.concepts) if concept.word.startswith("#")]
    if types:
        return np.asarray((matched.context[types] > 0).any(axis=0), np.bool_)
    if not reading.quantity:
        return np.zeros(len(matched.points), np.bool_)
    return snapshot.figured.take(matched.points)
