"""64-bit keys of terms, the same in every process and version."""

from functools import lru_cache
from hashlib import blake2b

MAX_CACHED_HASHES = 20_000  # hashes kept of terms that were asked for, some 3 MB


def hash_term(term: str) -> int:
    """A term's 64-bit key: with a million terms two of them clash once in 37 million corpora."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")


cached_hash = lru_cache(MAX_CACHED_HASHES)(hash_term)
