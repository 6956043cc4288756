"""Why a result is as it is: the features of each point, and what they weigh."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retrieval.language.term_hash import hash_term
from retrieval.model.results import Hit, Result
from retrieval.search.confidence import JudgedQuestion, hit_probability, verdict_features
from retrieval.search.features import NAMES, VERBATIM, Features
from retrieval.search.proximity import PHRASED_POINTS
from retrieval.search.weights import Weights


@dataclass(frozen=True, slots=True)
class ExplainedHit:
    """`order` are the features that its place is told by, none of a point behind those that are looked at closely;
    `verdict` those that its `probability` of being right is told by."""

    hit: Hit
    order: Mapping[str, float]
    verdict: Mapping[str, float]
    probability: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A result with its hits explained; without weights where only filters were given."""

    result: Result
    hits: tuple[ExplainedHit, ...] = ()
    weights: Weights | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A result and all that is needed to explain it, which costs more than the search."""

    result: Result
    judging: JudgedQuestion | None = None
    hits: tuple[Hit, ...] = ()
    features: Features | None = None
    weights: Weights | None = None

    def explanation(self) -> Explanation:
        if self.judging is None or self.features is None or self.weights is None:
            return Explanation(self.result)
        matched, ids = self.judging.matched, self.judging.snapshot.ids
        places = {int(id): at for at, id in enumerate(ids[matched.points[: len(self.features.table)]])}
        found = []
        for n, hit in enumerate(self.hits):
            at = places.get(int(np.uint64(hash_term(hit.point.id))))
            order = {} if at is None else dict(zip(NAMES, self.features.table[at].tolist(), strict=True))
            if n < PHRASED_POINTS:
                order[VERBATIM] = float(self.judging.phrasing.stands_in(hit.point.text))
            verdict = verdict_features(self.judging, self.hits, n)
            found.append(ExplainedHit(hit, order, verdict, hit_probability(self.judging, self.hits, n, self.weights)))
        return Explanation(self.result, tuple(found), self.weights)
