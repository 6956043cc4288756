"""Posting lists: tokenized texts to sorted numpy arrays of which term occurs in which text how often."""

import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.language.term_hash import cached_hash, hash_term
from retrieval.runtime.kernels import Kernel

Int32Array = NDArray[np.int32]
UInt16Array = NDArray[np.uint16]
FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
HashArray = NDArray[np.uint64]
BoolArray = NDArray[np.bool_]

CheckSpans = Callable[[NDArray[np.int64], NDArray[np.int64]], None]

ScalarT = TypeVar("ScalarT", bound=np.generic)

MAX_TERM_COUNT = 65535  # counted in one text
POSTING_COLUMNS = ("terms", "starts", "texts", "counts", "lengths")

# For each of `wanted`, where the postings of this term begin and end among those of `terms`, which ascend: 0 and 0 if
# it is none of them.
_find_spans = Kernel(
    "void find_spans(const uint64_t *terms, const int64_t *starts, int64_t term_count, const uint64_t *wanted, "
    "int64_t wanted_count, int64_t *begins, int64_t *ends);"
)


class TermSpans(NamedTuple):
    """Where the postings of some terms begin and end."""

    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PostingLists:
    """Postings of texts numbered from 0, mapped from disk once saved.

    `terms` are sorted hashes; the postings of term i are `texts` (ascending) and `counts` from `starts[i]` to
    `starts[i+1]`. `lengths` are the texts', in terms. `check` is called with where postings begin and end before they
    are read: it raises DamagedFileError.
    """

    terms: HashArray
    starts: NDArray[np.int64]
    texts: Int32Array
    counts: UInt16Array
    lengths: Int32Array
    check: CheckSpans | None = field(default=None, compare=False)

    @classmethod
    def of(cls, corpus: Iterable[Sequence[str]]) -> Self:
        numbers: dict[str, int] = {}
        words, lengths = array("i"), array("i")
        for text in corpus:
            words.extend([numbers.setdefault(word, len(numbers)) for word in text])
            lengths.append(len(text))
        hashes = np.fromiter(map(hash_term, numbers), np.uint64, len(numbers))
        order = np.argsort(hashes)
        renumbered = np.empty(len(numbers), np.int64)
        renumbered[order] = np.arange(len(numbers))
        owners = np.repeat(np.arange(len(lengths)), np.array(lengths, np.int64))
        pairs = renumbered[np.array(words, np.int64)] * max(len(lengths), 1) + owners
        pairs, counts = np.unique(pairs, return_counts=True)
        terms, texts = np.divmod(pairs, max(len(lengths), 1))
        starts = np.searchsorted(terms, np.arange(len(numbers) + 1))
        return cls(
            hashes[order],
            starts.astype(np.int64),
            texts.astype(np.int32),
            np.minimum(counts, MAX_TERM_COUNT).astype(np.uint16),
            np.array(lengths, np.int32),
        )

    @classmethod
    def merge(cls, segments: Sequence[Self], alive: Sequence[BoolArray | None]) -> Self:
        """The postings of all texts that are alive (None: all of them), in their order."""
        kept = [segment.compact(mask) for segment, mask in zip(segments, alive, strict=True)]
        terms = np.unique(np.concatenate([segment.terms for segment in kept]))
        places = [np.searchsorted(terms, segment.terms) for segment in kept]
        df = np.zeros(len(terms), np.int64)
        for segment, place in zip(kept, places, strict=True):
            df[place] += np.diff(segment.starts)
        starts = np.concatenate(([0], np.cumsum(df)))
        texts, counts = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.uint16)
        filled, base = starts[:-1].copy(), 0
        for segment, place in zip(kept, places, strict=True):
            lengths = np.diff(segment.starts)
            at = np.arange(len(segment.texts)) + np.repeat(filled[place] - segment.starts[:-1], lengths)
            texts[at] = segment.texts + np.int32(base)
            counts[at] = segment.counts
            filled[place] += lengths
            base += segment.size
        return cls(terms, starts, texts, counts, np.concatenate([segment.lengths for segment in kept]))

    def compact(self, alive: BoolArray | None) -> Self:
        if alive is None:
            return self
        kept = alive[self.texts]
        starts = np.concatenate(([0], np.cumsum(kept)))[self.starts]
        filled = np.diff(starts) > 0
        renumbered = np.cumsum(alive, dtype=np.int32) - np.int32(1)
        return type(self)(
            self.terms[filled],
            np.concatenate(([0], starts[1:][filled])).astype(np.int64),
            renumbered[self.texts[kept]],
            self.counts[kept],
            self.lengths[alive],
        )

    @property
    def size(self) -> int:
        return len(self.lengths)

    def spans(self, hashes: HashArray) -> TermSpans:
        """Where the postings of each of these terms stand; from 0 to 0 for an unknown term."""
        begins, ends = np.empty(len(hashes), np.int64), np.empty(len(hashes), np.int64)
        _find_spans(self.terms, self.starts, len(self.terms), hashes, len(hashes), begins, ends)
        if self.check:
            self.check(begins, ends)
        return TermSpans(begins, ends)

    def postings(self, term: str) -> tuple[Int32Array, UInt16Array]:
        """The texts that have `term`, ascending, and its counts in them."""
        begins, ends = self.spans(np.array([cached_hash(term)], np.uint64))
        span = slice(int(begins[0]), int(ends[0]))
        return self.texts[span], self.counts[span]

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        return {f"{name}.{column}": getattr(self, column) for column in POSTING_COLUMNS}

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, NDArray[Any]], check: CheckSpans | None = None) -> Self:
        terms, starts, texts, counts, lengths = (arrays[f"{name}.{column}"] for column in POSTING_COLUMNS)
        return cls(terms, starts, texts, counts, lengths, check)


def joined_column(parts: Sequence[NDArray[ScalarT]], kind: type[ScalarT]) -> NDArray[ScalarT]:
    """One array; of one part the part itself, which may be mapped from disk."""
    return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, kind), *parts])


def idf(size: int, df: float) -> float:
    """Lucene's: above 0 for every term that occurs, also in a corpus of one."""
    return math.log(1 + (size - df + 0.5) / (df + 0.5))
