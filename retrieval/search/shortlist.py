"""The shortlist: stories go in; the one to stand first does, and each is told whether it is shown beside the first.

Points 2 and 3 look as sure as the first. Of those beside a right first point nine in ten answered nothing, so only a
point near the first in score, or with all that the first has of the question, is shown with it.
"""

import math
from collections.abc import Sequence

from retrieval.model.results import Verdict
from retrieval.search.confidence import judge_hit
from retrieval.search.found_point import FoundPoint, Story
from retrieval.search.judged_question import JudgedQuestion
from retrieval.search.weights import Weights

MAX_PROMOTED_LEAD = 1.5  # of the first score over the second one's that the second is promoted against
# Logarithm of the first score over that of a point near it, by verdict. On the three sets of tests/quality that shows
# one point in seven below an answer, and nine of ten of the right ones that stand second or third below a maybe.
NEAR_LEADS: dict[Verdict, float] = {"answer": 1.5, "maybe": 2.0, "none": 0.0}
NEAR_EVIDENCE = 0.8  # of the first point's
MAX_COMPARED = 3  # hits: so many are shown at once


def promote(asked: JudgedQuestion, stories: Sequence[Story], weights: Weights) -> Sequence[Story]:
    """The second first, with the first one's score, if it has what the first lacks and all that the first has."""
    if len(stories) < 2 or stories[0].best.score > MAX_PROMOTED_LEAD * stories[1].best.score:
        return stories
    found = [story.best for story in stories]
    if not _absent(asked, found[1]) < _absent(asked, found[0]):
        return stories
    if judge_hit(asked, found, 0, weights).probability >= weights.answer:
        return stories
    one, two, *others = stories
    return [_scored(two, one.best.score), _scored(one, two.best.score), *others]


def _scored(story: Story, score: float) -> Story:
    return story._replace(best=story.best._replace(score=score))


def nearnesses(asked: JudgedQuestion, hits: Sequence[FoundPoint], verdict: Verdict) -> list[bool]:
    """For each hit whether it and all before it are near the first."""
    near, found = True, []
    for n, hit in enumerate(hits):
        if near and n:
            lead = math.log(hits[0].score / hit.score) if hit.score > 0 else math.inf
            near = n < MAX_COMPARED and (lead <= NEAR_LEADS[verdict] or _is_as_good(asked, hits[0], hit))
        found.append(near)
    return found


def _is_as_good(asked: JudgedQuestion, first: FoundPoint, other: FoundPoint) -> bool:
    if not _absent(asked, other) <= _absent(asked, first):
        return False
    return asked.features(other)["evidence"] >= NEAR_EVIDENCE * asked.features(first)["evidence"]


def _absent(asked: JudgedQuestion, one: FoundPoint) -> frozenset[str]:
    return frozenset(asked.words(one).absent)
