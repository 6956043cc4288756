"""Fingerprints of a question's hits: what any two may share the index says, and only a few are read from the corpus."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from retrieval.index.fingerprint_table import FingerprintTable, SharedWeights
from retrieval.language.fingerprints import TextFingerprint, fingerprint
from retrieval.search.candidates import Numbers
from retrieval.search.corpus_state import SearchContext


@dataclass(frozen=True)
class HitFingerprints:
    """`table` has the hits' in their order; `read` gives the texts of those with these numbers, as far as they are
    still there."""

    table: FingerprintTable
    read: Callable[[Collection[int]], Mapping[int, str]]

    @classmethod
    def of_texts(cls, texts: Iterable[str]) -> Self:
        written = [fingerprint(text).to_text() for text in texts]
        return cls(FingerprintTable.of(written), lambda numbers: {n: written[n] for n in numbers})

    @classmethod
    def of_points(cls, points: Numbers, context: SearchContext) -> Self:
        """`points` are numbers of the context's snapshot."""
        keys: list[int] = context.snapshot.keys.take(points).tolist()

        def read(numbers: Collection[int]) -> Mapping[int, str]:
            written = context.corpus.traces([keys[n] for n in numbers])
            return {n: written[keys[n]] for n in numbers if keys[n] in written}

        return cls(context.snapshot.fingerprints_of(points.tolist()), read)

    @cached_property
    def weights(self) -> SharedWeights:
        return self.table.shared_weights()

    def of(self, pairs: Iterable[Sequence[int]]) -> Mapping[int, TextFingerprint]:
        """Those of the hits with these numbers."""
        numbers = sorted({n for pair in pairs for n in pair})
        if not numbers:
            return {}
        return {n: TextFingerprint.from_text(text) for n, text in self.read(numbers).items()}
