"""A word and what it may be called in either language: the compiled dictionary and the operator's aliases.

Looked up word by word; nothing of it is loaded at start. A term is a Chinese word or a run of English stems.
"""

import sqlite3
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from retrieval.dictionary import REFERENCE, compile_to, current

CACHED = 50_000  # terms kept in memory once looked up, some 20 MB


class Alternative(NamedTuple):
    """Something that a term may be called: `terms` must stand together; 0 < weight ≤ 1.

    A tuple, since a question makes some two hundred.
    """

    terms: tuple[str, ...]
    weight: float


class Lexicon:
    """Look-ups in DATA/lexicon.db, which is compiled first where it is missing or of other sources."""

    def __init__(self, path: Path, notice: Callable[[str], None] = lambda _: None) -> None:
        if not current(path):
            notice("compiling the dictionary, once")
            compile_to(path)
        # read-only and immutable once compiled: any thread may look a word up
        self._db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self.alternatives = lru_cache(CACHED)(self._alternatives)
        self.known = lru_cache(CACHED)(self._known)
        self.spelt = lru_cache(CACHED)(self._spelt)

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

    def _known(self, term: str) -> bool:
        return self._db.execute("SELECT 1 FROM terms WHERE term = ?", (term,)).fetchone() is not None

    def _alternatives(self, term: str) -> tuple[Alternative, ...]:
        """What else `term` may be called in either language, likeliest first."""
        found: dict[tuple[str, ...], float] = {}
        for other, weight in self._listed(term):
            if other.startswith(REFERENCE):
                headword = other.removeprefix(REFERENCE)
                _heavier(found, (headword,), weight)
                for further, share in self._listed(headword):
                    if not further.startswith(REFERENCE):
                        _heavier(found, tuple(further.split()), weight * share)
            else:
                _heavier(found, tuple(other.split()), weight)
        return tuple(Alternative(terms, weight) for terms, weight in sorted(found.items(), key=lambda f: -f[1]))

    def _spelt(self, letters: str) -> tuple[tuple[str, int], ...]:
        """The Chinese words that toneless pinyin without spaces may spell, each with its frequency, commonest first."""
        row = self._db.execute("SELECT words FROM spellings WHERE letters = ?", (letters,)).fetchone()
        return tuple((word, int(weight)) for word, weight in _lines(row))

    def _listed(self, term: str) -> list[tuple[str, float]]:
        return _lines(self._db.execute("SELECT alternatives FROM terms WHERE term = ?", (term,)).fetchone())


def _lines(row: tuple[str] | None) -> list[tuple[str, float]]:
    if not row or not row[0]:
        return []
    return [(word, float(weight)) for word, weight in (line.split("\t") for line in row[0].split("\n"))]


def _heavier(found: dict[tuple[str, ...], float], terms: tuple[str, ...], weight: float) -> None:
    if terms and weight > found.get(terms, 0):
        found[terms] = weight
