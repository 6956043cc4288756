"""The lexicon: a term (a Chinese word or a run of English stems) to its translations, pinyin and frequency.

Looked up word by word in the compiled dictionary; nothing is read at start.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.language.dictionary_builder import OnPercent, opened
from retrieval.language.dictionary_table import (
    IS_CHINESE,
    IS_HEADWORD,
    IS_NAME,
    IS_NOUN,
    THOUSANDTHS,
    DictionaryTable,
    NumberArray,
)
from retrieval.language.han import has_han
from retrieval.language.neighbours import Neighbours
from retrieval.runtime.cache import BoundedCache

MAX_CACHED_WORDS = 8_000  # with all their names some 12 MB
MAX_CACHED_SPELLINGS = 20_000  # some 10 MB
MAX_CACHED_RUNS_OF_WORDS = 2_000  # some 1 MB


class Alternative(NamedTuple):
    """Another name of a term: all of `terms` together; 0 < weight ≤ 1. A tuple, since a question makes some 200."""

    terms: tuple[str, ...]
    weight: float


# of a tuple of both, in half the time of a call
as_alternative = partial(tuple.__new__, Alternative)


class Translations(NamedTuple):
    """A term's alternatives as numbers of phrases, likeliest first, with their weights."""

    numbers: NumberArray
    weights: NDArray[np.float64]


class Lexicon:
    """Look-ups in DATA/lexicon.bin; the first one compiles it where it is missing, damaged or of other sources."""

    def __init__(self, path: Path, on_percent: OnPercent = lambda _: None) -> None:
        self._path, self._on_percent = path, on_percent
        self._table: DictionaryTable | None = None
        self._opening = threading.Lock()
        self._alternatives: BoundedCache[str, tuple[Alternative, ...]] = BoundedCache(MAX_CACHED_WORDS)
        self.words_for_pinyin = lru_cache(MAX_CACHED_SPELLINGS)(self._words_for_pinyin)
        self.is_syllable = lru_cache(MAX_CACHED_SPELLINGS)(self._is_syllable)
        self.pinyin = lru_cache(MAX_CACHED_SPELLINGS)(self._pinyin)
        self.phrases = lru_cache(MAX_CACHED_RUNS_OF_WORDS)(self._phrases)

    @cached_property
    def neighbours(self) -> Neighbours:
        return Neighbours.load()

    def alternatives(self, term: str) -> tuple[Alternative, ...]:
        """Other names of `term` in either language, likeliest first."""
        known = self._alternatives.get(term)
        if known is None:
            entry = self.translations(term)
            numbers, weights = (entry.numbers.tolist(), entry.weights.tolist()) if entry else ([], [])
            known = self._alternatives[term] = self.named(zip(numbers, weights, strict=True))
        return known

    def translations(self, term: str) -> Translations | None:
        """None for a term without other names."""
        number = self.open().headword(term)
        return None if number is None else self.translations_of(number)

    def translations_of(self, number: int) -> Translations | None:
        """As `translations`, of a phrase."""
        table = self.open()
        span = table.span(number)
        if span.start == span.stop:
            return None
        return Translations(table.others[span], table.weights[span] / THOUSANDTHS)

    def named(self, weighted: Iterable[tuple[int, float]]) -> tuple[Alternative, ...]:
        """Phrases by number, with their weights."""
        table = self.open()
        return tuple(Alternative(table.terms_of(number), weight) for number, weight in weighted)

    def foreign_name(self, term: str) -> Alternative | None:
        """Its likeliest name in the other script."""
        if (entry := self.translations(term)) is None:
            return None
        table = self.open()
        is_chinese = (table.flags.take(entry.numbers) & IS_CHINESE) > 0
        foreign = np.flatnonzero(is_chinese != has_han(term))
        if not len(foreign):
            return None
        at = foreign.item(0)
        return Alternative(table.terms_of(entry.numbers.item(at)), entry.weights.item(at))

    def is_likely_name(self, name: str, term: str, share: float) -> bool:
        """Whether it is a name of the term, with that share of its likeliest name's weight or more."""
        table = self.open()
        number, wanted = table.headword(term), table.phrases.find(name)
        if number is None or wanted is None:
            return False
        span = table.span(number)
        names, weights = table.others[span].tolist(), table.weights[span].tolist()
        return wanted in names and weights[names.index(wanted)] / THOUSANDTHS >= share * (weights[0] / THOUSANDTHS)

    def known(self, term: str) -> bool:
        return self.open().headword(term) is not None

    def joined(self, pieces: Sequence[str], most: int) -> Sequence[Sequence[str]]:
        """For each piece the known words that it makes with those after it, the longest first; of at most `most`."""
        return self.open().joined_headwords(pieces, most)

    def frequency(self, term: str) -> int:
        """How often the term occurs in the 60 million words that jieba counted."""
        table = self.open()
        number = table.headword(term)
        return 0 if number is None else table.frequencies.item(number)

    def is_name(self, term: str) -> bool:
        """Whether the term is above all a person's, a place's or an organisation's name."""
        return self.open().has(term, IS_NAME)

    def is_noun(self, term: str) -> bool:
        """Whether the term, or one of its likeliest Chinese names, is a noun."""
        return self.open().has(term, IS_NOUN)

    def words_with_prefix(self, prefix: str, length: int, fits: Callable[[str], bool]) -> list[tuple[str, int]]:
        """The Chinese words of `length` characters with this prefix whose pinyin fits, and their frequencies."""
        table = self.open()
        numbers = table.phrases.with_prefix(prefix)
        span = slice(numbers.start, numbers.stop)
        wanted = (table.sizes[span] == length) & ((table.flags[span] & IS_HEADWORD) > 0)
        words = np.flatnonzero(wanted) + numbers.start
        sounds = table.sounds.take(words).tolist()
        fitting = {sound for sound in set(sounds) if fits(table.letters[sound] if sound >= 0 else "")}
        found = (word for word, sound in zip(words.tolist(), sounds, strict=True) if sound in fitting)
        return [(table.phrases[word], table.frequencies.item(word)) for word in found]

    def close(self) -> None:
        self._table = None

    def open(self) -> DictionaryTable:
        """Map the dictionary, and compile it first, unless that was done."""
        if (table := self._table) is None:
            with self._opening:
                if (table := self._table) is None:
                    table = self._table = opened(self._path, self._on_percent)
        return table

    def _phrases(self, words: tuple[str, ...], most: int) -> frozenset[str]:
        """The known phrases that words of an English run make side by side; of at most `most` words."""
        return self.open().joined_phrases(words, most)

    def _is_syllable(self, letters: str) -> bool:
        """Whether toneless pinyin spells a single character."""
        return self.open().is_syllable(letters)

    def _pinyin(self, word: str) -> str:
        """A Chinese word's pinyin without tones and spaces, joined from its characters if it is unknown."""
        table = self.open()
        if (number := table.headword(word)) is None:
            return "" if len(word) == 1 else "".join(map(self.pinyin, word))
        sound = table.sounds.item(number)
        return table.letters[sound] if sound >= 0 else ""

    def _words_for_pinyin(self, letters: str) -> Sequence[tuple[str, int]]:
        """The Chinese words that toneless pinyin may spell, and their frequencies, commonest first."""
        return tuple(self.open().spelling(letters))
