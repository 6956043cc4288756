"""The reranker: ranked candidates go in, the best of them come out in the learned order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from retrieval.index.postings import FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.query.concepts import AnalyzedQuery
from retrieval.search.candidates import ScoredCandidates, select
from retrieval.search.features import FEATURE_NAMES, Features
from retrieval.search.weights import SureOrder, weighted_sums

MAX_RERANKED = 50  # in trials 0.2 % of the right points came after the first 30
REMAINDER_SCALE = 1e-6  # of the scores of the others, so that they come after all these


@dataclass(frozen=True, slots=True)
class Reranked:
    """`matched` best first, with the features of its first candidates in the same order."""

    matched: ScoredCandidates
    features: Features

    def is_sure(self, sure: SureOrder) -> bool:
        """Whether the first candidate has most of the question, and the others are far behind."""
        if not len(self.matched.points) or not self.features.coverage.asked:
            return False
        coverage, scores = self.features.coverage, self.matched.scores
        evidence = self.features.table[0, FEATURE_NAMES.index("evidence")]
        had, whole = (coverage.rarity * coverage.here[:, 0]).sum(), coverage.rarity.sum()
        leads = ((1, sure.lead), (3, sure.fourth_lead))
        return bool(
            evidence >= sure.evidence
            and had >= sure.rarity * whole
            and all(np.log(scores[0] / scores[at]) >= least for at, least in leads if at < len(scores))
        )


def rerank(
    reading: AnalyzedQuery, matched: ScoredCandidates, snapshot: Snapshot, weights: Mapping[str, float]
) -> Reranked:
    """Scores become exp of the weighted features, so ratios of scores say how far points lie apart. Equal scores are
    ordered by id."""
    size = min(MAX_RERANKED, len(matched.points))
    features = Features.of(reading, matched, snapshot, size)
    scores = learned_scores(features.table, weights)
    order = np.lexsort((snapshot.ids.take(matched.points[:size]), -scores))
    behind = (
        (1 + matched.scores[size:] / (matched.scores.max(initial=0) or 1))
        * REMAINDER_SCALE
        * float(scores.min(initial=1))
    )
    ordered = select(matched, np.concatenate((order, np.arange(size, len(matched.points)))))
    return Reranked(replace(ordered, scores=np.concatenate((scores[order], behind))), features.ordered(order))


def learned_scores(table: FloatArray, weights: Mapping[str, float]) -> FloatArray:
    return np.exp(weighted_sums(table, FEATURE_NAMES, weights))
