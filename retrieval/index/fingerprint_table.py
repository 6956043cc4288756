"""A segment's fingerprints as numbers: texts of fingerprints in, upper bounds of what any two of them share out.

Whether two points state the same is found out from their whole fingerprints; the bounds say of which pairs it need not
be asked.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from retrieval.index.document_table import Int64Array
from retrieval.index.postings import BoolArray, FloatArray
from retrieval.language.fingerprints import PAIR_WEIGHT, TextFingerprint, specificity
from retrieval.runtime.kernels import Kernel

TermArray = NDArray[np.uint32]

QUARTERS = 4  # in a weight of 1; every weight is a multiple of a quarter
# A term's number: a hash in the highest bits, whether it is a name and whether a figure, and its weight.
HASH_BITS, NAME, FIGURE = 0xFFFFFF80, 1 << 6, 1 << 5
WORD, HAN_PAIR = QUARTERS, int(PAIR_WEIGHT * QUARTERS)  # weights: a figure's depends on its digits

_compare = Kernel(
    "void compare_fingerprints(const uint32_t *terms, const int64_t *starts, int64_t size,"
    " int32_t *shared, int32_t *figures, int32_t *latin, int32_t *scratch, int64_t slots);"
)


class SharedWeights(NamedTuple):
    """At most what each two fingerprints share, with all they have on the diagonal; of that, what their `figures`
    share. `latin` is the weight of all but Chinese characters, `chinese` says whether these are most of a text."""

    shared: FloatArray
    figures: FloatArray
    latin: FloatArray
    chinese: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class FingerprintTable:
    """The `terms` of text i stand from `starts[i]` to `starts[i + 1]`."""

    starts: Int64Array
    terms: TermArray
    chinese: BoolArray

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """`texts` are those of the fingerprints."""
        figure, word, pair = (_TermNumbers(kind).__getitem__ for kind in (FIGURE, WORD, HAN_PAIR))
        sizes, numbers, chinese = [], array("I"), []
        for text in texts:
            figures, words, names, pairs = map(str.split, f"{text}\n\n\n".split("\n")[:4])
            terms = list(map(word, words))
            if names:
                named = set(map(word, names))
                terms = [number | NAME if number in named else number for number in terms]
            terms += map(figure, figures)
            terms += map(pair, pairs)
            sizes.append(len(terms))
            numbers.extend(terms)
            chinese.append(TextFingerprint.is_mostly_chinese(len(pairs), len(words)))
        return cls(_starts_of(sizes), np.array(numbers, np.uint32), np.array(chinese, np.bool_))

    @classmethod
    def gather(cls, chosen: Iterable[tuple[Self, int]]) -> Self:
        """Of these texts of tables, in this order."""
        terms, chinese = [], []
        for table, n in chosen:
            terms.append(table.terms[table.starts[n] : table.starts[n + 1]])
            chinese.append(table.chinese[n])
        joined = np.concatenate(terms) if terms else np.zeros(0, np.uint32)
        return cls(_starts_of(list(map(len, terms))), joined, np.array(chinese, np.bool_))

    @classmethod
    def merge(cls, tables: Sequence[Self], alive: Sequence[BoolArray]) -> Self:
        """Of all texts that are alive, in their order; each mask has a table's texts."""
        kept = list(zip(tables, [np.diff(table.starts) for table in tables], alive, strict=True))
        return cls(
            _starts_of(np.concatenate([sizes[mask] for _, sizes, mask in kept])),
            np.concatenate([table.terms[np.repeat(mask, sizes)] for table, sizes, mask in kept]),
            np.concatenate([table.chinese[mask] for table, _, mask in kept]),
        )

    def shared_weights(self) -> SharedWeights:
        size = len(self.chinese)
        sums = np.zeros((2 * size + 1, size), np.int32)
        slots = 1 << (2 * len(self.terms)).bit_length()
        scratch = np.empty(slots + 2 * len(self.terms), np.int32)
        _compare(self.terms, self.starts, size, sums[:size], sums[size:-1], sums[-1], scratch, slots)
        weights = sums / QUARTERS
        return SharedWeights(weights[:size], weights[size:-1], weights[-1], self.chinese)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {f"fingerprints.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(*(arrays[f"fingerprints.{field.name}"] for field in fields(cls)))


class _TermNumbers(dict[str, int]):
    """Numbers of terms of one kind. Of terms whose hashes clash the bounds are too high, and never too low."""

    def __init__(self, kind: int) -> None:
        super().__init__()
        self._kind = kind

    def __missing__(self, term: str) -> int:
        weight = int(specificity(term) * QUARTERS) if self._kind == FIGURE else 0
        number = self[term] = crc32(term.encode()) & HASH_BITS | self._kind | weight
        return number


def _starts_of(sizes: Sequence[int] | Int64Array) -> Int64Array:
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts
