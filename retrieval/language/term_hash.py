"""Term hashes: a term to a 64-bit key, the same in every process and version."""

from collections.abc import Callable
from functools import cached_property, lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from retrieval.runtime.kernels import Kernel

MAX_CACHED_HASHES = 20_000  # some 3 MB

# -1 for a hash that is not there
_place_of_hash = Kernel("int64_t place_of_hash(uint64_t hash, const uint64_t *hashes, int64_t count);")


def hash_term(term: str) -> int:
    """Two of a million terms clash in one of 37 million corpora."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")


cached_hash = lru_cache(MAX_CACHED_HASHES)(hash_term)


class SortedHashes:
    """Ascending hashes, among which terms are looked up one by one."""

    def __init__(self, hashes: NDArray[np.uint64]) -> None:
        self._hashes = hashes

    def place(self, term: str) -> int:
        """Of the term's hash; -1 if it is not there."""
        return self._place_of_hash(cached_hash(term))

    @cached_property
    def _place_of_hash(self) -> Callable[[int], int]:
        return _place_of_hash.of_numbers(self._hashes, len(self._hashes))
