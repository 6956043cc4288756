"""The highlighter: a query's concepts and a point's text to the places that match the question's words."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate, chain, product
from typing import NamedTuple, Self

from retrieval.language.glyphs import UNSEEN, fold_glyphs
from retrieval.language.han import has_han
from retrieval.language.lexicon import Alternative, Lexicon
from retrieval.language.tokenizer import stem
from retrieval.model.results import Match
from retrieval.query.concepts import Concept
from retrieval.search.point_words import normalized_text

HIGHLIGHTED_WORD = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?|[A-Za-z][A-Za-z&]*(?:['’][a-z]+)?)")
IsSure = Callable[[str, Alternative], bool]

MAX_CACHED_TERMS = 20_000  # some 4 MB
MAX_CACHED_STARTS = 2_000  # of stems
MIN_TRANSLATION_WEIGHT = 0.3  # of an alternative that is highlighted
SURE_NAME_WEIGHT = 1.0  # of a name by our glossary, or by the first sense of CC-CEDICT
MUTUAL_SHARE = 0.9  # of the likeliest Chinese word's weight: good is 好 rather than 产品
MIN_PART_HIGHLIGHT_WEIGHT = 0.6  # likewise, for a part of a word of the question


NamedWord = tuple[Alternative, str]  # a name, and the word asked that it is one of


class _Claim(NamedTuple):
    """Characters of a text that match a word, which it has by this name."""

    weight: float
    start: int
    end: int
    asked: str
    name: Alternative | None


@dataclass(frozen=True, slots=True)
class Highlighter:
    """Names with the word asked; longer ones are heavier, so that a phrase beats its words.

    English ones stand under their first stem; words with it, as they are written, begin with one of `starts`.
    """

    english: dict[str, list[NamedWord]]
    chinese: list[tuple[str, str, float]]
    starts: frozenset[str]
    is_sure: IsSure
    _sure: dict[tuple[str, Alternative], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, concepts: Iterable[Concept], is_sure: IsSure = lambda *_: False) -> Self:
        """`is_sure` says whether a word of the question surely has this name; it is asked of what a text has."""
        english: dict[str, list[NamedWord]] = {}
        chinese = []
        for concept in concepts:
            asked = concept.word
            part = concept.asked not in (None, asked)
            least = MIN_PART_HIGHLIGHT_WEIGHT if part else MIN_TRANSLATION_WEIGHT
            for alternative in concept.alternatives:
                terms, weight = alternative
                if weight < least:
                    continue
                first = terms[0]
                if not has_han(first):
                    english.setdefault(first, []).append((alternative, asked))
                elif len(terms) == 1 and len(first) > 1:
                    chinese.append((first, asked, weight + 0.1 * len(first)))
        return cls(english, chinese, starts_of_words(english), is_sure)

    def find(self, text: str) -> tuple[Match, ...]:
        """In order and without overlaps; of overlapping matches the heaviest."""
        seen = fold_glyphs(text)
        if len(seen) == len(text):
            return self._matches(seen)
        at = [place for place, character in enumerate(text) if not UNSEEN.match(character)]
        return tuple(replace(one, start=at[one.start], end=at[one.end - 1] + 1) for one in self._matches(seen))

    def _matches(self, text: str) -> tuple[Match, ...]:
        taken: list[_Claim] = []
        for claim in sorted(self._claims(text), key=lambda claim: (-claim.weight, claim.start)):
            if all(claim.end <= other.start or claim.start >= other.end for other in taken):
                taken.append(claim)
        taken.sort(key=lambda claim: claim.start)
        return tuple(Match(one.start, one.end, one.asked, self._is_sure(one)) for one in taken)

    def _is_sure(self, claim: _Claim) -> bool:
        if claim.name is None:  # the word itself
            return True
        key = claim.asked, claim.name
        if (known := self._sure.get(key)) is None:
            known = self._sure[key] = self.is_sure(*key)
        return known

    def _claims(self, text: str) -> Iterator[_Claim]:
        if self.english:
            yield from self._english_claims(text)
        plain = normalized_text(text) if self.chinese and has_han(text) else ""
        if len(plain) == len(text):
            for word, asked, weight in self.chinese:
                at = plain.find(word)
                while at >= 0:
                    yield _Claim(weight, at, at + len(word), asked, None)
                    at = plain.find(word, at + len(word))

    def _english_claims(self, text: str) -> Iterator[_Claim]:
        pieces = HIGHLIGHTED_WORD.split(text)  # what is between words, a word, and so on
        words, ends, starts = pieces[1::2], list[int](), self.starts
        # most words need no stem to be told apart
        likely = [at for at, word in enumerate(words) if (start := word[:2]) in starts or not start.isalpha()]
        for at in likely:
            for name, asked in self.english.get(_term(words[at]), ()):
                end = at + len(name.terms)
                if end == at + 1 or tuple(map(_term, words[at:end])) == name.terms:
                    ends = ends or list(accumulate(map(len, pieces)))
                    weight = name.weight + 0.1 * (len(name.terms) - 1)
                    yield _Claim(weight, ends[2 * at], ends[2 * end - 1], asked, name)


def is_sure_name(word: str, name: Alternative, lexicon: Lexicon) -> bool:
    """Whether a Chinese noun or name has this English name by our glossary or a first sense, in both directions."""
    if name.weight < SURE_NAME_WEIGHT or not has_han(word) or not (lexicon.is_noun(word) or lexicon.is_name(word)):
        return False
    return lexicon.is_likely_name(word, " ".join(name.terms), MUTUAL_SHARE)


def starts_of_words(stems: Iterable[str]) -> frozenset[str]:
    """What words of letters with one of these stems begin with: two letters, or the only one."""
    return frozenset(chain.from_iterable(map(_written_starts, {stem[:2] for stem in stems})))


@lru_cache(MAX_CACHED_STARTS)
def _written_starts(start: str) -> frozenset[str]:
    """In small letters or capitals, with a y for an i: dying has the stem die. A stem of one letter may be all that is
    left (aed)."""
    begins = [start] if len(start) > 1 else [start, start + "i", start + "e"]
    choices = [[{letter, letter.upper(), *("yY" if letter == "i" else "")} for letter in begin] for begin in begins]
    return frozenset("".join(letters) for each in choices for letters in product(*each))


@lru_cache(MAX_CACHED_TERMS)
def _term(word: str) -> str:
    return stem(word.lower().replace(",", ""))
