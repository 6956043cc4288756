"""The best candidates in their learned order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from retrieval.index.postings import FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.query.analyzer import AnalyzedQuery
from retrieval.search.features import NAMES, Features
from retrieval.search.ranker import ScoredCandidates, only
from retrieval.search.weights import weighed

POOL = 50  # candidates in the learned order; in trials 0.2 % of the right points came after the first 30
REST = 1e-6  # the others stand behind them


@dataclass(frozen=True, slots=True)
class Reranked:
    """`matched` best first, with the features of its first candidates in the same order."""

    matched: ScoredCandidates
    features: Features


def rerank(
    reading: AnalyzedQuery, matched: ScoredCandidates, snapshot: Snapshot, weights: Mapping[str, float]
) -> Reranked:
    """The scores become exponents of the weighted features: two points' ratio tells how far they lie apart.

    Equal scores are in the order of the points' ids.
    """
    size = min(POOL, len(matched.points))
    features = Features.of(reading, only(matched, np.arange(size)), snapshot)
    scores = learned(features.table, weights)
    order = np.lexsort((snapshot.ids[matched.points[:size]], -scores))
    rest = np.arange(size, len(matched.points))
    behind = (1 + matched.scores[rest] / (matched.scores.max(initial=0) or 1)) * REST * float(scores.min(initial=1))
    ordered = only(matched, np.concatenate((order, rest)))
    return Reranked(replace(ordered, scores=np.concatenate((scores[order], behind))), features.ordered(order))


def learned(table: FloatArray, weights: Mapping[str, float]) -> FloatArray:
    return np.exp(weighed(table, NAMES, weights))
