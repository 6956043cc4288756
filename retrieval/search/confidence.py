"""Confidence: a query's hits to a verdict, a confidence and the words that the first point lacks.

The confidence is the probability that the first point answers the question: a logistic regression on the words of the
question that the point has and lacks, on its lead over the next point with other content, and on its similarity.
benchmarks/learn.py learns the weights from questions with an answer in the corpus, and from questions whose answers
were removed from it.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from retrieval.index.snapshot import Snapshot
from retrieval.language.answer_types import can_answer
from retrieval.language.aspects import aspects_in
from retrieval.language.fingerprints import WHOLE_YEAR
from retrieval.language.han import HAN, has_han
from retrieval.language.lexicon import Lexicon
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.term_hash import hash_term
from retrieval.language.tokenizer import POSSESSIVE, normalize, stem
from retrieval.model.documents import Document, Outlet, Point
from retrieval.model.results import Hit, Verdict
from retrieval.query.concepts import AnalyzedQuery, Concept
from retrieval.search.coverage import Coverage, concept_rows
from retrieval.search.features import MAX_WORD_EVIDENCE, word_strengths
from retrieval.search.missing import MissingWords
from retrieval.search.proximity import Phrasing, has_whole, to_plain
from retrieval.search.ranker import ScoredCandidates, select
from retrieval.search.weights import Weights

# What has all that was asked answers it, however few words that is: the questions that the weights are learned from are
# sentences, and those of them that a point has all of were answered by it in nine cases of ten.
WHOLE_CONFIDENCE = 0.9
COMMON_WORD_RARITY = 0.45  # a word that is not rarer says little by itself
OTHER_OUTLET_SHARE = 0.9  # of the lowest confidence of an answer, if another outlet was asked for
MAX_MARGIN = 3.0  # between logarithms of scores; a larger one says no more
MAX_EVIDENCE = 2.0  # likewise, in rarest words of the corpus
MAX_COUNTED_WORDS = 6
NUMERAL = re.compile(r"[0-9一二三四五六七八九十百千万几多]")


@dataclass(frozen=True, slots=True)
class Confidence:
    """`confidence` is 0 to 1; the words are as in `Result`."""

    verdict: Verdict
    confidence: float
    missing: tuple[str, ...]
    nowhere: tuple[str, ...]
    uncovered: tuple[str, ...]


@dataclass(frozen=True)
class JudgedQuestion:
    """A question as written and as analysed, and its candidates; `outlets` are canonical names in the question.

    `coverage` is of the first candidates. `occurs` says whether any text of the corpus has a whole name of a concept.
    """

    text: str
    reading: AnalyzedQuery
    phrasing: Phrasing
    matched: ScoredCandidates
    coverage: Coverage
    snapshot: Snapshot
    lexicon: Lexicon
    occurs: Callable[[Concept], bool]
    outlets: Collection[str] = ()

    @cached_property
    def aspects(self) -> Collection[str]:
        return aspects_in(normalize(self.text))

    def coverage_of(self, column: int) -> Coverage:
        if column < self.coverage.here.shape[1]:
            return self.coverage.select(np.arange(len(self.coverage.asked)), np.array([column]))
        return Coverage.of(self.reading, select(self.matched, np.array([column])))


@dataclass(frozen=True, slots=True)
class JudgedHit:
    """The question's words in a hit; its features, each between about 0 and 1; the probability that it answers."""

    words: Coverage
    features: Mapping[str, float]
    probability: float


def judge(asked: JudgedQuestion, hits: Sequence[Hit], weights: Weights) -> Confidence:
    """`hits` as they are shown, with near-duplicates folded: these are no competitors; with what they lack."""
    missing = MissingWords(asked.text, asked.reading, asked.lexicon)
    if not hits:
        words = asked.reading.words
        nowhere = {word for word in words if not _is_anywhere(word, asked)}
        lacks = tuple(word for word in words if missing.is_nameable(word, None, word in nowhere))
        return Confidence("none", 0.0, lacks, tuple(word for word in lacks if word in nowhere), words)
    best = hits[0]
    judged = judge_hit(asked, hits, 0, weights)
    confidence, lacks = judged.probability, best.lacks
    there = zip(judged.words.asked, judged.words.there[:, 0].tolist(), strict=True)
    uncovered = tuple(word for word, is_there in there if not is_there)
    nowhere = {word for word in lacks if not _is_anywhere(word, asked)}
    if asked.outlets and best.document.outlet.name not in asked.outlets:
        confidence = min(confidence, weights.answer * OTHER_OUTLET_SHARE)
    verdict: Verdict = "answer" if confidence >= weights.answer else "maybe" if confidence >= weights.maybe else "none"
    return Confidence(verdict, confidence, lacks, tuple(word for word in lacks if word in nowhere), uncovered)


def with_lacks(asked: JudgedQuestion, hits: Sequence[Hit]) -> list[Hit]:
    """Each hit with the question's words that may be said to be missing from it."""
    missing = MissingWords(asked.text, asked.reading, asked.lexicon)
    nowhere: dict[str, bool] = {}
    found = []
    for hit in hits:
        words = _coverage(asked, hit)
        absent = [word for word, there in zip(words.asked, words.there[:, 0].tolist(), strict=True) if not there]
        nowhere |= {word: not _is_anywhere(word, asked) for word in absent if word not in nowhere}
        others = [] if hit.document.outlet.name in asked.outlets else _outlet_words(asked, absent)
        lacks = missing.of(hit, absent, [word for word in absent if nowhere[word]])
        found.append(replace(hit, lacks=tuple(word for word in absent if word in {*others, *lacks})))
    return found


def _outlet_words(asked: JudgedQuestion, words: Sequence[str]) -> list[str]:
    names = {normalize(outlet) for outlet in asked.outlets}
    return [word for word in words if word in names]


def judge_hit(asked: JudgedQuestion, hits: Sequence[Hit], n: int, weights: Weights) -> JudgedHit:
    words = _coverage(asked, hits[n])
    features = _features(asked, hits, n, words)
    learned = learned_probability(features, weights) if words.asked else 0.0
    lacks = features["lacks"] or features["unanswered"]
    if asked.phrasing.stands_in(hits[n].point.text) or (_has_every_word(words) and not lacks):
        learned = max(learned, WHOLE_CONFIDENCE)
    return JudgedHit(words, features, learned)


def _has_every_word(words: Coverage) -> bool:
    """Whether each stands there, by whichever of its names, and one of them says something."""
    return bool(words.there.all()) and bool((words.rarity > COMMON_WORD_RARITY).any())


def learned_probability(features: Mapping[str, float], weights: Weights) -> float:
    """The probability of an answer by the features alone."""
    total = weights.bias + sum(weights.verdict.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-total))


def _features(asked: JudgedQuestion, hits: Sequence[Hit], n: int, words: Coverage) -> dict[str, float]:
    hit = hits[n]
    there, here = words.there[:, 0], words.here[:, 0]
    capped = np.minimum(words.rarity, MAX_WORD_EVIDENCE)
    evidence = float((capped * word_strengths(words)[:, 0]).sum())
    others = [other.score for at, other in enumerate(hits) if at != n]
    margin = math.log(hit.score / max(others)) if others else MAX_MARGIN
    answered = can_answer(normalize(asked.text), normalize(hit.point.text), quantity=asked.reading.quantity)
    column = _column(asked.matched, hit.point, asked.snapshot)
    similarity = asked.matched.similarity
    near = similarity.corrected if similarity else np.zeros(len(asked.matched.points))
    return {
        "margin": min(max(margin, -MAX_MARGIN), MAX_MARGIN) / MAX_MARGIN,
        "evidence": min(evidence, MAX_EVIDENCE) / MAX_EVIDENCE,
        "evidence share": evidence / (float(capped.sum()) or 1.0),
        "covered": float((words.rarity * there).sum() / (words.rarity.sum() or 1.0)),
        "words": min(int(there.sum()), MAX_COUNTED_WORDS) / MAX_COUNTED_WORDS,
        "absent": float((words.rarity * (1 - here)).max(initial=0.0)),
        "lacks": float(_lacks(asked, words, (hit.document, hit.point))),
        "unanswered": float(answered is False),
        "answered": float(answered is True),
        "nearness": float(near[column]),
    }


def _coverage(asked: JudgedQuestion, hit: Hit) -> Coverage:
    """The question's words in this hit, without those that it need not have: its outlet's, and absent aspects."""
    coverage = asked.coverage_of(_column(asked.matched, hit.point, asked.snapshot))
    text = to_plain(hit.point.text)  # a word that the text has as written counts, however the index cut it
    written = np.array([[has_whole(text, to_plain(word))] for word in coverage.asked], np.bool_).reshape(-1, 1)
    coverage = replace(coverage, there=coverage.there | written)
    names = _alternatives_of(hit.document.outlet) if hit.document.outlet.name in asked.outlets else ""
    kept = [
        n
        for n, word in enumerate(coverage.asked)
        if word not in names and (word not in asked.aspects or coverage.there[n, 0])
    ]
    return coverage.select(np.array(kept, np.intp), np.array([0]))


def _alternatives_of(outlet: Outlet) -> str:
    return normalize(f"{outlet.name} {outlet.pinyin} {outlet.english}")


def _column(matched: ScoredCandidates, point: Point, snapshot: Snapshot) -> int:
    return int(np.flatnonzero(snapshot.ids[matched.points] == np.uint64(hash_term(point.id)))[0])


def _is_anywhere(word: str, asked: JudgedQuestion) -> bool:
    """Whether any text has a whole name of the word, or of all its parts."""
    whole, parts = concept_rows(asked.reading, word)
    concepts = asked.reading.concepts
    return any(all(asked.occurs(concepts[n]) for n in way) for way in (whole, parts) if way)


def _lacks(asked: JudgedQuestion, words: Coverage, best: tuple[Document, Point]) -> bool:
    """Whether the point lacks a name or year of the question."""
    document, point = best
    others = None
    for word, there, near in zip(words.asked, words.there[:, 0].tolist(), words.near[:, 0].tolist(), strict=True):
        if there:
            continue
        if WHOLE_YEAR.fullmatch(word):
            if str(document.published.year) != word:
                return True
        elif _is_name(word, asked.text, asked.lexicon):
            # a document's subject need not be named in each of its points, unless they name another
            others = _has_names(point.text, asked.lexicon) if others is None else others
            if others or not near:
                return True
    return False


def names_asked(asked: JudgedQuestion) -> tuple[str, ...]:
    """The words of the question that are names."""
    return tuple(word for word in asked.reading.words if _is_name(word, asked.text, asked.lexicon))


def _has_names(text: str, lexicon: Lexicon) -> bool:
    capitals = (stem(word.lower()) for word in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}", text))
    chinese = (run[at : at + 2] for run in re.findall(f"[{HAN}]{{2,}}", text) for at in range(len(run) - 1))
    return any(map(lexicon.is_name, capitals)) or any(map(lexicon.is_name, chinese))


def _is_name(word: str, question: str, lexicon: Lexicon) -> bool:
    """A known name, or an unknown word, which in English must be capitalised."""
    word = POSSESSIVE.sub("", word)
    if has_han(word):
        if NUMERAL.search(word) or len(word) < 2 or not STOPWORDS.isdisjoint(word):
            return lexicon.is_name(word)
        return lexicon.is_name(word) or not lexicon.known(word)
    if not word.isalpha():
        return False
    root = stem(word)
    return lexicon.is_name(root) or (not lexicon.known(root) and word.capitalize() in question)
