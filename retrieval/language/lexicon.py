"""The lexicon: a term (a Chinese word or a run of English stems) to its translations, pinyin and frequency.

Looked up word by word in the compiled dictionary; nothing is loaded at start.
"""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.language.dictionary_builder import OnPercent, build, is_current
from retrieval.language.neighbours import Neighbours
from retrieval.runtime.cache import BoundedCache

MAX_CACHED_WORDS = 20_000  # some 20 MB


class Alternative(NamedTuple):
    """Another name of a term: all of `terms` together; 0 < weight ≤ 1. A tuple, since a question makes some 200."""

    terms: tuple[str, ...]
    weight: float


class Translations(NamedTuple):
    """A term's alternatives, a line each, likeliest first, not parsed, since most do not occur in the corpus.

    The `hashes` of all their terms stand in a row, those of each line from one of `starts` on.
    """

    alternatives: str
    weights: NDArray[np.float64]
    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]

    def choose(self, numbers: Iterable[int]) -> list[Alternative]:
        """The alternatives on these lines."""
        lines, weights = self.alternatives.split("\n"), self.weights.tolist()
        return [Alternative(tuple(lines[n].split(" ")), weights[n]) for n in numbers]


class Lexicon:
    """Look-ups in DATA/lexicon.db; the first one compiles it where it is missing or of other sources."""

    def __init__(self, path: Path, on_percent: OnPercent = lambda _: None) -> None:
        self._path, self._on_percent = path, on_percent
        self._connection: sqlite3.Connection | None = None
        self._opening = threading.Lock()
        self._entries: BoundedCache[str, Translations | None] = BoundedCache(MAX_CACHED_WORDS)
        self._row = lru_cache(MAX_CACHED_WORDS)(self._select_row)
        self.words_for_pinyin = lru_cache(MAX_CACHED_WORDS)(self._words_for_pinyin)
        self.pinyin = lru_cache(MAX_CACHED_WORDS)(self._pinyin)

    @cached_property
    def neighbours(self) -> Neighbours:
        return Neighbours.load()

    def alternatives(self, term: str) -> list[Alternative]:
        """Other names of `term` in either language, likeliest first."""
        entry = self.entry(term)
        return entry.choose(range(len(entry.weights))) if entry else []

    def entry(self, term: str) -> Translations | None:
        return self.entries((term,))[0]

    def entries(self, terms: Sequence[str]) -> list[Translations | None]:
        """In the order of `terms`; None for one without other names."""
        found = {term: self._entries[term] for term in terms if term in self._entries}
        if missing := [term for term in terms if term not in found]:
            marks = ",".join("?" * len(missing))
            sql = f"SELECT term, called, weights, hashes, sizes FROM terms WHERE term IN ({marks})"  # noqa: S608
            found |= dict.fromkeys(missing)
            found |= {term: _parse_row(*row) for term, *row in self.open().execute(sql, missing)}
            for term in missing:
                self._entries[term] = found[term]
        return [found[term] for term in terms]

    def known(self, term: str) -> bool:
        return self._row(term) is not None

    def frequency(self, term: str) -> int:
        """How often the term occurs in the 60 million words that jieba counted."""
        row = self._row(term)
        return row[0] if row else 0

    def is_name(self, term: str) -> bool:
        """Whether the term is above all a person's, a place's or an organisation's name."""
        row = self.open().execute("SELECT name FROM terms WHERE term = ?", (term,)).fetchone()
        return bool(row and row[0])

    def is_noun(self, term: str) -> bool:
        """Whether the term, or one of its likeliest Chinese names, is a noun."""
        row = self.open().execute("SELECT noun FROM terms WHERE term = ?", (term,)).fetchone()
        return bool(row and row[0])

    def words_with_prefix(self, prefix: str, length: int) -> list[tuple[str, int]]:
        """The Chinese words of `length` characters with this prefix, and their frequencies."""
        return (
            self.open()
            .execute(
                "SELECT term, frequency FROM terms WHERE term > ? AND term < ? AND length(term) = ?",
                (prefix, prefix + "\U0010ffff", length),
            )
            .fetchall()
        )

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def open(self) -> sqlite3.Connection:
        """Connect, and compile first, unless that was done."""
        with self._opening:
            if self._connection is None:
                if not is_current(self._path):
                    build(self._path, self._on_percent)
                # read-only and immutable once compiled: any thread may look a word up
                uri = f"file:{self._path}?mode=ro&immutable=1"
                self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            return self._connection

    def _select_row(self, term: str) -> tuple[int, str | None] | None:
        """The term's frequency and pinyin."""
        row = self.open().execute("SELECT frequency, sound FROM terms WHERE term = ?", (term,)).fetchone()
        return (int(row[0]), row[1]) if row else None

    def _pinyin(self, word: str) -> str:
        """A Chinese word's pinyin without tones and spaces, joined from its characters if it is unknown."""
        row = self._row(word)
        return (row[1] if row else "" if len(word) == 1 else "".join(map(self.pinyin, word))) or ""

    def _words_for_pinyin(self, letters: str) -> tuple[tuple[str, int], ...]:
        """The Chinese words that toneless pinyin may spell, and their frequencies, commonest first."""
        row = self.open().execute("SELECT words FROM spellings WHERE letters = ?", (letters,)).fetchone()
        lines = row[0].split("\n") if row else ()
        return tuple((word, int(count)) for word, _, count in (line.partition("\t") for line in lines))


def _parse_row(called: str, weights: bytes, hashes: bytes, sizes: bytes) -> Translations | None:
    if not called:
        return None
    ends = np.frombuffer(sizes, np.uint8).cumsum(dtype=np.int64)
    starts = np.concatenate(([0], ends[:-1]))
    return Translations(called, np.frombuffer(weights, np.uint16) / 1000, np.frombuffer(hashes, np.uint64), starts)
