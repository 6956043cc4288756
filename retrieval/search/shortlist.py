"""The shortlist: judged hits go in; the one to stand first does, and each is told whether it is shown beside the first.

Points 2 and 3 look as sure as the first. Of those beside a right first point nine in ten answered nothing, so only a
point near the first in score, or with all that the first has of the question, is shown with it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from retrieval.model.results import Hit, Verdict
from retrieval.search.confidence import JudgedHit, JudgedQuestion, judge_hit
from retrieval.search.weights import Weights

MAX_PROMOTED_LEAD = 1.5  # of the first score over the second one's that the second is promoted against
# Logarithm of the first score over that of a point near it, by verdict. On the three sets of tests/quality that shows
# one point in seven below an answer, and nine of ten of the right ones that stand second or third below a maybe.
NEAR_LEADS: dict[Verdict, float] = {"answer": 1.5, "maybe": 2.0, "none": 0.0}
NEAR_EVIDENCE = 0.8  # of the first point's
MAX_COMPARED = 3  # hits: so many are shown at once


def promote(asked: JudgedQuestion, hits: Sequence[Hit], weights: Weights) -> list[Hit]:
    """The second hit first, with the first one's score, if it has what the first lacks and all that the first has."""
    if len(hits) < 2 or hits[0].score > MAX_PROMOTED_LEAD * hits[1].score:
        return list(hits)
    first, second = (judge_hit(asked, hits, n, weights) for n in range(2))
    if first.probability >= weights.answer or not _absent(second) < _absent(first):
        return list(hits)
    one, two, *others = hits
    return [replace(two, rank=one.rank, score=one.score), replace(one, rank=two.rank, score=two.score), *others]


def with_nearness(asked: JudgedQuestion, hits: Sequence[Hit], verdict: Verdict, weights: Weights) -> list[Hit]:
    """Each hit with whether it and all before it are near the first."""
    if not hits:
        return []
    first = judge_hit(asked, hits, 0, weights)
    near, found = True, []
    for n, hit in zip(count(), hits, strict=False):
        if n:
            lead = math.log(hits[0].score / hit.score) if hit.score > 0 else math.inf
            near = near and n < MAX_COMPARED
            near = near and (lead <= NEAR_LEADS[verdict] or _is_as_good(judge_hit(asked, hits, n, weights), first))
        found.append(replace(hit, near=near))
    return found


def _is_as_good(other: JudgedHit, first: JudgedHit) -> bool:
    return other.features["evidence"] >= NEAR_EVIDENCE * first.features["evidence"] and _absent(other) <= _absent(first)


def _absent(hit: JudgedHit) -> frozenset[str]:
    there = zip(hit.words.asked, hit.words.there[:, 0].tolist(), strict=True)
    return frozenset(word for word, is_there in there if not is_there)
