"""The BM25 index: maps concepts to texts with scores, over postings that never change."""

import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.index.concept_postings import ConceptPlan, ConceptPostings, PlanColumns, columns_of
from retrieval.index.postings import (
    BoolArray,
    FloatArray,
    Int32Array,
    PostingLists,
    idf,
    joined_column,
)
from retrieval.index.statistics import ConceptFrequency, TextStatistics
from retrieval.language.lexicon import Alternative
from retrieval.runtime.kernels import Kernel

K1, B = 0.8, 0.5  # rank_bm25's defaults are 1.5 and 0.75
# postings cached of recent concepts, of 13 bytes each: eight for every text, for so many texts at least
CACHED_POSTINGS_PER_TEXT, MIN_CACHED_TEXTS = 8, 50_000

NO_MASK: BoolArray = np.zeros(0, np.bool_)
NO_REPEATS: FloatArray = np.zeros(0)

# Of one segment, the texts that have each concept, ascending, one concept after the other, into `found`; how often, by
# any of its terms into `often`, by whole names into `named`; how many texts these are into `sizes`; and the sums of
# both, where no text counts more than once, or than it repeats, into `frequencies`, two for each concept. The caller
# knows a bound of all. Numbers of texts are raised by `base`; `repeats` are those of the index. `begins` and `ends` are
# where the postings of the plans' `hashes` stand, and are used up. All sums are exact, whatever the order: they are
# multiples of a grain.
_count_concepts = Kernel(
    "void count_concepts(const int32_t *texts, const uint16_t *counts, const _Bool *alive, int64_t alive_count, "
    "const double *repeats, int64_t repeat_count, int64_t base, const double *shares, "
    "const double *wholes, const int64_t *term_bounds, const int64_t *phrase_bounds, "
    "const int64_t *phrase_starts, const double *phrase_weights, const double *phrase_shares, "
    "int64_t plan_count, int64_t *begins, int64_t *ends, int32_t *found, double *often, double *named, "
    "int64_t *sizes, double *frequencies);"
)
# These texts again, from `places[i]` on for each concept, which is raised, with their scores; whether they have a whole
# name; and the best score of each concept, if it is more than that of `mosts`. A text without a whole name scores
# `partials[i]` of what it would with one. `lengths` are all texts', `length_norms` those of each length.
_weigh_concepts = Kernel(
    "void weigh_concepts(const int32_t *found, const double *often, const double *wholes, const int64_t *sizes, "
    "int64_t plan_count, const int32_t *lengths, const double *length_norms, double k1, const double *partials, "
    "int64_t *places, int32_t *texts, double *scores, _Bool *named, double *mosts);"
)


class _CountedTexts(NamedTuple):
    """The texts of one segment that have some concepts: for each concept as many as `sizes` says, ascending; how often,
    by any of its terms and by whole names; and the sums of both, a row for each concept."""

    texts: Int32Array
    any: FloatArray
    whole: FloatArray
    sizes: NDArray[np.int64]
    frequencies: FloatArray


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
        columns = PlanColumns.of([ConceptPlan.of(alternatives, partial=0)])
        parts = [self._count(number, columns) for number in range(len(self.segments))]
        return np.concatenate([np.zeros(0, np.int64), *(part.texts[: part.sizes[0]] for part in parts)])

    def find_concepts(self, plans: Sequence[ConceptPlan]) -> list[ConceptPostings]:
        """The postings of each concept, from the cache where they are in it."""
        found = {plan: self._cache.get(plan) for plan in plans}
        if missing := [plan for plan, known in found.items() if known is None]:
            found |= zip(missing, self._remember(missing, self._weigh(missing)), strict=True)
        return [postings for plan in plans if (postings := found[plan])]

    def posting_counts(self, plans: Sequence[ConceptPlan]) -> list[int]:
        """How many postings each concept has, dead ones included: known without reading them."""
        columns, counts = PlanColumns.of(plans), np.zeros(len(plans), np.int64)
        for segment in self.segments:
            spans = segment.spans(columns.hashes)
            so_far = np.concatenate(([0], np.cumsum(spans.ends - spans.begins)))
            counts += np.diff(so_far[columns.term_bounds])
        return [int(count) for count in counts]

    def statistics(self, plans: Iterable[ConceptPlan]) -> TextStatistics:
        """What an index of a part of these texts must be told to score these concepts as this one does."""
        plans = [*plans]
        columns = PlanColumns.of(plans)
        parts = [self._count(number, columns) for number in range(len(self.segments))]
        return TextStatistics(self.size, self._terms, dict(zip(plans, _frequencies(parts, len(plans)), strict=True)))

    def _count(self, number: int, columns: PlanColumns) -> _CountedTexts:
        """Of a segment; texts by their numbers in the index."""
        segment, mask, count = self.segments[number], self.alive[number], len(columns.term_bounds) - 1
        spans = segment.spans(columns.hashes)
        counted = _CountedTexts(
            *(np.empty(spans.total, np.int32), np.empty(spans.total), np.empty(spans.total)),
            *(np.empty(count, np.int64), np.empty((count, 2))),
        )
        alive = NO_MASK if mask is None else mask
        repeats = NO_REPEATS if self.repeats is None else self.repeats
        _count_concepts(
            *(segment.texts, segment.counts, alive, len(alive), repeats, len(repeats), self.bases[number]),
            *(*columns[1:], count, spans.begins, spans.ends, *counted),
        )
        return counted

    def _weigh(self, plans: Sequence[ConceptPlan]) -> list[ConceptPostings]:
        """A whole name is as rare as the texts that have one. A text with only a word of a phrase or a neighbour does
        not make it more common, and scores by the idf of all these texts."""
        columns = columns_of(tuple(plans))
        parts = [self._count(number, columns) for number in range(len(self.segments))]
        told = self._told
        dfs = [told.frequencies[plan] for plan in plans] if told else _frequencies(parts, len(plans))
        idfs = [idf(self.size, df.whole or df.any) for df in dfs]
        partials = np.array([idf(self.size, df.any) / base for df, base in zip(dfs, idfs, strict=True)], np.float64)
        ends = np.cumsum(sum((part.sizes for part in parts), np.zeros(len(plans), np.int64)))
        begins, mosts, total = np.concatenate(([0], ends[:-1])), np.zeros(len(plans)), int(ends[-1])
        texts, scores, named = np.empty(total, np.int32), np.empty(total), np.empty(total, np.bool_)
        places = begins.copy()
        for part in parts:
            _weigh_concepts(
                *(*part[:4], len(plans), self.lengths, self.length_norms, self.okapi.k1, partials, places),
                *(texts, scores, named, mosts),
            )
        # the arrays of all together stay as long as one is cached: they are dropped one after the other
        starts = [(column.ctypes.data, column.itemsize) for column in (texts, scores, named)]
        return [
            ConceptPostings(
                *(texts[begin:end], scores[begin:end], base, base * most, named[begin:end]),
                (*(address + size * begin for address, size in starts), end - begin),
            )
            for begin, end, base, most in zip(begins.tolist(), ends.tolist(), idfs, mosts.tolist(), strict=True)
        ]

    def _remember(self, plans: Sequence[ConceptPlan], found: Sequence[ConceptPostings]) -> Sequence[ConceptPostings]:
        with self._caching:
            for plan, postings in zip(plans, found, strict=True):
                self._cache[plan] = postings
                self._room -= len(postings.texts)
            while self._room < 0:
                self._room += len(self._cache.pop(next(iter(self._cache))).texts)
        return found


def _frequencies(parts: Sequence[_CountedTexts], count: int) -> list[ConceptFrequency]:
    sums = sum((part.frequencies for part in parts), np.zeros((count, 2)))
    return [ConceptFrequency(*row) for row in sums.tolist()]
