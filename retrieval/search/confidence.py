"""How sure a result is, and what it lacks.

Sureness is the evidence that the best point holds: the rarity of each of the question's words that it has, counted in
rarest words of the corpus, so that it means the same for ten points and for 100,000. Measured on three corpora of
different fields (320 questions that have an answer, 120 that have none): summed rarity kept 52 % of the right answers
at 9 % false ones; its square root for half-matched words, a cap on the rarest words, a share for words that only the
document has, and the demand for names and figures raised that to 70 %. Coverage alone kept 27 %. What a point means is
no evidence: what no point answers finds points that are as near as answers are.
"""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.index.postings import FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.language import answer_types
from retrieval.language.lexicon import Lexicon
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.term_hash import hash_term
from retrieval.language.tokenizer import POSSESSIVE, has_han, normalize, stem
from retrieval.model.documents import Document, Outlet, Point
from retrieval.model.results import Verdict
from retrieval.query.analyzer import AnalyzedQuery, Concept
from retrieval.search.ranker import ScoredCandidates

MIN_ANSWER_EVIDENCE = 1.6  # evidence, in rarest words of the corpus, from which a result is an answer
MAX_NONE_EVIDENCE = 0.7  # below it there is nothing worth showing
OUTSTANDING_RATIO = (
    1.0  # standing by meaning, beyond what chance reaches, from which a point is worth showing all the same
)
RAREST_SHARE = 0.8  # a word counts for this much at most: one word that fits does not make an answer
ELSEWHERE_WEIGHT = 0.3  # what a word is worth that only another point of the document has
MIN_FOUND_WEIGHT = 0.3  # share of a plain occurrence from which a word counts as there
LITERAL, COMMON = 0.8, 0.45  # a question of few words is answered where each stands as it is, and is no common one
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


@dataclass(frozen=True, slots=True)
class _WordEvidence:
    """One word of the question and the shares of a plain occurrence that the best point and its document have of it.

    A share may be a phrase's that has only one of its words there. `there`, `near` and `anywhere` say where the word
    stands whole, by whichever of its names: in the point, in its document, in any.
    """

    word: str
    rarity: float
    here: float
    nearby: float
    there: bool
    near: bool
    anywhere: bool


def judge(
    question: str,
    reading: AnalyzedQuery,
    matched: ScoredCandidates,
    best: tuple[Document, Point] | None,
    snapshot: Snapshot,
    lexicon: Lexicon,
    outlets: Collection[str] = (),
) -> Confidence:
    """`best` is the point shown first, one of `matched`; `outlets` are those the question names (canonical names)."""
    column = None if best is None else _column(matched, best[1], snapshot)
    words = _words(reading, matched, column, snapshot)
    if best and best[0].outlet.name in outlets:  # who printed it need not stand in the text
        words = [word for word in words if word.word not in _alternatives_of(best[0].outlet)]
    nowhere = tuple(word.word for word in words if not word.anywhere)
    if best is None or column is None or not words:
        return Confidence("none", 0.0, tuple(word.word for word in words), nowhere)
    missing = tuple(word.word for word in words if not word.there)
    evidence = sum(
        min(word.rarity, RAREST_SHARE) * math.sqrt(max(word.here, ELSEWHERE_WEIGHT * word.nearby)) for word in words
    )
    confidence = 1 / (1 + math.exp((MIN_ANSWER_EVIDENCE - evidence) / 0.5))
    whole = not missing and all(word.here > LITERAL and word.rarity > COMMON for word in words)
    near = matched.similarity is not None and float(matched.similarity.standing[column]) >= OUTSTANDING_RATIO
    shown = evidence >= MAX_NONE_EVIDENCE or not missing or near
    verdict: Verdict = "answer" if evidence >= MIN_ANSWER_EVIDENCE or whole else "maybe" if shown else "none"
    elsewhere = bool(outlets) and best[0].outlet.name not in outlets
    if verdict == "answer" and (elsewhere or _lacks(question, reading, words, best, lexicon)):
        verdict = "maybe"
    bounds = {"answer": (0.5, 1.0), "maybe": (0.1, 0.49), "none": (0.0, 0.1)}[verdict]
    return Confidence(verdict, min(max(confidence, bounds[0]), bounds[1]), missing, nowhere)


def _alternatives_of(outlet: Outlet) -> str:
    return normalize(f"{outlet.name} {outlet.pinyin} {outlet.english}")


def _column(matched: ScoredCandidates, point: Point, snapshot: Snapshot) -> int:
    return int(np.flatnonzero(snapshot.ids[matched.points] == np.uint64(hash_term(point.id)))[0])


def _words(
    reading: AnalyzedQuery, matched: ScoredCandidates, column: int | None, snapshot: Snapshot
) -> list[_WordEvidence]:
    """The question's words in order; one that was taken apart is there as far as it, or all its parts, are."""
    rarest = math.log(matched.size + 1) or 1.0
    found = []
    for asked in dict.fromkeys(concept.asked for concept in reading.concepts if concept.asked):
        rows = [n for n, concept in enumerate(reading.concepts) if concept.asked == asked]
        whole = [n for n in rows if reading.concepts[n].word == asked]
        parts = [n for n in rows if n not in whole]
        # any of these ways to have the word, each by all of its concepts
        ways = [[reading.concepts[n] for n in way] for way in (whole, parts) if way]
        rarity = float(matched.weights[parts or whole].max()) / rarest
        if column is None:
            anywhere = any(all(_anywhere(concept, snapshot) for concept in way) for way in ways)
            found.append(_WordEvidence(asked, rarity, 0.0, 0.0, there=False, near=False, anywhere=anywhere))
            continue

        def share(scores: FloatArray, whole: list[int] = whole, parts: list[int] = parts) -> float:
            shares = [min(1.0, float(scores[n] / matched.weights[n])) for n in whole if matched.weights[n]]
            if parts:
                total = float(matched.weights[parts].sum()) or 1.0
                shares.append(sum(min(float(scores[n]), float(matched.weights[n])) for n in parts) / total)
            return max(shares, default=0.0)

        here = share(matched.own[:, column] + matched.context[:, column])
        nearby = share(matched.document[:, column])
        there, near = (True, True) if here > LITERAL else _whole(ways, int(matched.points[column]), snapshot)
        anywhere = near or any(all(_anywhere(concept, snapshot) for concept in way) for way in ways)
        found.append(_WordEvidence(asked, rarity, here, nearby, there and here >= MIN_FOUND_WEIGHT, near, anywhere))
    return found


def _whole(ways: Sequence[Sequence[Concept]], point: int, snapshot: Snapshot) -> tuple[bool, bool]:
    """Whether the point, and whether its document, has all concepts of one of the ways, each by a whole name."""
    place = int(np.searchsorted(snapshot.bounds, point, "right")) - 1
    begin, end = snapshot.bounds[place : place + 2].tolist()
    having = np.zeros(end - begin, np.bool_)
    for way in ways:
        having |= np.logical_and.reduce(
            [
                snapshot.text.whole_matches(concept.alternatives, begin, end)
                | snapshot.context.whole_matches(concept.alternatives, begin, end)
                for concept in way
            ]
        )
    return bool(having[point - begin]), bool(having.any())


def _anywhere(concept: Concept, snapshot: Snapshot) -> bool:
    """Whether any text has a whole name of the concept."""
    there = snapshot.vocabulary.present({term for other in concept.alternatives for term in other.terms})
    known = [other for other in concept.alternatives if there.issuperset(other.terms)]
    return any(len(other.terms) == 1 for other in known) or any(
        len(index.frequencies(known, partial=0)[0]) > 0 for index in (snapshot.text, snapshot.context)
    )


def _lacks(
    question: str, reading: AnalyzedQuery, words: list[_WordEvidence], best: tuple[Document, Point], lexicon: Lexicon
) -> bool:
    """Whether the best point lacks a name or year of the question, or the figure that was asked for."""
    document, point = best
    others = None
    if not _answers(question, reading, point.text):
        return True
    for word in words:
        if LONE_YEAR.fullmatch(word.word):
            if not word.there and str(document.published.year) != word.word:
                return True
        elif not word.there and _is_name(word.word, question, lexicon):
            # what the document is about need not be named in each of its points, unless they name another
            others = _has_names(point.text, lexicon) if others is None else others
            if others or not word.near:
                return True
    return False


def _answers(question: str, reading: AnalyzedQuery, text: str) -> bool:
    """Whether the text holds the kind of thing that was asked for, a count that is no money or share, or a figure."""
    question, text = normalize(question), normalize(text)
    if wanted := set(answer_types.expected_answer_types(question)):
        return not wanted.isdisjoint(answer_types.answer_types_in(text))
    if ASKS_COUNT.search(question):
        return ANY_NUMBER.search(AMOUNT.sub("", text)) is not None
    return not reading.quantity or ANY_FIGURE.search(text) is not None


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
