"""The judged question: an analysed question and its candidates, and what each hit has of the question.

What is found out about a word or a hit is kept: a hit is looked at to promote it, to judge it and to show it.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from retrieval.language.answer_types import can_answer
from retrieval.language.aspects import aspects_in
from retrieval.language.fingerprints import WHOLE_YEAR
from retrieval.language.han import HAN, has_han
from retrieval.language.lexicon import Lexicon
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import POSSESSIVE, normalize, normalize_question, stem
from retrieval.model.documents import Outlet
from retrieval.query.concepts import AnalyzedQuery, Concept
from retrieval.search.candidates import ScoredCandidates, select
from retrieval.search.coverage import ConceptRows, Coverage, concept_rows
from retrieval.search.features import MAX_WORD_EVIDENCE, word_strengths
from retrieval.search.found_point import FoundPoint
from retrieval.search.missing import MissingWords
from retrieval.search.point_words import normalized_text
from retrieval.search.proximity import Phrasing, has_whole, to_plain

MAX_EVIDENCE = 2.0  # of a hit's words, in rarest words of the corpus
MAX_COUNTED_WORDS = 6
NUMERAL = re.compile(r"[0-9一二三四五六七八九十百千万几多]")


@dataclass(frozen=True)
class JudgedQuestion:
    """A question as written and as analysed, and its candidates; `outlets` are canonical names in the question.

    `coverage` is of the first candidates. `occurs` says whether
    any text of the corpus has a whole name of a concept.
    """

    text: str
    reading: AnalyzedQuery
    phrasing: Phrasing
    matched: ScoredCandidates
    coverage: Coverage
    lexicon: Lexicon
    occurs: Callable[[Concept], bool]
    outlets: Collection[str] = ()
    _words: dict[int, "HitWords"] = field(default_factory=dict)
    _features: dict[int, dict[str, float]] = field(default_factory=dict)
    _anywhere: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def normalized(self) -> str:
        return normalize_question(self.text)

    @cached_property
    def aspects(self) -> Collection[str]:
        return aspects_in(self.normalized)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The words that are names."""
        return tuple(word for word in self.coverage.asked if _is_name(word, self.text, self.lexicon))

    @cached_property
    def missing(self) -> MissingWords:
        return MissingWords(self.text, self.reading, self.lexicon)

    def words(self, hit: FoundPoint) -> "HitWords":
        if (known := self._words.get(hit.column)) is None:
            known = self._words[hit.column] = self._find_words(hit)
        return known

    def features(self, hit: FoundPoint) -> dict[str, float]:
        """Those that depend on no other hit."""
        if (known := self._features.get(hit.column)) is None:
            known = self._features[hit.column] = _hit_features(self, hit)
        return known

    def is_anywhere(self, word: str) -> bool:
        """Whether any text has a whole name of the word, or of all its parts."""
        if (known := self._anywhere.get(word)) is None:
            ways = filter(None, self._rows[word])
            known = self._anywhere[word] = any(all(map(self._occurs, way)) for way in ways)
        return known

    @cached_property
    def _rows(self) -> Mapping[str, tuple[ConceptRows, ConceptRows]]:
        return concept_rows(self.reading)

    def _occurs(self, row: int) -> bool:
        # the candidates usually tell, and the whole vocabulary need not be asked
        return bool(self.matched.named[row].any()) or self.occurs(self.reading.concepts[row])

    @cached_property
    def _plain_words(self) -> Sequence[str]:
        return [to_plain(word) for word in self.coverage.asked]

    def _find_words(self, hit: FoundPoint) -> "HitWords":
        column = hit.column
        coverage = self.coverage
        if column >= coverage.here.shape[1]:
            coverage, column = Coverage.of(self.reading, select(self.matched, np.array([column]))), 0
        there: list[bool] = coverage.there[:, column].tolist()
        if not all(there):
            text = to_plain(hit.point.text)
            there = [found or has_whole(text, word) for found, word in zip(there, self._plain_words, strict=True)]
        names = _alternatives_of(hit.document.outlet) if hit.document.outlet.name in self.outlets else ""
        kept = [
            n for n, word in enumerate(coverage.asked) if word not in names and (there[n] or word not in self.aspects)
        ]
        return HitWords(tuple(coverage.asked[n] for n in kept), tuple(there[n] for n in kept), kept, coverage, column)


@dataclass(frozen=True, slots=True)
class HitWords:
    """The question's words without those that a hit need not have: its outlet's, and absent aspects.

    They stand in these rows of `coverage`, the hit in this column. `there` says which the hit has: what its text has as
    written counts, however the index cut it.
    """

    asked: tuple[str, ...]
    there: tuple[bool, ...]
    rows: Sequence[int]
    coverage: Coverage
    column: int

    @property
    def absent(self) -> tuple[str, ...]:
        return tuple(word for word, there in zip(self.asked, self.there, strict=True) if not there)


def _hit_features(asked: JudgedQuestion, hit: FoundPoint) -> dict[str, float]:
    words = asked.words(hit)
    coverage, rows, column = words.coverage, words.rows, words.column
    rarity, here, nearby = coverage.rarity[rows], coverage.here[rows, column], coverage.nearby[rows, column]
    there = np.array(words.there, np.bool_)
    capped = np.minimum(rarity, MAX_WORD_EVIDENCE)
    evidence = float((capped * word_strengths(here, nearby)).sum())
    answered = can_answer(asked.normalized, normalized_text(hit.point.text), quantity=asked.reading.quantity)
    similarity = asked.matched.similarity
    return {
        "evidence": min(evidence, MAX_EVIDENCE) / MAX_EVIDENCE,
        "evidence share": evidence / (float(capped.sum()) or 1.0),
        "covered": float((rarity * there).sum() / (rarity.sum() or 1.0)),
        "words": min(sum(words.there), MAX_COUNTED_WORDS) / MAX_COUNTED_WORDS,
        "absent": float((rarity * (1 - here)).max(initial=0.0)),
        "lacks": float(_lacks(asked, words, hit)),
        "unanswered": float(answered is False),
        "answered": float(answered is True),
        "nearness": float(similarity.corrected[hit.column]) if similarity else 0.0,
    }


def _alternatives_of(outlet: Outlet) -> str:
    return normalize(f"{outlet.name} {outlet.pinyin} {outlet.english}")


def _lacks(asked: JudgedQuestion, words: HitWords, hit: FoundPoint) -> bool:
    """Whether the point lacks a name or year of the question."""
    others = None
    for word, there, row in zip(words.asked, words.there, words.rows, strict=True):
        if there:
            continue
        if WHOLE_YEAR.fullmatch(word):
            if str(hit.document.published.year) != word:
                return True
        elif word in asked.names:
            # a document's subject need not be named in each of its points, unless they name another
            others = _has_names(hit.point.text, asked.lexicon) if others is None else others
            if others or not words.coverage.near[row, words.column]:
                return True
    return False


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
