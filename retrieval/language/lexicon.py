"""A word and what it may be called in either language: the compiled dictionary and the operator's aliases.

Looked up word by word; nothing of it is loaded at start. A term is a Chinese word or a run of English stems.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.language.dictionary_builder import build, is_current
from retrieval.language.neighbours import Neighbours
from retrieval.runtime.cache import BoundedCache

MAX_CACHED_WORDS = 20_000  # terms kept in memory once looked up, some 20 MB


class Alternative(NamedTuple):
    """Something that a term may be called: `terms` must stand together; 0 < weight ≤ 1.

    A tuple, since a question makes some two hundred.
    """

    terms: tuple[str, ...]
    weight: float


class Translations(NamedTuple):
    """What a term may be called, likeliest first, in a form in which most need not be looked at.

    `called` has a line for each; its terms' `hashes` stand in a row, those of each line from one of `starts` on.
    """

    alternatives: str
    weights: NDArray[np.float64]
    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]

    def choose(self, numbers: Iterable[int]) -> list[Alternative]:
        """The alternatives that have these numbers."""
        lines, weights = self.alternatives.split("\n"), self.weights.tolist()
        return [Alternative(tuple(lines[n].split(" ")), weights[n]) for n in numbers]


class Lexicon:
    """Look-ups in DATA/lexicon.db, which is compiled first where it is missing or of other sources."""

    def __init__(self, path: Path, notice: Callable[[str], None] = lambda _: None) -> None:
        if not is_current(path):
            notice("compiling the dictionary, once")
            build(path)
        # read-only and immutable once compiled: any thread may look a word up
        self._db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._entries: BoundedCache[str, Translations | None] = BoundedCache(MAX_CACHED_WORDS)
        self._row = lru_cache(MAX_CACHED_WORDS)(self._looked_up)
        self.spelt = lru_cache(MAX_CACHED_WORDS)(self._spelt)
        self.sound = lru_cache(MAX_CACHED_WORDS)(self._sound)

    @cached_property
    def neighbours(self) -> Neighbours:
        return Neighbours.load()

    def alternatives(self, term: str) -> list[Alternative]:
        """What else `term` may be called in either language, likeliest first."""
        entry = self.entry(term)
        return entry.choose(range(len(entry.weights))) if entry else []

    def entry(self, term: str) -> Translations | None:
        return self.entries((term,))[0]

    def entries(self, terms: Sequence[str]) -> list[Translations | None]:
        """In their order; None for a term that has no other name."""
        found = {term: self._entries[term] for term in terms if term in self._entries}
        if missing := [term for term in terms if term not in found]:
            marks = ",".join("?" * len(missing))
            sql = f"SELECT term, called, weights, hashes, sizes FROM terms WHERE term IN ({marks})"  # noqa: S608
            found |= dict.fromkeys(missing)
            found |= {term: _entry(*row) for term, *row in self._db.execute(sql, missing)}
            for term in missing:
                self._entries[term] = found[term]
        return [found[term] for term in terms]

    def is_name(self, term: str) -> bool:
        """Whether the term is first of all a person's, a place's or an organisation's name."""
        row = self._db.execute("SELECT name FROM terms WHERE term = ?", (term,)).fetchone()
        return bool(row and row[0])

    def beginning(self, start: str, length: int) -> list[tuple[str, int]]:
        """The Chinese words of so many characters that begin so, with their frequencies."""
        return self._db.execute(
            "SELECT term, frequency FROM terms WHERE term > ? AND term < ? AND length(term) = ?",
            (start, start + "\U0010ffff", length),
        ).fetchall()

    def close(self) -> None:
        self._db.close()

    def known(self, term: str) -> bool:
        return self._row(term) is not None

    def frequency(self, term: str) -> int:
        """How often jieba's 60 million words have the term."""
        row = self._row(term)
        return row[0] if row else 0

    def _sound(self, word: str) -> str:
        """A Chinese word's pinyin, without tones and spaces; an unknown word's is that of its characters."""
        row = self._row(word)
        return (row[1] if row else "" if len(word) == 1 else "".join(map(self.sound, word))) or ""

    def _looked_up(self, term: str) -> tuple[int, str | None] | None:
        """Frequency and pinyin."""
        row = self._db.execute("SELECT frequency, sound FROM terms WHERE term = ?", (term,)).fetchone()
        return (int(row[0]), row[1]) if row else None

    def _spelt(self, letters: str) -> tuple[tuple[str, int], ...]:
        """The Chinese words that toneless pinyin without spaces may spell, each with its frequency, commonest first."""
        row = self._db.execute("SELECT words FROM spellings WHERE letters = ?", (letters,)).fetchone()
        lines = row[0].split("\n") if row else ()
        return tuple((word, int(count)) for word, _, count in (line.partition("\t") for line in lines))


def _entry(called: str, weights: bytes, hashes: bytes, sizes: bytes) -> Translations | None:
    if not called:
        return None
    ends = np.frombuffer(sizes, np.uint8).cumsum(dtype=np.int64)
    starts = np.concatenate(([0], ends[:-1]))
    return Translations(called, np.frombuffer(weights, np.uint16) / 1000, np.frombuffer(hashes, np.uint64), starts)
