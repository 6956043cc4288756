"""How sure a result is, and what it lacks.

The confidence is the probability that the point shown first answers the question: a logistic regression on what that
point has of the question, what it lacks, how far it stands before the next one that tells something else, and how near
it is by what it means. The weights were learned by benchmarks/learn.py, from questions whose answers are there and
from questions whose answers were taken out of the corpus.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retrieval.index.snapshot import Snapshot
from retrieval.language import answer_types
from retrieval.language.lexicon import Lexicon
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.term_hash import hash_term
from retrieval.language.tokenizer import POSSESSIVE, has_han, normalize, stem
from retrieval.model.documents import Document, Outlet, Point
from retrieval.model.results import Hit, Verdict
from retrieval.query.analyzer import AnalyzedQuery, Concept
from retrieval.search.coverage import PLAIN, Coverage, rows
from retrieval.search.features import MAX_WORD_EVIDENCE, strength
from retrieval.search.proximity import Phrasing, has, plain
from retrieval.search.ranker import ScoredCandidates, only
from retrieval.search.weights import Weights

# What stands in a point word for word is answered by it, however few words it is: the questions that the weights are
# learned from are sentences, and have none of that kind.
VERBATIM_CONFIDENCE = 0.9
COMMON = 0.45  # rarity of a word that says little by itself
ANOTHER_OUTLET = 0.9  # share of the least confidence of an answer, where another outlet was asked for
MARGIN = 3.0  # logarithm of scores beyond which the next point is too far behind to matter
PLENTY = 2.0  # evidence, in rarest words of the corpus, beyond which more says no more
MANY = 6  # words
LONE_YEAR = re.compile(r"(?:19|20)\d\d")
ASKS_COUNT = re.compile(r"(?:多少|几)[家架座位名辆艘台套只]|多少[个人]|\bhow many\b")
AMOUNT = re.compile(  # money and shares
    r"[¥$€£]\d[\d,.]*|\d[\d,.]*(?: ?%| ?percent| (?:(?:m|b|tr)illion )?(?:yuan|dollars)|[百千]?[万亿]*(?:美元|元|倍))"
)
ANY_NUMBER = re.compile(
    r"\d|[一二两三四五六七八九十百千万]|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|twenty"
    r"|thirty|forty|fifty|hundreds?|thousands?|millions?)\b"
)
ANY_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]{2}")
NUMERAL = re.compile(r"[0-9一二三四五六七八九十百千万几多]")


@dataclass(frozen=True, slots=True)
class Confidence:
    """`confidence` from 0 to 1; `missing` are words the best point lacks, `nowhere` those that occur nowhere."""

    verdict: Verdict
    confidence: float
    missing: tuple[str, ...]
    nowhere: tuple[str, ...]


@dataclass(frozen=True)
class JudgedQuestion:
    """What a verdict is given on: the question as it was asked and read, and the candidates found for it."""

    text: str
    reading: AnalyzedQuery
    phrasing: Phrasing
    matched: ScoredCandidates
    snapshot: Snapshot
    lexicon: Lexicon
    outlets: Collection[str] = ()  # those that the question names (canonical names)


def judge(asked: JudgedQuestion, hits: Sequence[Hit], weights: Weights) -> Confidence:
    """Of the hits as they are shown, near-duplicates folded: two that tell the same do not make each other unsure."""
    if not hits:
        every = tuple(dict.fromkeys(concept.asked for concept in asked.reading.concepts if concept.asked))
        return Confidence("none", 0.0, every, tuple(word for word in every if not _anywhere(word, asked)))
    best = hits[0]
    words = _covered(asked, best)
    missing = tuple(word for word, there in zip(words.asked, words.there[:, 0].tolist(), strict=True) if not there)
    near = dict(zip(words.asked, words.near[:, 0].tolist(), strict=True))
    nowhere = tuple(word for word in missing if not near[word] and not _anywhere(word, asked))
    confidence = hit_probability(asked, hits, 0, weights) if words.asked else 0.0
    if asked.outlets and best.document.outlet.name not in asked.outlets:
        confidence = min(confidence, weights.answer * ANOTHER_OUTLET)
    if confidence >= weights.answer:
        return Confidence("answer", confidence, missing, nowhere)
    return Confidence("maybe" if confidence >= weights.maybe else "none", confidence, missing, nowhere)


def hit_probability(asked: JudgedQuestion, hits: Sequence[Hit], n: int, weights: Weights) -> float:
    """That the n-th hit answers the question."""
    learned = probability(verdict_features(asked, hits, n), weights)
    if asked.phrasing.stands_in(hits[n].point.text) or _has_every_word(_covered(asked, hits[n])):
        return max(learned, VERBATIM_CONFIDENCE)
    return learned


def _has_every_word(words: Coverage) -> bool:
    """Whether each stands there plainly, and none is a common one."""
    here = words.there[:, 0] & (words.here[:, 0] > PLAIN) & (words.rarity > COMMON)
    return len(here) > 0 and bool(here.all())


def probability(features: Mapping[str, float], weights: Weights) -> float:
    """That a hit answers the question."""
    total = weights.bias + sum(weights.verdict.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-total))


def verdict_features(asked: JudgedQuestion, hits: Sequence[Hit], n: int) -> dict[str, float]:
    """Of the n-th hit, each between about 0 and 1."""
    hit = hits[n]
    words = _covered(asked, hit)
    there, here = words.there[:, 0], words.here[:, 0]
    capped = np.minimum(words.rarity, MAX_WORD_EVIDENCE)
    evidence = float((capped * strength(words)[:, 0]).sum())
    others = [other.score for at, other in enumerate(hits) if at != n]
    margin = math.log(hit.score / max(others)) if others else MARGIN
    wanted = _answers(asked.text, asked.reading, hit.point.text)
    column = _column(asked.matched, hit.point, asked.snapshot)
    similarity = asked.matched.similarity
    near = similarity.corrected if similarity else np.zeros(len(asked.matched.points))
    return {
        "margin": min(max(margin, -MARGIN), MARGIN) / MARGIN,
        "evidence": min(evidence, PLENTY) / PLENTY,
        "evidence share": evidence / (float(capped.sum()) or 1.0),
        "covered": float((words.rarity * there).sum() / (words.rarity.sum() or 1.0)),
        "words": min(int(there.sum()), MANY) / MANY,
        "absent": float((words.rarity * (1 - here)).max(initial=0.0)),
        "lacks": float(_lacks(asked, words, (hit.document, hit.point))),
        "unanswered": float(wanted is False),
        "answered": float(wanted is True),
        "nearness": float(near[column]),
    }


def _covered(asked: JudgedQuestion, hit: Hit) -> Coverage:
    """The question's words in this hit; who printed it need not stand in the text."""
    column = _column(asked.matched, hit.point, asked.snapshot)
    coverage = Coverage.of(asked.reading, only(asked.matched, np.array([column])))
    text = plain(hit.point.text)  # what stands there as it was written is there, however the index cut it
    written = np.array([[has(text, plain(word))] for word in coverage.asked], np.bool_).reshape(-1, 1)
    coverage = replace(coverage, there=coverage.there | written)
    if hit.document.outlet.name not in asked.outlets:
        return coverage
    called = _outlet_names(hit.document.outlet)
    kept = [n for n, word in enumerate(coverage.asked) if word not in called]
    return coverage.only(np.array(kept, np.intp), np.array([0]))


def _outlet_names(outlet: Outlet) -> str:
    return normalize(f"{outlet.name} {outlet.pinyin} {outlet.english}")


def _column(matched: ScoredCandidates, point: Point, snapshot: Snapshot) -> int:
    return int(np.flatnonzero(snapshot.ids[matched.points] == np.uint64(hash_term(point.id)))[0])


def _anywhere(word: str, asked: JudgedQuestion) -> bool:
    """Whether any text has a whole name of the word, or of all its parts."""
    whole, parts = rows(asked.reading, word)
    concepts = asked.reading.concepts
    return any(all(_occurs(concepts[n], asked.snapshot) for n in way) for way in (whole, parts) if way)


def _occurs(concept: Concept, snapshot: Snapshot) -> bool:
    there = snapshot.vocabulary.present({term for other in concept.alternatives for term in other.terms})
    known = [other for other in concept.alternatives if there.issuperset(other.terms)]
    return any(len(other.terms) == 1 for other in known) or any(
        len(index.frequencies(known, partial=0)[0]) > 0 for index in (snapshot.text, snapshot.context)
    )


def _lacks(asked: JudgedQuestion, words: Coverage, best: tuple[Document, Point]) -> bool:
    """Whether the point lacks a name or year of the question."""
    document, point = best
    others = None
    for word, there, near in zip(words.asked, words.there[:, 0].tolist(), words.near[:, 0].tolist(), strict=True):
        if there:
            continue
        if LONE_YEAR.fullmatch(word):
            if str(document.published.year) != word:
                return True
        elif _is_name(word, asked.text, asked.lexicon):
            # what the document is about need not be named in each of its points, unless they name another
            others = _has_names(point.text, asked.lexicon) if others is None else others
            if others or not near:
                return True
    return False


def _answers(question: str, reading: AnalyzedQuery, text: str) -> bool | None:
    """Whether the text holds the kind of thing that was asked for, a count that is no money or share, or a figure;
    None where none of them was."""
    question, text = normalize(question), normalize(text)
    if wanted := set(answer_types.expected_answer_types(question)):
        return not wanted.isdisjoint(answer_types.answer_types_in(text))
    if ASKS_COUNT.search(question):
        return ANY_NUMBER.search(AMOUNT.sub("", text)) is not None
    return ANY_FIGURE.search(text) is not None if reading.quantity else None


def _has_names(text: str, lexicon: Lexicon) -> bool:
    capitals = (stem(word.lower()) for word in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}", text))
    chinese = (run[at : at + 2] for run in re.findall(r"[一-鿿]{2,}", text) for at in range(len(run) - 1))
    return any(map(lexicon.is_name, capitals)) or any(map(lexicon.is_name, chinese))


def _is_name(word: str, question: str, lexicon: Lexicon) -> bool:
    """A known name; or a word that no dictionary has, which in English must stand with a capital."""
    word = POSSESSIVE.sub("", word)
    if has_han(word):
        if NUMERAL.search(word) or len(word) < 2 or not STOPWORDS.isdisjoint(word):
            return lexicon.is_name(word)
        return lexicon.is_name(word) or not lexicon.known(word)
    if not word.isalpha():
        return False
    root = stem(word)
    return lexicon.is_name(root) or (not lexicon.known(root) and word.capitalize() in question)
