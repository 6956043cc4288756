"""BM25 over numpy postings: rank_bm25's formula, without its walk over every document."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


def hashed(term: str) -> int:
    """A term's 64-bit key: with a million terms two of them clash once in 37 million corpora."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Segment:
    """Postings of some texts, numbered from 0; immutable, and mapped from disk where it was saved.

    `terms` are sorted hashes; the postings of term i are `texts` and `counts` from `starts[i]` to `starts[i+1]`,
    texts ascending. `words` holds every text's terms in reading order, text t from `begins[t]` to `begins[t+1]`.
    """

    terms: NDArray[np.uint64]
    starts: NDArray[np.int64]
    texts: Ints
    counts: NDArray[np.uint16]
    begins: NDArray[np.int64]
    words: Ints

    @classmethod
    def of(cls, corpus: Iterable[Sequence[str]]) -> Self:
        numbers: dict[str, int] = {}
        words: list[int] = []
        begins = [0]
        for text in corpus:
            words.extend(numbers.setdefault(word, len(numbers)) for word in text)
            begins.append(len(words))
        hashes = np.fromiter((hashed(word) for word in numbers), np.uint64, len(numbers))
        order = np.argsort(hashes)
        renumbered = np.empty(len(numbers), np.int32)
        renumbered[order] = np.arange(len(numbers), dtype=np.int32)
        return cls.grouped(hashes[order], np.array(begins, np.int64), renumbered[np.array(words, np.int64)])

    @classmethod
    def grouped(cls, terms: NDArray[np.uint64], begins: NDArray[np.int64], words: Ints) -> Self:
        lengths = np.diff(begins)
        owners = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
        pairs, counts = np.unique(words.astype(np.int64) * max(len(lengths), 1) + owners, return_counts=True)
        starts = np.searchsorted(pairs, np.arange(len(terms) + 1, dtype=np.int64) * max(len(lengths), 1))
        texts = (pairs % max(len(lengths), 1)).astype(np.int32)
        return cls(terms, starts.astype(np.int64), texts, np.minimum(counts, 65535).astype(np.uint16), begins, words)

    @property
    def size(self) -> int:
        return len(self.begins) - 1

    def number(self, term: str) -> int:
        """The term's number in this segment, or -1."""
        key = np.uint64(hashed(term))
        at = int(np.searchsorted(self.terms, key))
        return at if at < len(self.terms) and self.terms[at] == key else -1

    def postings(self, term: str) -> tuple[Ints, NDArray[np.uint16]]:
        """The texts that have `term`, ascending, and how often."""
        if (n := self.number(term)) < 0:
            return self.texts[:0], self.counts[:0]
        span = slice(self.starts[n], self.starts[n + 1])
        return self.texts[span], self.counts[span]

    def sequence(self, text: int) -> Ints:
        """The numbers of a text's terms in reading order."""
        return self.words[self.begins[text] : self.begins[text + 1]]

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.__slots__:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in cls.__slots__))


def idf(size: int, df: float) -> float:
    """Lucene's: above 0 for every term that occurs, also in a corpus of one."""
    return math.log(1 + (size - df + 0.5) / (df + 0.5))
