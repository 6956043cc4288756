"""The BM25 index: maps concepts to texts with scores, over postings that never change."""

import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.index.concept_postings import ConceptFrequency, ConceptPlan, ConceptPostings
from retrieval.index.postings import (
    BoolArray,
    FloatArray,
    Int32Array,
    PostingLists,
    joined_column,
)
from retrieval.index.statistics import TextStatistics
from retrieval.language.lexicon import Alternative
from retrieval.runtime.kernels import Kernel, address_of

K1, B = 0.8, 0.5  # rank_bm25's defaults are 1.5 and 0.75
# postings cached of recent concepts, of 13 bytes each: eight for every text, for so many texts at least
CACHED_POSTINGS_PER_TEXT, MIN_CACHED_TEXTS = 8, 50_000

NO_NUMBERS: FloatArray = np.zeros(0)

# Of each segment, where the postings of all hashes of the plans begin and end; and how many postings each plan's terms
# have in all. Segments and plans are rows of tables: see `_table` and PackedPlan.
_find_plans = Kernel(
    "void find_plans(const int64_t *segments, int64_t segment_count, const int64_t *plans, int64_t plan_count, "
    "int64_t *spans, int64_t *postings);"
)
# The texts of each plan, ascending, with their scores, and whether they have a whole name, one plan after the other.
# Of each plan a row: where its texts, scores and names begin, and how many these are; and numbers: how often it is
# there by any of its terms, and by whole names, where no text counts more than once, or than it `repeats`; its idf, and
# its best score times that. `told` are such frequencies of a whole corpus. There is room for all postings in the
# columns, and in `scratch` for a number for each hash; `spans` are used up. Frequencies are exact sums,
# whatever the order: they are multiples of a grain.
_score_plans = Kernel(
    "void score_plans(const int64_t *segments, int64_t segment_count, const int64_t *plans, int64_t plan_count, "
    "const int32_t *lengths, const double *length_norms, const double *repeats, int64_t repeat_count, double k1, "
    "double size, const double *told, int64_t told_count, int64_t *spans, int64_t hash_count, int64_t *scratch, "
    "int32_t *texts, double *scores, _Bool *named, int64_t *rows, double *numbers);"
)


class Bm25Index:
    """BM25 over segments of postings: each concept is scored as one term.

    Formula and parameters are those of rank_bm25's BM25Okapi, the idf is Lucene's: a concept of one term scores bit
    for bit as there. Where a segment has a mask, only the texts it marks count; the others keep their numbers.
    `repeats` say how often each text counts, since many points have one heading; without them, each counts once.
    `told` are the statistics of a corpus of which these texts are a part; without them, these texts are all.
    """

    def __init__(
        self,
        segments: Sequence[PostingLists],
        alive: Sequence[BoolArray | None] | None = None,
        told: TextStatistics | None = None,
        repeats: FloatArray | None = None,
    ) -> None:
        self.segments, self.alive = tuple(segments), tuple(alive or [None] * len(segments))
        self.bases = [0, *np.cumsum([segment.size for segment in segments]).tolist()]
        self.okapi = BM25Okapi([[""]], k1=K1, b=B)  # it takes no empty corpus, and ours stands in postings
        self._told, self.repeats = told, repeats
        self._terms = told.terms if told else self._total(self.lengths)
        self.okapi.corpus_size = told.size if told else self._total(np.ones(self.text_count))
        self.okapi.avgdl = self._terms / max(self.okapi.corpus_size, 1)
        self._cache: dict[ConceptPlan, ConceptPostings] = {}
        self._room = CACHED_POSTINGS_PER_TEXT * max(self.text_count, MIN_CACHED_TEXTS)
        self._caching = threading.Lock()

    @cached_property
    def lengths(self) -> Int32Array:
        """The number of terms of each text."""
        return joined_column([segment.lengths for segment in self.segments], np.int32)

    def _total(self, numbers: NDArray[Any]) -> int:
        """Of the texts that count, each as often as it does."""
        if self.repeats is not None:
            return int(numbers @ self.repeats)
        bounds = zip(self.bases, self.bases[1:], self.alive, strict=False)
        parts = [numbers[begin:end] if mask is None else numbers[begin:end][mask] for begin, end, mask in bounds]
        return sum(int(part.sum()) for part in parts)

    @cached_property
    def length_norms(self) -> FloatArray:
        """The part of a text's BM25 denominator that depends on its length, by length."""
        okapi, lengths = self.okapi, np.arange(self.lengths.max(initial=0) + 1)
        # 1 where all texts are empty: then nothing is ever found
        return np.asarray(okapi.k1 * (1 - okapi.b + okapi.b * lengths / (okapi.avgdl or 1)), np.float64)

    @property
    def size(self) -> int:
        """Texts that count, those of the other parts included."""
        return self.okapi.corpus_size

    @property
    def text_count(self) -> int:
        """All texts, masked ones included."""
        return int(self.bases[-1])

    def has(self, term: str) -> bool:
        """Whether any text that counts has the term."""
        postings = ((segment.postings(term)[0], mask) for segment, mask in zip(self.segments, self.alive, strict=True))
        return any(len(texts) > 0 if mask is None else mask[texts].any() for texts, mask in postings)

    def texts_with(self, alternatives: Iterable[Alternative]) -> NDArray[np.int64]:
        """The texts that have any of the alternatives whole, ascending."""
        [found] = self._score([ConceptPlan.of(alternatives, partial=0)])
        return found.texts.astype(np.int64)

    def find_concepts(self, plans: Sequence[ConceptPlan]) -> list[ConceptPostings]:
        """The postings of each concept, from the cache where they are in it."""
        found = {plan: self._cache.get(plan) for plan in plans}
        if missing := [plan for plan, known in found.items() if known is None]:
            found |= zip(missing, self._remember(missing, self._score(missing, self._told_of(missing))), strict=True)
        return [postings for plan in plans if (postings := found[plan])]

    def posting_counts(self, plans: Sequence[ConceptPlan]) -> list[int]:
        """How many postings each concept has, dead ones included: known without reading them."""
        *_, counts = self._find(plans)
        return [int(count) for count in counts]

    def statistics(self, plans: Sequence[ConceptPlan]) -> TextStatistics:
        """What an index of a part of these texts must be told to score these concepts as this one does."""
        frequencies = {plan: found.frequency for plan, found in zip(plans, self._score(plans), strict=True)}
        return TextStatistics(self.size, self._terms, frequencies)

    @cached_property
    def _table(self) -> NDArray[np.int64]:
        """The segments, as kernels read them."""
        rows = [
            (
                *(address_of(segment.terms), address_of(segment.starts), len(segment.terms)),
                *(address_of(segment.texts), address_of(segment.counts)),
                *(0 if mask is None else address_of(mask), base),
            )
            for segment, mask, base in zip(self.segments, self.alive, self.bases, strict=False)
        ]
        return np.array(rows, np.int64)

    def _find(self, plans: Sequence[ConceptPlan]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The plans as kernels read them, where their postings stand, and how many each has."""
        packed = [plan.packed for plan in plans]
        table = np.array([plan.row for plan in packed], np.int64)
        shape = len(self.segments), sum(len(plan.hashes) for plan in packed), 2
        spans, counts = np.empty(shape, np.int64), np.empty(len(plans), np.int64)
        _find_plans(self._table, len(self.segments), table, len(plans), spans, counts)
        for segment, found in zip(self.segments, spans, strict=True):
            if segment.check:
                segment.check(found[:, 0], found[:, 1])
        return table, spans, counts

    def _told_of(self, plans: Sequence[ConceptPlan]) -> FloatArray:
        """How frequent the concepts are in the whole corpus; nothing where this index is all of it."""
        told = [self._told.frequencies[plan] for plan in plans] if self._told else []
        return np.array(told, np.float64)

    def _score(self, plans: Sequence[ConceptPlan], told: FloatArray = NO_NUMBERS) -> list[ConceptPostings]:
        """A whole name is as rare as the texts that have one. A text with only a word of a phrase or a neighbour does
        not make it more common, and scores by the idf of all these texts. `told` is as of `_told_of`."""
        table, spans, counts = self._find(plans)
        count, hashes, total = len(plans), spans.shape[1], int(counts.sum())
        columns = np.empty(total, np.int32), np.empty(total), np.empty(total, np.bool_)
        rows, numbers = np.empty((count, 4), np.int64), np.empty((count, 4))
        repeats = NO_NUMBERS if self.repeats is None else self.repeats
        _score_plans(
            *(self._table, len(self.segments), table, count, self.lengths, self.length_norms, repeats, len(repeats)),
            *(self.okapi.k1, self.size, told, len(told), spans, hashes, np.empty(hashes, np.int64), *columns),
            *(rows, numbers),
        )
        # the columns of all together stay as long as one is cached: they are dropped one after the other
        found, begin = [], 0
        for row, (often, whole, base, most) in zip(rows.tolist(), numbers.tolist(), strict=True):
            found.append(ConceptPostings(columns, begin, row, ConceptFrequency(often, whole), base, most))
            begin += row[-1]
        return found

    def _remember(self, plans: Sequence[ConceptPlan], found: Sequence[ConceptPostings]) -> Sequence[ConceptPostings]:
        with self._caching:
            for plan, postings in zip(plans, found, strict=True):
                self._cache[plan] = postings
                self._room -= postings.size
            while self._room < 0:
                self._room += self._cache.pop(next(iter(self._cache))).size
        return found
