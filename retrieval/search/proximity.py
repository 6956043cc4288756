"""Proximity: a question and a text to whether the text has the question word for word.

The index has no positions, so only the best points are compared: by the ordered pairs of the sequential dependence
model (Metzler and Croft, A Markov random field model for term dependencies, 2005).
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import TOKEN_RUN, normalize_question

MAX_PHRASED_POINTS = 40  # compared: so many texts are read for any question
WORD_GLUE = re.compile(r"[ \-‐–—]*")


@dataclass(frozen=True, slots=True)
class Phrasing:
    """The question's words without stop words, and its pairs of adjacent words.

    English pairs may have one stop word, since names do ('Star One').
    """

    words: tuple[str, ...]
    pairs: tuple[str, ...]

    @classmethod
    def of(cls, question: str, cut: Callable[[str], Sequence[str]]) -> Self:
        text = normalize_question(question)
        words: list[str] = []
        pairs: list[str] = []
        before, end = "", 0
        for match in TOKEN_RUN.finditer(text):
            run = match[0]
            if match.lastgroup == "han":
                pieces = cut(run)
                words += [piece for piece in pieces if piece not in STOPWORDS]
                pairs += [a + b for a, b in pairwise(pieces) if STOPWORDS.isdisjoint((a, b))]
            else:
                words += [run] if run not in STOPWORDS else []
                if (
                    before
                    and WORD_GLUE.fullmatch(text[end : match.start()])
                    and not STOPWORDS.issuperset((before, run))
                ):
                    pairs.append(f"{before} {run}")
            before, end = "" if match.lastgroup == "han" else run, match.end()
        return cls(tuple(dict.fromkeys(words)), tuple(dict.fromkeys(pairs)))

    def stands_in(self, text: str) -> bool:
        """Whether the text has all of it; in trials half of a question word for word meant nothing."""
        if not self.words:
            return False
        text = to_plain(text)
        for part in (*self.words, *self.pairs):  # noqa: SIM110 -- forty texts a question: a generator takes as long again
            if not has_whole(text, part):
                return False
        return True


@dataclass(frozen=True, slots=True)
class VerbatimBoost:
    """What the score of a point that has the question word for word is multiplied by."""

    phrasing: Phrasing
    factor: float

    def of(self, text: str) -> float:
        return self.factor if self.phrasing.stands_in(text) else 1.0


def has_whole(text: str, part: str) -> bool:
    """Whether the text has the part, at whole words where these are Latin or digits; both as of `to_plain`."""
    at = text.find(part)
    while at >= 0:
        end = at + len(part)
        if not (_is_one_word(text[at - 1 : at], part[0]) or _is_one_word(part[-1], text[end : end + 1])):
            return True
        at = text.find(part, at + 1)
    return False


def _is_one_word(a: str, b: str) -> bool:
    return f"{a}{b}".isascii() and a.isalnum() and b.isalnum()


def to_plain(text: str) -> str:
    """Like `normalize`, without simplifying and without hyphens, in a thousandth of the time."""
    text = (text if text.isascii() else unicodedata.normalize("NFKC", text)).lower()
    return text.replace("-", " ")
