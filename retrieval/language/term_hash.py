"""Term hashes: a term to a 64-bit key, the same in every process and version."""

from functools import lru_cache
from hashlib import blake2b

MAX_CACHED_HASHES = 20_000  # some 3 MB


def hash_term(term: str) -> int:
    """Two of a million terms clash in one of 37 million corpora."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")


cached_hash = lru_cache(MAX_CACHED_HASHES)(hash_term)
