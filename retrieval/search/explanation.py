"""Explanations: a result and what it was computed from go in, the features behind each hit come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.model.results import Hit, Result
from retrieval.search.confidence import judge_hit
from retrieval.search.features import FEATURE_NAMES, VERBATIM, Features
from retrieval.search.found_point import FoundPoint
from retrieval.search.judged_question import JudgedQuestion
from retrieval.search.proximity import MAX_PHRASED_POINTS
from retrieval.search.weights import Weights


@dataclass(frozen=True, slots=True)
class ExplainedHit:
    """`order` are the features that decide its place, empty for a point that was not reranked; `verdict` those that
    decide its `probability` of being right."""

    hit: Hit
    order: Mapping[str, float]
    verdict: Mapping[str, float]
    probability: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A result with its hits explained; without weights for a question of filters only."""

    result: Result
    hits: tuple[ExplainedHit, ...] = ()
    weights: Weights | None = None


@dataclass(frozen=True, slots=True)
class ExplainableResult:
    """A result and all that is needed to explain it; explaining takes longer than the search."""

    result: Result
    judging: JudgedQuestion | None = None
    hits: tuple[Hit, ...] = ()
    found: Sequence[FoundPoint] = ()
    features: Features | None = None
    weights: Weights | None = None

    def explain(self) -> Explanation:
        if self.judging is None or self.features is None or self.weights is None:
            return Explanation(self.result)
        table = self.features.table
        found = []
        for n, hit in enumerate(self.hits):
            at = self.found[n].column
            order = dict(zip(FEATURE_NAMES, table[at].tolist(), strict=True)) if at < len(table) else {}
            if n < MAX_PHRASED_POINTS:
                order[VERBATIM] = float(self.judging.phrasing.stands_in(hit.point.text))
            judged = judge_hit(self.judging, self.found[: len(self.hits)], n, self.weights)
            found.append(ExplainedHit(hit, order, judged.features, judged.probability))
        return Explanation(self.result, tuple(found), self.weights)
