"""A string table: distinct strings, numbered as they sort, as arrays that are mapped from disk."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.language.term_hash import SortedHashes, hash_term
from retrieval.runtime.kernels import Kernel

MAX_CACHED_NUMBERS = 8_000  # some 1 MB: a word of a question is looked up for each thing that is asked of it
STRING_COLUMNS = ("letters", "ends", "hashes", "numbers")

# `bounds` become the first string that has the prefix or sorts behind it, and the first that sorts behind all with it
_prefixed_strings = Kernel(
    "void prefixed_strings(int64_t *bounds, const uint8_t *prefix, int64_t size, const uint8_t *letters,"
    " const int32_t *starts, int64_t count);"
)
# `found` becomes, for each string that pieces make, the first piece, how many, and the number; the result is how many.
# Between pieces lie `gap` bytes, which are part of the string.
_joined_strings = Kernel(
    "int64_t joined_strings(int32_t *found, int64_t most, const uint8_t *text, const int32_t *text_starts,"
    " int64_t pieces, int64_t gap, const uint8_t *letters, const int32_t *starts, int64_t count);"
)


class StringTable:
    """The strings' UTF-8 in `letters`, the n-th from `ends[n]` to `ends[n + 1]`; UTF-8 sorts as the characters do.

    A string is found by its hash: `hashes` ascend, and `numbers` are those of their strings.
    """

    def __init__(
        self,
        letters: NDArray[np.uint8],
        ends: NDArray[np.int32],
        hashes: NDArray[np.uint64],
        numbers: NDArray[np.int32],
    ) -> None:
        self.hashes = hashes
        self.columns = letters, ends
        self._letters, self._ends, self._numbers = letters, ends, numbers
        # a memoryview gives out single items in a tenth of the time that an array takes
        self._bytes, self._offsets = letters.data, ends.data
        self._keys, self._places = SortedHashes(hashes), numbers.data
        self.find = lru_cache(MAX_CACHED_NUMBERS)(self._find)

    @classmethod
    def of(cls, strings: Iterable[str]) -> Self:
        listed = sorted(set(strings))
        encoded = [string.encode() for string in listed]
        hashes = np.fromiter(map(hash_term, listed), np.uint64, len(listed))
        numbers = np.argsort(hashes).astype(np.int32)
        ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends, hashes[numbers], numbers)

    def __len__(self) -> int:
        return len(self.hashes)

    def __getitem__(self, number: int) -> str:
        return str(self._bytes[self._offsets[number] : self._offsets[number + 1]], "utf-8")

    @cached_property
    def _joined(self) -> Kernel:
        return _joined_strings.ending_with(self._letters, self._ends, len(self))

    @cached_property
    def _prefixed(self) -> Kernel:
        return _prefixed_strings.ending_with(self._letters, self._ends, len(self))

    def _find(self, string: str) -> int | None:
        """The string's number."""
        place = self._keys.place(string)
        return self._places[place] if place >= 0 else None

    def find_joined(self, pieces: Sequence[str], most: int, gap: str = "") -> list[list[int]]:
        """The strings that two to `most` of these pieces make, with the gap between them: the first piece, how many,
        the number.

        By the first piece, then the shortest first.
        """
        if len(pieces) < 2:
            return []
        parted = gap.encode()
        encoded = [piece.encode() + parted for piece in pieces]
        starts = np.array([*accumulate(map(len, encoded), initial=0)], np.int32)
        found = np.empty((len(pieces) * most, 3), np.int32)
        text = np.frombuffer(b"".join(encoded), np.uint8)
        size = self._joined(found, most, text, starts, len(pieces), len(parted))
        joined: list[list[int]] = found[:size].tolist()
        return joined

    def with_prefix(self, prefix: str) -> range:
        """The numbers of the strings that begin with `prefix`."""
        bounds, letters = np.empty(2, np.int64), np.frombuffer(prefix.encode(), np.uint8)
        self._prefixed(bounds, letters, len(letters))
        return range(*bounds.tolist())

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        columns: tuple[NDArray[Any], ...] = (self._letters, self._ends, self.hashes, self._numbers)
        return {f"{name}.{column}": array for column, array in zip(STRING_COLUMNS, columns, strict=True)}

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, NDArray[Any]]) -> Self:
        letters, ends, hashes, numbers = (arrays[f"{name}.{column}"] for column in STRING_COLUMNS)
        return cls(letters, ends, hashes, numbers)
