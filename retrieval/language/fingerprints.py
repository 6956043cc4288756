"""Fingerprints: a text to its figures, words, names and Chinese character pairs, by which near-duplicates are found.

Made once, at ingest, and stored with the tokens: a question would wait for twenty of them.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import prod
from operator import add
from typing import Self

from retrieval.language.glyphs import fold_glyphs
from retrieval.language.han import HAN
from retrieval.language.quantities import MONTH_NUMBERS, MYRIADS, SCALES, SPELT_UNITS
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import simplify, stem

FINGERPRINT_VERSION = "2"  # raise it when a text gets another fingerprint, or a term another weight
PAIR_WEIGHT = 0.5  # a Chinese word of two makes about two pairs with its neighbours

SENTENCE_MARKS, OPENING_QUOTES = ".!?:;。！？：；", " \"“”'‘("  # after these, a capital begins a sentence and no name
# One pass instead of find_quantities, which takes several times as long.
TOKEN = re.compile(
    rf"([{SENTENCE_MARKS}][{OPENING_QUOTES}]*)?(?:"
    r"(\d{1,24}(?:,\d{3}){0,8}(?:\.\d{1,24})?)(?: ?(%|percent\b|per cent\b)"
    rf"|[ -]?((?:{'|'.join(SCALES)})\b|[百千]?[万亿]{{1,4}})|(月))?"
    rf"|([^\W\d_{HAN}][^\W_{HAN}]*)"
    rf"|((?:(?![的了是在和与及为将较比])[{HAN}])+))"
)
FIGURE_MARKS = {name: f"~{n:02}" for name, n in MONTH_NUMBERS.items()} | {
    word: str(n) for word, n in SPELT_UNITS.items() if n > 1
}
MULTIPLES = MYRIADS | {"百": 10**2, "千": 10**3}
FILLERS = STOPWORDS | SCALES.keys() | {"yuan", "year", "years", "month", "months", "day", "days", "china", "chinese"}
WHOLE_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class TextFingerprint:
    """`names` are among `words`; `han` are pairs of Chinese characters."""

    figures: frozenset[str]
    words: frozenset[str]
    names: frozenset[str]
    han: frozenset[str]
    latin: float  # the weight of all but `han`
    weight: float
    chinese: bool

    @classmethod
    def of(cls, figures: Collection[str], words: Collection[str], names: Collection[str], han: Collection[str]) -> Self:
        latin = sum(map(specificity, figures)) + len(words) + len(names)
        sets = frozenset(figures), frozenset(words), frozenset(names), frozenset(han)
        return cls(*sets, latin, latin + PAIR_WEIGHT * len(han), cls.is_mostly_chinese(len(han), len(words)))

    @staticmethod
    def is_mostly_chinese(pairs: int, words: int) -> bool:
        """By the number of pairs of characters, and of English words."""
        return pairs > 2 * words

    @classmethod
    def from_text(cls, written: str) -> Self:
        """The inverse of `to_text`."""
        return cls.of(*(line.split() for line in written.split("\n")))

    def to_text(self) -> str:
        """A line each for figures, words, names and pairs, space-separated."""
        return "\n".join(" ".join(sorted(terms)) for terms in (self.figures, self.words, self.names, self.han))


def fingerprint(text: str) -> TextFingerprint:
    """Takes some 0.1 ms."""
    text = unicodedata.normalize("NFKC", fold_glyphs(text))
    if not text.isascii():
        text = simplify(text)
    figures, words, names, han = set[str](), set[str](), set[str](), set[str]()
    for opens, number, percent, scale, month, run, characters in TOKEN.findall(f".{text}"):
        if run:
            figure, word = _read(run)
            if figure:
                figures.add(figure)
            elif word:
                words.add(word)
                if not run.islower() and not (opens and run[1:].islower()):
                    names.add(word)
        elif characters:
            han.update(map(add, characters, characters[1:]))
        else:
            figures.add(_figure(number, percent, scale, month))
    return TextFingerprint.of(figures, words, names, han)


@lru_cache(1 << 14)
def _read(run: str) -> tuple[str, str]:
    """A word's figure or its stem, or neither; '' for none."""
    word = run.lower()
    if word in FIGURE_MARKS and run != "may":
        return FIGURE_MARKS[word], ""
    return "", "" if word in FILLERS else stem(word)


def _figure(number: str, percent: str, scale: str, month: str) -> str:
    value = number.replace(",", "")
    if scale:
        factor = SCALES[scale] if scale in SCALES else prod(MULTIPLES[character] for character in scale)
        return f"{(Decimal(value) * factor).normalize():f}"
    return f"~{value:0>2}" if month else f"{value}%" if percent else value


@lru_cache(1 << 14)
def specificity(term: str) -> float:
    """The weight of a shared term; for a figure, its digits less half. Quarters, so sums are exact."""
    if not term[0].isdigit():
        return PAIR_WEIGHT if re.match(f"[{HAN}]", term) else 1
    if WHOLE_YEAR.fullmatch(term):
        return 0.75
    digits = len(re.sub(r"\D", "", term).strip("0"))
    more = 0 if len(term) < 7 else 1  # a magnitude is specific, too, and so is a unit
    return max(0.5, min(digits, 4) - 0.5) + (more if term.isdigit() else 0.5)
