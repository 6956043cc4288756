"""Point words: a hit to the words of its text and headings, by which a word of the question may be there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Self

from rapidfuzz.distance import OSA

from retrieval.language.glyphs import fold_glyphs
from retrieval.language.han import has_han
from retrieval.language.lexicon import Alternative
from retrieval.language.tokenizer import latin_runs, normalize, stem_all
from retrieval.model.documents import BEIJING
from retrieval.search.found_point import FoundPoint

MIN_DERIVED_LETTERS = 5  # that two forms of a word begin with: subsidy, subsidised
MIN_SLIP_LETTERS = 4
MIN_TWO_SLIPS_LETTERS = 8  # of a word with two slips
CAPITALISED = re.compile(r"[A-Z][A-Za-z]{2,}")
# Letters that stand for each other where names are transcribed (Kirzner, 柯兹纳 kezina); vowels say nothing.
SOUND_CLASSES = {sound: group[0] for group in ("bp", "dt", "gkcq", "szxj", "lr", "m", "n", "fvwh") for sound in group}
MAX_CACHED_TEXTS = 1_000  # texts, titles and headings of recent hits, some 5 MB


@dataclass(frozen=True)
class PointWords:
    """`written` are the point's text, section and title; `text` is that with outlet, topics and year, normalised."""

    written: tuple[str, ...]
    text: str
    stems: frozenset[str]

    @classmethod
    def of(cls, hit: FoundPoint) -> Self:
        document = hit.document
        outlet = document.outlet
        year = document.published.astimezone(BEIJING).year
        written = hit.point.text, hit.point.section, document.title
        about = f"{outlet.name} {outlet.pinyin} {outlet.english} {' '.join(document.topics)} {year}"
        # one by one: a text of Latin letters alone takes a tenth of the time, and headings come again
        texts = [normalized_text(text) for text in (*written, about)]
        return cls(written, "\n".join(texts), frozenset().union(*map(_stems, texts)))

    @cached_property
    def names(self) -> frozenset[str]:
        """The sounds of capitalised words."""
        capitalised = chain.from_iterable(map(CAPITALISED.findall, map(fold_glyphs, self.written)))
        return frozenset(map(sounds, capitalised))

    def has(self, name: Alternative) -> bool:
        return all(term in self.text if has_han(term) else term in self.stems for term in name.terms)

    def has_form_of(self, root: str) -> bool:
        """Whether an English word has the same beginning."""
        begin = root[: max(MIN_DERIVED_LETTERS, len(root) - 2)]
        return len(begin) >= MIN_DERIVED_LETTERS and any(one.startswith(begin) for one in self.stems)

    def has_slip_of(self, root: str) -> bool:
        """Whether an English word is so near that the root is probably it, misspelt."""
        edits = 2 if len(root) >= MIN_TWO_SLIPS_LETTERS else 1
        if len(root) < MIN_SLIP_LETTERS or not root.isalpha():
            return False
        likely = [one for one in self.stems if one[:1] == root[0]]
        return any(OSA.distance(root, one, score_cutoff=edits) <= edits for one in likely)


@lru_cache(MAX_CACHED_TEXTS)
def normalized_text(text: str) -> str:
    """As `normalize`, for texts of the corpus, which come again."""
    return normalize(text)


def sounds(word: str) -> str:
    """The classes of its consonants, repeated ones once; a first vowel is kept."""
    return "".join(_sounds(word.lower()))


@lru_cache(MAX_CACHED_TEXTS)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem_all(latin_runs(text)))


def _sounds(word: str) -> Iterator[str]:
    before = ""
    for at, letter in enumerate(word):
        sound = SOUND_CLASSES.get(letter, "a" if at == 0 else "")
        if sound and sound != before:
            yield sound
        before = sound or before
