"""The term dictionary: the terms of a corpus's segments to look-ups by hash, prefix and edit distance."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from heapq import merge
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, HashArray
from retrieval.language.dictionary_table import DictionaryTable
from retrieval.language.lexicon import Alternative
from retrieval.language.neighbours import Neighbours, PresentNeighbours
from retrieval.language.round_trip import PresentNames
from retrieval.language.term_hash import SortedHashes, hash_term
from retrieval.runtime.cache import BoundedCache
from retrieval.runtime.kernels import Kernel

MAX_CACHED_LOOKUPS = 20_000  # some 3 MB
MAX_CACHED_ALTERNATIVES = 8_000  # words of questions

# as `prefixed_strings`
_prefixed_terms = Kernel(
    "void prefixed_terms(int64_t *bounds, const uint8_t *prefix, int64_t size, const uint8_t *letters,"
    " const int64_t *ends, int64_t count);"
)


@dataclass(frozen=True)
class TermTable:
    """Sorted strings as arrays, to be mapped from disk: their UTF-8 in `letters`, each up to its one of `ends`.

    UTF-8 sorts as the characters do. `sizes` are in characters, `masks` as by `letter_mask`.
    """

    hashes: HashArray
    letters: NDArray[np.uint8]
    ends: NDArray[np.int64]
    sizes: NDArray[np.uint8]
    masks: NDArray[np.uint32]

    @classmethod
    def of(cls, terms: Iterable[str]) -> Self:
        unique = sorted(set(terms))
        encoded = [term.encode() for term in unique]
        return cls(
            np.fromiter(map(hash_term, unique), np.uint64, len(unique)),
            np.frombuffer(b"".join(encoded), np.uint8),
            np.cumsum([len(term) for term in encoded], dtype=np.int64),
            np.minimum([len(term) for term in unique], 255).astype(np.uint8),
            np.fromiter(map(letter_mask, unique), np.uint32, len(unique)),
        )

    @classmethod
    def merge(cls, lists: Sequence[Self], kept: HashArray) -> Self:
        """The terms of all these tables whose hashes are in `kept`."""
        hashes = np.concatenate([terms.hashes for terms in lists])
        hashes, first = np.unique(hashes, return_index=True)
        chosen = first[np.isin(hashes, kept, assume_unique=True)]
        encoded = [term for terms in lists for term in terms._encoded()]
        order = np.array(sorted(chosen.tolist(), key=encoded.__getitem__), np.int64)
        ordered = [encoded[at] for at in order]
        return cls(
            np.concatenate([terms.hashes for terms in lists])[order],
            np.frombuffer(b"".join(ordered), np.uint8),
            np.cumsum([len(term) for term in ordered], dtype=np.int64),
            np.concatenate([terms.sizes for terms in lists])[order],
            np.concatenate([terms.masks for terms in lists])[order],
        )

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[str]:
        return (term.decode() for term in self._encoded())

    def term(self, at: int) -> str:
        return self.encoded(at).decode()

    def encoded(self, at: int) -> bytes:
        return self.letters[self.ends.item(at - 1) if at else 0 : self.ends.item(at)].tobytes()

    def with_prefix(self, prefix: str, longest: int) -> list[str]:
        """The terms of at most `longest` characters with this prefix, ascending."""
        span = self._prefixed(prefix)
        return [self.term(at) for at, size in enumerate(self.sizes[span].tolist(), span.start) if size <= longest]

    def within_edits(self, word: str, edits: int) -> list[str]:
        """All terms with this first letter that are at most so many edits from `word`, and some others, ascending."""
        span = self._prefixed(word[:1])
        near = np.abs(self.sizes[span].astype(np.int16) - len(word)) <= edits
        # exchanging a letter clears one bit and sets another
        near &= np.bitwise_count(self.masks[span] ^ np.uint32(letter_mask(word))) <= 2 * edits
        return [self.term(at) for at in (np.flatnonzero(near) + span.start).tolist()]

    def _prefixed(self, prefix: str) -> slice:
        bounds, letters = np.empty(2, np.int64), np.frombuffer(prefix.encode(), np.uint8)
        self._prefixed_terms(bounds, letters, len(letters))
        return slice(*bounds.tolist())

    @cached_property
    def _prefixed_terms(self) -> Kernel:
        return _prefixed_terms.ending_with(self.letters, self.ends, len(self))

    def _encoded(self) -> list[bytes]:
        letters, ends = self.letters.tobytes(), self.ends.tolist()
        return [letters[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {f"terms.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(*(arrays[f"terms.{field.name}"] for field in fields(cls)))


class TermDictionary:
    """The terms of all segments, and their hashes, sorted in any number of arrays; `occurs` rules out dead terms.

    `all_alive` says that there are none.
    `alternatives` caches, for a question's word, its alternatives that occur in this corpus, `neighbours` its
    neighbours that do, `parts` the concepts of it and its parts, and `intended`, for an English word or a stretch of
    characters, the word that it is a slip of, '' for none.
    """

    def __init__(
        self, lists: Sequence[TermTable], hashes: Sequence[HashArray], occurs: Callable[[str], bool] | None = None
    ) -> None:
        self._lists, self._hashes = lists, hashes
        self.all_alive = occurs is None
        self._names_present: PresentNames | None = None
        self._neighbours_present: PresentNeighbours | None = None
        self.alternatives: BoundedCache[str, tuple[Alternative, ...]] = BoundedCache(MAX_CACHED_ALTERNATIVES)
        self.parts: BoundedCache[str, tuple[Any, ...]] = BoundedCache(MAX_CACHED_ALTERNATIVES)
        self.intended: BoundedCache[tuple[str, ...], str] = BoundedCache(MAX_CACHED_ALTERNATIVES)
        self.neighbours: BoundedCache[str, tuple[Alternative, ...]] = BoundedCache(MAX_CACHED_ALTERNATIVES)
        self._keys = [SortedHashes(known) for known in hashes]
        self._is_alive = occurs
        self._occurs = lru_cache(MAX_CACHED_LOOKUPS)(self._find)

    def __contains__(self, term: str) -> bool:
        return self._occurs(term)

    def with_prefix(self, prefix: str, longest: int) -> list[str]:
        """The terms of at most `longest` characters with this prefix, ascending."""
        return self._merged([terms.with_prefix(prefix, longest) for terms in self._lists])

    def within_edits(self, word: str, edits: int) -> list[str]:
        return self._merged([terms.within_edits(word, edits) for terms in self._lists])

    def _merged(self, lists: Sequence[Iterable[str]]) -> list[str]:
        terms = dict.fromkeys(lists[0] if len(lists) == 1 else merge(*lists))
        return list(terms) if self.all_alive else [term for term in terms if term in self]

    def _find(self, term: str) -> bool:
        for keys in self._keys:
            if keys.place(term) >= 0:
                return self._is_alive is None or self._is_alive(term)
        return False

    def present(self, terms: Iterable[str]) -> set[str]:
        """Those of the terms that occur."""
        return set(filter(self._occurs, terms))

    def living(self, names: Sequence[Alternative]) -> Sequence[Alternative]:
        """Of names by `names_present`, those with no term that only dead texts have."""
        return names if self.all_alive else [name for name in names if all(map(self._occurs, name.terms))]

    def names_present(self, table: DictionaryTable) -> PresentNames:
        """Of the phrases of the dictionary that have all their terms, as by `present_mask`; looked up once."""
        if self._names_present is None:
            self._names_present = PresentNames(table, table.complete(self.present_mask))
        return self._names_present

    def neighbours_present(self, neighbours: Neighbours) -> PresentNeighbours:
        """Of the words that occur, as by `present_mask`; looked up once."""
        if self._neighbours_present is None:
            present = self.present_mask(neighbours.hashes)
            self._neighbours_present = PresentNeighbours(neighbours, present, None if self.all_alive else self._occurs)
        return self._neighbours_present

    def present_mask(self, hashes: HashArray) -> BoolArray:
        """Which of these terms occur, if only in dead texts."""
        mask = np.zeros(len(hashes), np.bool_)
        for known in self._hashes:
            if len(known):
                at = np.minimum(known.searchsorted(hashes), len(known) - 1)
                mask |= known.take(at) == hashes
        return mask


def letter_mask(term: str) -> int:
    """A bit for each letter of the term; some letters share one."""
    bits = 0
    for letter in term:
        bits |= 1 << (ord(letter) & 31)
    return bits
