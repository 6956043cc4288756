"""The BM25 index: maps concepts to texts with scores, over postings that never change."""

import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.index.concept_postings import ConceptPlan, ConceptPostings
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
from retrieval.runtime.cache import ScratchArrays
from retrieval.runtime.kernels import Kernel

K1, B = 0.8, 0.5  # rank_bm25's defaults are 1.5 and 0.75
# postings cached of recent concepts, of 13 bytes each: eight for every text, for so many texts at least
CACHED_POSTINGS_PER_TEXT, MIN_CACHED_TEXTS = 8, 50_000

NO_MASK: BoolArray = np.zeros(0, np.bool_)
NO_REPEATS: FloatArray = np.zeros(0)

# Of one segment, the texts that have a concept, ascending, into `found`, and how often, by any of its terms into
# `often`, by whole names into `named`; into `df` the sums of both, where no text counts more than once, or than it
# repeats. Returns how many texts these are, of which the caller knows a bound. Numbers of texts are raised by `base`;
# `repeats` are those of the index. `begins` and `ends` are where the plan's terms and those of its phrases stand, and
# are used up. All sums are exact, whatever the order: frequencies are multiples of a grain.
_count_concept = Kernel(
    "int64_t count_concept(const int32_t *texts, const uint16_t *counts, const _Bool *alive, int64_t alive_count, "
    "const double *repeats, int64_t repeat_count, int64_t base, const double *shares, "
    "const double *wholes, int64_t term_count, const int64_t *phrase_starts, "
    "const double *phrase_weights, const double *phrase_shares, int64_t phrase_count, "
    "int64_t *begins, int64_t *ends, int32_t *found, double *often, double *named, double *df);"
)
# The score of each of these texts, and which of them have a whole name; returns the best score, or 0. A text without
# a whole name scores `partial` of what it would with one. `length_norms` are all texts'.
_weigh_texts = Kernel(
    "double weigh_texts(const int32_t *texts, const double *frequencies, const double *wholes, int64_t size, "
    "const double *length_norms, double k1, double partial, double *scores, _Bool *named);"
)


class _CountedTexts(NamedTuple):
    """The texts that have a concept, ascending: how often, by any of its terms and by whole names; and in how many
    texts of the corpus."""

    texts: Int32Array
    any: FloatArray
    whole: FloatArray
    df: ConceptFrequency


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
        self.totals = ScratchArrays(self.text_count, np.float32)
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
        """The part of each text's BM25 denominator that depends on its length."""
        okapi = self.okapi
        # 1 where all texts are empty: then nothing is ever found
        return np.asarray(okapi.k1 * (1 - okapi.b + okapi.b * self.lengths / (okapi.avgdl or 1)), np.float64)

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
        return self._count(ConceptPlan.of(alternatives, partial=0)).texts.astype(np.int64)

    def find_concepts(self, plans: Sequence[ConceptPlan]) -> list[ConceptPostings]:
        """The postings of each concept, from the cache where they are in it."""
        found = {plan: self._cache.get(plan) for plan in plans}
        for plan, known in found.items():
            if known is None:
                found[plan] = self._remember(plan, self._weigh(plan))
        return [postings for plan in plans if (postings := found[plan])]

    def posting_counts(self, plans: Sequence[ConceptPlan]) -> list[int]:
        """How many postings each concept has, dead ones included: known without reading them."""
        return [
            sum(segment.spans(plan.columns.hashes[: len(plan.terms)]).total for segment in self.segments)
            for plan in plans
        ]

    def statistics(self, plans: Iterable[ConceptPlan]) -> TextStatistics:
        """What an index of a part of these texts must be told to score these concepts as this one does."""
        return TextStatistics(self.size, self._terms, {plan: self._count(plan).df for plan in plans})

    def _count(self, plan: ConceptPlan) -> _CountedTexts:
        parts = [self._count_in(n, plan) for n in range(len(self.segments))]
        texts = joined_column([part.texts for part in parts], np.int32)
        often = joined_column([part.any for part in parts], np.float64)
        whole = joined_column([part.whole for part in parts], np.float64)
        df = ConceptFrequency(sum(part.df.any for part in parts), sum(part.df.whole for part in parts))
        return _CountedTexts(texts, often, whole, df)

    def _count_in(self, number: int, plan: ConceptPlan) -> _CountedTexts:
        """Those of one segment, by their numbers in the index."""
        segment, mask, columns = self.segments[number], self.alive[number], plan.columns
        spans = segment.spans(columns.hashes)
        most = min(spans.total, segment.size)
        texts, often, whole, df = np.empty(most, np.int32), np.empty(most), np.empty(most), np.empty(2)
        alive = NO_MASK if mask is None else mask
        repeats = NO_REPEATS if self.repeats is None else self.repeats
        size = _count_concept(
            *(segment.texts, segment.counts, alive, len(alive), repeats, len(repeats), self.bases[number]),
            *(columns.shares, columns.wholes, len(columns.shares)),
            *(columns.phrase_starts, columns.phrase_weights, columns.phrase_shares, len(columns.phrase_shares)),
            *(spans.begins, spans.ends, texts, often, whole, df),
        )
        if size < most:
            texts, often, whole = texts[:size].copy(), often[:size].copy(), whole[:size].copy()
        return _CountedTexts(texts, often, whole, ConceptFrequency(*df.tolist()))

    def _weigh(self, plan: ConceptPlan) -> ConceptPostings:
        """A whole name is as rare as the texts that have one. A text with only a word of a phrase or a neighbour does
        not make it more common, and scores by the idf of all these texts."""
        counted = self._count(plan)
        df = self._told.frequencies[plan] if self._told else counted.df
        base = idf(self.size, df.whole or df.any)
        scores, named = np.empty(len(counted.texts)), np.empty(len(counted.texts), np.bool_)
        best = _weigh_texts(
            *(counted.texts, counted.any, counted.whole, len(counted.texts)),
            *(self.length_norms, self.okapi.k1, idf(self.size, df.any) / base),
            *(scores, named),
        )
        return ConceptPostings.of(counted.texts, scores, base, base * best, named)

    def _remember(self, plan: ConceptPlan, postings: ConceptPostings) -> ConceptPostings:
        with self._caching:
            self._cache[plan] = postings
            self._room -= len(postings.texts)
            while self._room < 0:
                self._room += len(self._cache.pop(next(iter(self._cache))).texts)
        return postings
