"""Confidence: a query's hits to a verdict, a confidence and the words that the first point lacks.

The confidence is the probability that the first point answers the question: a logistic regression on the words of the
question that the point has and lacks, on its lead over the next point with other content, and on its similarity.
benchmarks/learn.py learns the weights from questions with an answer in the corpus, and from questions whose answers
were removed from it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.language.tokenizer import normalize
from retrieval.model.results import Verdict
from retrieval.search.found_point import FoundPoint
from retrieval.search.judged_question import HitWords, JudgedQuestion
from retrieval.search.weights import Weights

# What has all that was asked answers it, however few words that is: the questions that the weights are learned from are
# sentences, and those of them that a point has all of were answered by it in nine cases of ten.
WHOLE_CONFIDENCE = 0.9
COMMON_WORD_RARITY = 0.45  # a word that is not rarer says little by itself
OTHER_OUTLET_SHARE = 0.9  # of the lowest confidence of an answer, if another outlet was asked for
MAX_MARGIN = 3.0  # between logarithms of scores; a larger one says no more


@dataclass(frozen=True, slots=True)
class Confidence:
    """`confidence` is 0 to 1; the words are as in `Result`."""

    verdict: Verdict
    confidence: float
    missing: tuple[str, ...]
    nowhere: tuple[str, ...]
    uncovered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedHit:
    """The question's words in a hit; its features, each between about 0 and 1; the probability that it answers."""

    words: HitWords
    features: Mapping[str, float]
    probability: float


def judge(
    asked: JudgedQuestion, hits: Sequence[FoundPoint], weights: Weights, lacks: tuple[str, ...] = ()
) -> Confidence:
    """`hits` as they are shown, with near-duplicates folded: these are no competitors; `lacks` are words that the
    first does lack."""
    if not hits:
        words = asked.reading.words
        nowhere = {word for word in words if not asked.is_anywhere(word)}
        lacks = tuple(word for word in words if asked.missing.is_nameable(word, None, word in nowhere))
        return Confidence("none", 0.0, lacks, tuple(word for word in lacks if word in nowhere), words)
    best = hits[0]
    judged = judge_hit(asked, hits, 0, weights)
    confidence = judged.probability
    if asked.outlets and best.document.outlet.name not in asked.outlets:
        confidence = min(confidence, weights.answer * OTHER_OUTLET_SHARE)
    verdict: Verdict = "answer" if confidence >= weights.answer else "maybe" if confidence >= weights.maybe else "none"
    nowhere_lacked = tuple(word for word in lacks if not asked.is_anywhere(word))
    return Confidence(verdict, confidence, lacks, nowhere_lacked, judged.words.absent)


def lacked_words(asked: JudgedQuestion, hit: FoundPoint) -> tuple[str, ...]:
    """The question's words that may be said to be missing from the hit."""
    absent = asked.words(hit).absent
    if not absent:
        return ()
    others = [] if hit.document.outlet.name in asked.outlets else _outlet_words(asked, absent)
    lacks = asked.missing.of(hit, absent, {word for word in absent if not asked.is_anywhere(word)})
    return tuple(word for word in absent if word in {*others, *lacks})


def _outlet_words(asked: JudgedQuestion, words: Sequence[str]) -> list[str]:
    names = {normalize(outlet) for outlet in asked.outlets}
    return [word for word in words if word in names]


def judge_hit(asked: JudgedQuestion, hits: Sequence[FoundPoint], n: int, weights: Weights) -> JudgedHit:
    words = asked.words(hits[n])
    others = [other.score for at, other in enumerate(hits) if at != n]
    margin = math.log(hits[n].score / max(others)) if others else MAX_MARGIN
    features = {"margin": min(max(margin, -MAX_MARGIN), MAX_MARGIN) / MAX_MARGIN} | asked.features(hits[n])
    learned = learned_probability(features, weights) if words.asked else 0.0
    lacks = features["lacks"] or features["unanswered"]
    if asked.phrasing.stands_in(hits[n].point.text) or (_has_every_word(words) and not lacks):
        learned = max(learned, WHOLE_CONFIDENCE)
    return JudgedHit(words, features, learned)


def _has_every_word(words: HitWords) -> bool:
    """Whether each stands there, by whichever of its names, and one of them says something."""
    return all(words.there) and bool((words.coverage.rarity[words.rows] > COMMON_WORD_RARITY).any())


def learned_probability(features: Mapping[str, float], weights: Weights) -> float:
    """The probability of an answer by the features alone."""
    total = weights.bias + sum(weights.verdict.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-total))
