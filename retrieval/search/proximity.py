"""What stands in a text as it was asked, word beside word, which an index without places cannot tell.

The ordered pairs of sequential dependence (Metzler and Croft, A Markov random field model for term dependencies, 2005),
over the best points only.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import TOKEN_RUN, normalize

PHRASED_POINTS = 20  # points looked at: so many are read for any question
GLUE = re.compile(r"[ \-‐–—]*")


@dataclass(frozen=True, slots=True)
class Phrasing:
    """The question's words without stop words, and the pairs that stand side by side in it, as a text may have them.

    Stop words count in pairs with other words in English, where names have them ('Star One').
    """

    words: tuple[str, ...]
    pairs: tuple[str, ...]

    @classmethod
    def of(cls, question: str, cut: Callable[[str], Sequence[str]]) -> Self:
        text = normalize(question)
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
                if before and GLUE.fullmatch(text[end : match.start()]) and not STOPWORDS.issuperset((before, run)):
                    pairs.append(f"{before} {run}")
            before, end = "" if match.lastgroup == "han" else run, match.end()
        return cls(tuple(dict.fromkeys(words)), tuple(dict.fromkeys(pairs)))

    def stands_in(self, text: str) -> bool:
        """Whether all of it does. In trials, that half a question did told nothing."""
        if not self.words:
            return False
        text = plain(text)
        return all(part in text and has(text, part) for part in (*self.words, *self.pairs))


def has(text: str, part: str) -> bool:
    """Whole, where the part begins or ends with a Latin letter or a digit; both as `plain` makes them."""
    at = text.find(part)
    while at >= 0:
        end = at + len(part)
        if not (_joined(text[at - 1 : at], part[0]) or _joined(part[-1], text[end : end + 1])):
            return True
        at = text.find(part, at + 1)
    return False


def _joined(a: str, b: str) -> bool:
    return f"{a}{b}".isascii() and a.isalnum() and b.isalnum()


def plain(text: str) -> str:
    """As `normalize`, but for traditional characters and what glues words together: a thousandth of its time."""
    text = (text if text.isascii() else unicodedata.normalize("NFKC", text)).lower()
    return text.replace("-", " ")
