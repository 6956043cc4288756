"""A snapshot: the corpus at one version to an index of immutable segments, and to the next version's snapshot.

New points make a new segment. Small segments are merged at once, larger ones by `compacted`, each when those after it
have grown to half its size: a million points stand in some ten segments, and each point is copied a dozen times.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import Bm25Index
from retrieval.index.concept_postings import ConceptPlans
from retrieval.index.document_table import Int64Array, counts_between
from retrieval.index.fingerprint_table import FingerprintTable
from retrieval.index.postings import BoolArray, Int32Array, joined_column
from retrieval.index.segment import Segment
from retrieval.index.statistics import CorpusStatistics
from retrieval.index.term_dictionary import TermDictionary
from retrieval.model.document_filter import DocumentFilter
from retrieval.runtime.cache import BoundedCache
from retrieval.runtime.progress import OnProgress
from retrieval.storage.corpus import Corpus
from retrieval.storage.schema import IndexRow

CHUNK_ROWS = 50_000  # read at once, some 150 MB of tokens
PROGRESS_ROWS = 1_000  # between two reports of progress
MIN_SEGMENT_TEXTS = 4_096  # fewer are merged while a question waits, in 20 ms
MERGE_GROWTH = 0.5  # of a segment's size: once those after it have that many points, they are merged
MAX_DEAD_SHARE = 0.2  # of a segment's points before it is rewritten without the dead ones

MAX_CACHED_FILTERS = 64  # of 100,000 documents that pass or not, some 6 MB

ScalarT = TypeVar("ScalarT", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The corpus at `version`, tokenized by the analyser with this `fingerprint`.

    `alive` masks each segment's points, None if all are alive. The columns are as in Segment, by number of the point
    in the order of keys, dead ones included. `bounds` are the numbers at which documents begin, and the last end.
    `told` are the statistics of the corpus where these points are only a part of it, by the plans of `plans`.
    """

    version: object = None
    fingerprint: str | None = None
    seq: int = 0
    segments: tuple[Segment, ...] = ()
    alive: tuple[BoolArray | None, ...] = ()
    told: CorpusStatistics | None = None
    plans: ConceptPlans = field(default_factory=ConceptPlans)

    @classmethod
    def of(cls, rows: Iterable[IndexRow], version: object = None, fingerprint: str | None = None, seq: int = 0) -> Self:
        parts = tuple(_chunks(rows, seq))
        if len(parts) > 1:
            parts = (Segment.merge(parts, [None] * len(parts), seq),)
        return cls(version, fingerprint, seq, parts, (None,) * len(parts))

    @classmethod
    def build(cls, corpus: Corpus, version: object, progress: OnProgress = lambda *_: None) -> Self:
        with corpus.snapshot():
            tombstones = corpus.tombstones()
            seq = tombstones[-1].seq if tombstones else 0
            return cls.of(_counted_rows(corpus, 0, progress), version, corpus.fingerprint(), seq)

    def refreshed(self, corpus: Corpus, version: object, progress: OnProgress = lambda *_: None) -> Self:
        """With the changes since; `version` must have been read before."""
        with corpus.snapshot():
            if corpus.fingerprint() != self.fingerprint:
                return self.build(corpus, version, progress)
            tombstones = corpus.tombstones(self.seq)
            seq = tombstones[-1].seq if tombstones else self.seq
            parts = tuple(_chunks(_counted_rows(corpus, self.last, progress), seq))
        snapshot = replace(self.without([tombstone.point for tombstone in tombstones]), version=version, seq=seq)
        return replace(
            snapshot, segments=snapshot.segments + parts, alive=snapshot.alive + (None,) * len(parts)
        )._with_small_merged()

    @property
    def names(self) -> set[str]:
        """Of its segments."""
        return {part.name for part in self.segments}

    def lacks(self, key: int | None, seq: int | None) -> bool:
        """Whether a corpus with this greatest key of a point, and this last deletion, has changed since."""
        return (key or 0) > self.last or (seq or 0) > self.seq

    def without(self, keys: Sequence[int]) -> Self:
        """With these points marked dead."""
        gone = np.array(sorted(keys), np.int64)
        return replace(self, alive=tuple(map(_mark_dead, self.segments, self.alive, [gone] * len(self.segments))))

    def compacted(self) -> Self:
        """In fewer segments, without most of the dead points; itself if nothing is to be done."""
        sizes = self._sizes()
        for n, (part, size) in enumerate(zip(self.segments, sizes, strict=True)):
            if n + 1 < len(sizes) and sum(sizes[n + 1 :]) >= MERGE_GROWTH * size:
                return self._merged(n, len(sizes))
            if part.size - size > MAX_DEAD_SHARE * part.size:
                return self._merged(n, n + 1).compacted()
        return self

    @property
    def last(self) -> int:
        """The greatest key, or 0."""
        return int(self.segments[-1].keys[-1]) if self.segments else 0

    @cached_property
    def keys(self) -> Int64Array:
        return self._column("keys", np.int64)

    @cached_property
    def ids(self) -> NDArray[np.uint64]:
        return self._column("ids", np.uint64)

    @cached_property
    def figured(self) -> BoolArray:
        return self._column("figured", np.bool_)

    @cached_property
    def bounds(self) -> Int64Array:
        return self._bounds([part.documents.begins for part in self.segments])

    @cached_property
    def heading_bounds(self) -> Int64Array:
        """The numbers of the points at which another heading begins, and the last end."""
        return self._bounds([part.heading_begins for part in self.segments])

    @cached_property
    def headings(self) -> Int32Array:
        """Each point's heading, by its number in `context`."""
        sizes = np.diff(self.heading_bounds)
        return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)

    @cached_property
    def living(self) -> BoolArray | None:
        """The points that are alive, where some dead ones share a heading with them; else dead ones score nothing."""
        masks, repeats = self._masks(), self._heading_repeats()
        sizes = np.diff(self.heading_bounds)
        alive = np.concatenate([np.zeros(0, np.int64), *repeats])
        return np.concatenate(masks) if ((alive > 0) & (alive < sizes)).any() else None

    def _masks(self) -> list[BoolArray]:
        return [part.whole_mask(mask) for part, mask in zip(self.segments, self.alive, strict=True)]

    def _heading_repeats(self) -> list[Int64Array]:
        return [part.heading_repeats(mask) for part, mask in zip(self.segments, self._masks(), strict=True)]

    def _bounds(self, begins: Sequence[Int64Array]) -> Int64Array:
        joined = [part + base for part, base in zip(begins, self.text.bases, strict=False)]
        return np.concatenate([*joined, [self.text.text_count]], dtype=np.int64)

    def documents_passing(self, wanted: DocumentFilter) -> BoolArray:
        """A mask of the documents, as `bounds` has them; of a document that was revised or is gone the old points may
        stand there, too."""
        known = self._passing.get(wanted)
        if known is None:
            parts = [part.documents.passing(wanted) for part in self.segments]
            known = self._passing[wanted] = np.concatenate([np.zeros(0, np.bool_), *parts])
        return known

    def points_of(self, documents: BoolArray) -> BoolArray:
        """A mask of the points of these documents."""
        return np.repeat(documents, np.diff(self.bounds))

    def fingerprints_of(self, points: Sequence[int]) -> FingerprintTable:
        """Those of the points with these numbers, in this order."""
        bases = self.text.bases
        at = [bisect_right(bases, point) - 1 for point in points]
        return FingerprintTable.gather(
            (self.segments[n].fingerprints, point - bases[n]) for n, point in zip(at, points, strict=True)
        )

    def has_documents(self, wanted: DocumentFilter) -> bool:
        """Whether any document passes of which not all points are dead."""
        return bool(self._living_documents(wanted).any())

    def latest_documents(self, wanted: DocumentFilter, limit: int) -> list[int]:
        """Keys of so many of those that pass, the latest published, and of those of the same minute as the last."""
        chosen = np.flatnonzero(self._living_documents(wanted))
        published = joined_column([part.documents.published for part in self.segments], np.int64)[chosen]
        if len(chosen) > limit:
            chosen = chosen[published >= np.partition(published, -limit)[-limit]]
        keys: list[int] = joined_column([part.documents.keys for part in self.segments], np.int64)[chosen].tolist()
        return keys

    def _living_documents(self, wanted: DocumentFilter) -> BoolArray:
        """A mask of those that pass and of which not all points are dead."""
        passing = self.documents_passing(wanted)
        if all(mask is None for mask in self.alive):
            return passing
        return passing & (counts_between(self.bounds[:-1], np.concatenate(self._masks())) > 0)

    @cached_property
    def _passing(self) -> BoundedCache[DocumentFilter, BoolArray]:
        return BoundedCache(MAX_CACHED_FILTERS)

    @cached_property
    def text(self) -> Bm25Index:
        return Bm25Index([part.text for part in self.segments], self.alive, self.told.text if self.told else None)

    @cached_property
    def context(self) -> Bm25Index:
        told, repeats = self.told.context if self.told else None, self._heading_repeats()
        alive = [None if mask is None else counts > 0 for mask, counts in zip(self.alive, repeats, strict=True)]
        often = np.concatenate([np.zeros(0), *repeats])
        return Bm25Index([part.context for part in self.segments], alive, told, often)

    @cached_property
    def vocabulary(self) -> TermDictionary:
        gone = any(mask is not None for mask in self.alive)
        hashes = [segment.terms for part in self.segments for segment in (part.text, part.context)]
        return TermDictionary([part.terms for part in self.segments], hashes, self._occurs if gone else None)

    def _occurs(self, term: str) -> bool:
        return self.text.has(term) or self.context.has(term)

    def _column(self, name: str, kind: type[ScalarT]) -> NDArray[ScalarT]:
        return joined_column([getattr(part, name) for part in self.segments], kind)

    def _sizes(self) -> list[int]:
        """The number of points alive in each segment."""
        return [
            part.size if mask is None else int(mask.sum()) for part, mask in zip(self.segments, self.alive, strict=True)
        ]

    def _with_small_merged(self) -> Self:
        sizes = self._sizes()
        first = len(sizes)
        while first and sum(sizes[first - 1 :]) <= MIN_SEGMENT_TEXTS:
            first -= 1
        return self._merged(first, len(sizes)) if first < len(sizes) - 1 else self

    def _merged(self, first: int, end: int) -> Self:
        part = Segment.merge(self.segments[first:end], self.alive[first:end], self.seq)
        parts = (part,) if part.size else ()
        return replace(
            self,
            segments=self.segments[:first] + parts + self.segments[end:],
            alive=self.alive[:first] + (None,) * len(parts) + self.alive[end:],
        )


def _counted_rows(corpus: Corpus, after_key: int, progress: OnProgress) -> Iterator[IndexRow]:
    total = corpus.points_after(after_key)
    for done, row in enumerate(corpus.rows(after_key)):
        if done % PROGRESS_ROWS == 0:
            progress("", done, total)
        yield row
    if total:
        progress("", total, total)


def _chunks(rows: Iterable[IndexRow], seq: int) -> Iterator[Segment]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield Segment.of(chunk, seq)


def _mark_dead(part: Segment, alive: BoolArray | None, gone: Int64Array) -> BoolArray | None:
    at = np.minimum(np.searchsorted(part.keys, gone), part.size - 1)
    at = at[part.keys[at] == gone]
    if not len(at):
        return alive
    alive = np.ones(part.size, np.bool_) if alive is None else alive.copy()
    alive[at] = False
    return alive
