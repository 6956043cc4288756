"""The terms of a corpus, sorted."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from heapq import merge
from itertools import compress
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, HashArray
from retrieval.language.lexicon import Alternative, Translations
from retrieval.language.term_hash import cached_hash, hash_term
from retrieval.runtime.cache import BoundedCache

MAX_CACHED_LOOKUPS = 20_000  # answers kept for terms that were asked for, some 3 MB
LAST_CHARACTER = "\U0010ffff"  # sorts behind every letter
LETTERS_READ = 1_000  # words of questions kept with what they are called, some 7 MB


@dataclass(frozen=True, slots=True)
class TermTable(Sequence[str]):
    """Sorted strings as arrays, to be mapped from disk: their UTF-8 `letters` and where each one ends in them.

    UTF-8 sorts as the characters do. `sizes` are in characters; `traits` tell which letters a term has, see `trait`.
    """

    hashes: HashArray
    letters: NDArray[np.uint8]
    ends: NDArray[np.int64]
    sizes: NDArray[np.uint8]
    masks: NDArray[np.uint32]

    @classmethod
    def of(cls, terms: Iterable[str]) -> Self:
        listed = sorted(set(terms))
        written = [term.encode() for term in listed]
        return cls(
            np.fromiter(map(hash_term, listed), np.uint64, len(listed)),
            np.frombuffer(b"".join(written), np.uint8),
            np.cumsum([len(term) for term in written], dtype=np.int64),
            np.minimum([len(term) for term in listed], 255).astype(np.uint8),
            np.fromiter(map(letter_mask, listed), np.uint32, len(listed)),
        )

    @classmethod
    def merge(cls, lists: Sequence[Self], kept: HashArray) -> Self:
        """The terms of all these lists whose hashes are in `kept`."""
        hashes = np.concatenate([terms.hashes for terms in lists])
        hashes, first = np.unique(hashes, return_index=True)
        chosen = first[np.isin(hashes, kept, assume_unique=True)]
        written = [term for terms in lists for term in terms._written()]
        order = np.array(sorted(chosen.tolist(), key=written.__getitem__), np.int64)
        ordered = [written[at] for at in order]
        return cls(
            np.concatenate([terms.hashes for terms in lists])[order],
            np.frombuffer(b"".join(ordered), np.uint8),
            np.cumsum([len(term) for term in ordered], dtype=np.int64),
            np.concatenate([terms.sizes for terms in lists])[order],
            np.concatenate([terms.masks for terms in lists])[order],
        )

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self.to_text(at).decode()

    def to_text(self, at: int) -> bytes:
        """The term as UTF-8."""
        return self.letters[self.ends[at - 1] if at else 0 : self.ends[at]].tobytes()

    def within_edits(self, word: str, slips: int) -> Iterator[str]:
        """All terms that may be that few slips from `word`, and some others; ascending."""
        sandbox = np.abs(self.sizes.astype(np.int16) - len(word)) <= slips
        # an exchange of one letter takes one trait away and brings one in
        sandbox &= np.bitwise_count(self.masks ^ np.uint32(letter_mask(word))) <= 2 * slips
        return (self[at] for at in np.flatnonzero(sandbox).tolist())

    def _written(self) -> list[bytes]:
        letters, ends = self.letters.tobytes(), self.ends.tolist()
        return [letters[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {f"terms.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(*(arrays[f"terms.{field.name}"] for field in fields(cls)))


class TermDictionary:
    """The terms of all parts of a corpus; `occurs` says of a term whether any text still has it.

    `hashes` are the same terms', sorted, in as many arrays as there happen to be: by them a term is looked up.
    `read` keeps what a question's word was found to be called in this corpus, `near` its neighbours there.
    """

    def __init__(
        self, lists: Sequence[TermTable], hashes: Sequence[HashArray], occurs: Callable[[str], bool] | None = None
    ) -> None:
        self._lists, self._hashes = lists, hashes
        self._all_occur = occurs is None
        self.read: BoundedCache[str, tuple[Alternative, ...]] = BoundedCache(LETTERS_READ)
        self.near: BoundedCache[str, tuple[Alternative, ...]] = BoundedCache(LETTERS_READ)
        self._occurs = lru_cache(MAX_CACHED_LOOKUPS)(occurs or self._listed)

    @classmethod
    def of(cls, terms: Iterable[str]) -> Self:
        listed = TermTable.of(terms)
        return cls([listed], [np.sort(listed.hashes)])

    def __contains__(self, term: str) -> bool:
        return self._occurs(term)

    @cached_property
    def terms(self) -> list[str]:
        return self._merged(self._lists)

    def beginning(self, start: str, most: int) -> list[str]:
        """The terms that begin so, of so many characters at most; ascending."""
        return self._merged([_beginning(terms, start, most) for terms in self._lists])

    def within_edits(self, word: str, slips: int) -> list[str]:
        """All terms that may be that few slips from `word`, and some others; ascending."""
        return self._merged([terms.within_edits(word, slips) for terms in self._lists])

    def _merged(self, lists: Sequence[Iterable[str]]) -> list[str]:
        terms = dict.fromkeys(merge(*lists))
        return list(terms) if self._all_occur else [term for term in terms if term in self]

    def _listed(self, term: str) -> bool:
        return len(self.present((term,))) > 0

    def present(self, terms: Collection[str]) -> set[str]:
        """Those of the terms that occur: to ask for many at once takes little longer than for one."""
        there = self.present_mask(np.fromiter(map(cached_hash, terms), np.uint64, len(terms)))
        found = set(compress(terms, there.tolist()))
        return found if self._all_occur else set(filter(self._occurs, found))

    def translations_present(self, entries: Sequence[Translations]) -> list[list[Alternative]]:
        """Of each entry the alternatives of which all terms occur, as `listed` says; in its order."""
        there = self.present_mask(np.concatenate([entry.hashes for entry in entries]))
        bases = np.cumsum([0, *(len(entry.hashes) for entry in entries)]).tolist()
        starts = [entry.starts + base for entry, base in zip(entries, bases, strict=False)]
        whole = np.logical_and.reduceat(there, np.concatenate(starts))
        ends = np.cumsum([len(entry.starts) for entry in entries])[:-1]
        return [
            entry.choose(np.flatnonzero(mask).tolist())
            for entry, mask in zip(entries, np.split(whole, ends), strict=True)
        ]

    def present_mask(self, hashes: HashArray) -> BoolArray:
        """Which of these terms occur, or did in texts that are gone since."""
        there = np.zeros(len(hashes), np.bool_)
        for known in self._hashes:
            if len(known):
                at = np.minimum(known.searchsorted(hashes), len(known) - 1)
                there |= known.take(at) == hashes
        return there


def letter_mask(term: str) -> int:
    """A bit for each letter that the term has; some letters share one."""
    bits = 0
    for letter in term:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _beginning(terms: TermTable, start: str, most: int) -> Iterator[str]:
    first = bisect_left(range(len(terms)), start.encode(), key=terms.to_text)
    end = bisect_left(range(len(terms)), f"{start}{LAST_CHARACTER}".encode(), first, key=terms.to_text)
    return (terms[at] for at in range(first, end) if terms.sizes[at] <= most)
