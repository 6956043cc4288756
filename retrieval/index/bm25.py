"""The BM25 index: maps concepts to texts with scores, over postings that never change."""

import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.index.concept_postings import SCORE_GRAIN, ConceptPlan, ConceptPostings, sum_shares
from retrieval.index.postings import (
    BoolArray,
    FloatArray,
    HashArray,
    Int32Array,
    PostingLists,
    UInt16Array,
    idf,
)
from retrieval.index.statistics import ConceptFrequency, TextStatistics
from retrieval.language.lexicon import Alternative
from retrieval.language.term_hash import cached_hash
from retrieval.runtime.cache import ScratchArrays

K1, B = 0.8, 0.5  # rank_bm25's defaults are 1.5 and 0.75
DENSE_SHARE = 5  # from a fifth of the texts, walking through all of them is cheaper than through the postings
SEARCHED_POSTINGS = 20  # from so many times as many postings, searching is faster than walking through
# postings cached of recent concepts, of 13 bytes each: eight for every text, for so many texts at least
CACHED_POSTINGS_PER_TEXT, MIN_CACHED_TEXTS = 8, 50_000

PostingRange = tuple[int, int]


class _GatheredPostings(NamedTuple):
    """Texts, each once for every term of a concept that it has, and what that adds to the concept's frequency.

    `shares` count all terms, `wholes` only whole names; one array where these are all. `once` says that each text is
    there only once, since no segment had two of the terms.
    """

    texts: Int32Array
    shares: FloatArray
    wholes: FloatArray
    once: bool


class Bm25Index:
    """BM25 over segments of postings: each concept is scored as one term.

    Formula and parameters are those of rank_bm25's BM25Okapi, the idf is Lucene's: a concept of one term scores bit
    for bit as there. Where a segment has a mask, only the texts it marks count; the others keep their numbers.
    `told` are the statistics of a corpus of which these texts are a part; without them, these texts are all.
    """

    def __init__(
        self,
        segments: Sequence[PostingLists],
        alive: Sequence[BoolArray | None] | None = None,
        told: TextStatistics | None = None,
    ) -> None:
        self.segments, self.alive = tuple(segments), tuple(alive or [None] * len(segments))
        self.bases = [0, *np.cumsum([segment.size for segment in segments]).tolist()]
        lengths = [
            segment.lengths if mask is None else segment.lengths[mask]
            for segment, mask in zip(self.segments, self.alive, strict=True)
        ]
        self.okapi = BM25Okapi([[""]], k1=K1, b=B)  # it takes no empty corpus, and ours stands in postings
        self._told = told
        self._terms = told.terms if told else sum(int(part.sum()) for part in lengths)
        self.okapi.corpus_size = told.size if told else sum(map(len, lengths))
        self.okapi.avgdl = self._terms / max(self.okapi.corpus_size, 1)
        self._zeros = ScratchArrays(self.text_count, np.float64)
        self.totals = ScratchArrays(self.text_count, np.float32)
        self.masks = ScratchArrays(self.text_count, np.bool_)
        self.places = ScratchArrays(self.text_count, np.int32)
        self._cache: dict[ConceptPlan, ConceptPostings] = {}
        self._room = CACHED_POSTINGS_PER_TEXT * max(self.text_count, MIN_CACHED_TEXTS)
        self._caching = threading.Lock()

    @cached_property
    def lengths(self) -> Int32Array:
        """The number of terms of each text."""
        return np.concatenate([segment.lengths for segment in self.segments] or [np.zeros(0, np.int32)])

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

    def df(self, term: str) -> int:
        postings = ((segment.postings(term)[0], mask) for segment, mask in zip(self.segments, self.alive, strict=True))
        return sum(len(texts) if mask is None else int(mask[texts].sum()) for texts, mask in postings)

    def texts_with(self, alternatives: Iterable[Alternative]) -> NDArray[np.int64]:
        """The texts that have any of the alternatives whole, ascending."""
        plan = ConceptPlan.of(alternatives, partial=0)
        return np.unique(self._gather(plan, self._spans(plan.terms)).texts).astype(np.int64)

    def find_concepts(self, plans: Sequence[ConceptPlan]) -> list[ConceptPostings]:
        """The postings of each concept, from the cache where they are in it."""
        found = {plan: self._cache.get(plan) for plan in plans}
        missing = [plan for plan, known in found.items() if known is None]
        spans = self._spans(dict.fromkeys(term for plan in missing for term in plan.terms))
        for plan in missing:
            told = self._told.frequencies[plan] if self._told else None
            found[plan] = self._remember(plan, self._weigh(self._gather(plan, spans), told))
        return [postings for plan in plans if (postings := found[plan])]

    def statistics(self, plans: Iterable[ConceptPlan]) -> TextStatistics:
        """What an index of a part of these texts must be told to score these concepts as this one does."""
        plans = list(plans)
        spans = self._spans(dict.fromkeys(term for plan in plans for term in plan.terms))
        return TextStatistics(
            self.size, self._terms, {plan: self._frequency(self._gather(plan, spans)) for plan in plans}
        )

    def _frequency(self, gathered: _GatheredPostings) -> ConceptFrequency:
        at = gathered.texts.astype(np.intp)
        counted = (self._sum_up(at, shares, gathered.once)[1] for shares in (gathered.shares, gathered.wholes))
        return ConceptFrequency(*counted)

    def _spans(self, terms: Iterable[str]) -> list[dict[str, PostingRange]]:
        """For every segment, where the postings of those terms stand that it has."""
        terms = list(terms)
        hashes: HashArray = np.fromiter(map(cached_hash, terms), np.uint64, len(terms))
        return [
            {term: span for term, span in zip(terms, segment.spans(hashes), strict=True) if span[1]}
            for segment in self.segments
        ]

    def _gather(self, plan: ConceptPlan, spans: Sequence[dict[str, PostingRange]]) -> _GatheredPostings:
        texts: list[Int32Array] = []
        counts: list[Any] = []
        weights: list[tuple[float, float]] = []
        once = True
        for base, segment, mask, here in zip(self.bases, self.segments, self.alive, spans, strict=False):
            first = len(texts)
            for term, weight in plan.terms.items():
                if weight and (span := here.get(term)):
                    texts.append(segment.texts[span[0] : span[1]])
                    counts.append(segment.counts[span[0] : span[1]])
                    weights.append((weight, plan.wholes.get(term, 0.0)))
            for terms, weight, share in plan.phrases:
                if all(map(here.__contains__, terms)) and (
                    phrase := self._phrase_postings(segment, [here[term] for term in terms])
                ):
                    whole = weight * phrase[1].min(axis=0)
                    texts += [phrase[0]] * 2
                    counts += [whole - share * phrase[1].sum(axis=0, dtype=np.int64), whole]
                    weights += [(1.0, 0.0), (0.0, 1.0)]
            once = once and len(texts) - first < 2
            for n in range(first, len(texts)):
                if mask is not None:
                    stay = mask[texts[n]]
                    texts[n], counts[n] = texts[n][stay], counts[n][stay]
                if base:
                    texts[n] = texts[n] + np.int32(base)
        if not texts:
            return _GatheredPostings(np.zeros(0, np.int32), np.zeros(0), np.zeros(0), once)
        sizes = [len(piece) for piece in texts]
        counted = np.concatenate(counts)
        shares = np.repeat([share for share, _ in weights], sizes) * counted
        if all(share == whole for share, whole in weights):
            wholes = shares
        else:
            wholes = np.repeat([whole for _, whole in weights], sizes) * counted
        return _GatheredPostings(np.concatenate(texts), shares, wholes, once)

    def _weigh(self, gathered: _GatheredPostings, told: ConceptFrequency | None) -> ConceptPostings:
        """A whole name is as rare as the texts that have one. A text with only a word of a phrase or a neighbour does
        not make it more common, and scores by the idf of all these texts."""
        texts, shares = gathered.texts, gathered.shares
        if not len(texts):
            df = (told.whole or told.any) if told else 0
            return ConceptPostings(texts, shares, idf(self.size, df), 0.0, gathered.wholes > 0)
        at = texts.astype(np.intp)  # numpy would convert at every step, and more slowly
        tf, df = self._sum_up(at, shares, gathered.once)
        alike = gathered.wholes is shares
        whole, df_whole = (tf, df) if alike else self._sum_up(at, gathered.wholes, gathered.once)
        if told:
            df, df_whole = told
        base = idf(self.size, df_whole or df)
        damped = self.length_norms.take(at)
        damped += tf
        # in this order, a concept of one term scores bit for bit as in rank_bm25
        scores, best = ((values * (self.okapi.k1 + 1)) / damped for values in (shares, tf))
        if not alike:
            worth = np.where(whole > 0, 1.0, idf(self.size, df) / base)
            scores *= worth
            best *= worth
        return ConceptPostings(texts, scores, base, base * float(best.max(initial=0)), gathered.wholes > 0)

    def _sum_up(self, at: NDArray[np.intp], shares: FloatArray, once: bool) -> tuple[FloatArray, float]:
        """The concept's frequency in the text of each posting, and the number of texts that it occurs in."""
        if once:
            return shares, float(np.minimum(shares, 1).sum())
        if len(at) * DENSE_SHARE >= self.text_count:
            sums = sum_shares(at, shares, self.text_count)
            return sums.take(at), float(np.minimum(sums, 1).sum())
        with self._zeros.borrow() as scratch:
            np.add.at(scratch, at, shares)
            tf = scratch.take(at)
            scratch[at] = 0
        # each text once, though it is here once for each of its terms; the true sum is a multiple of the grain
        return tf, round(float((shares / np.maximum(tf, 1)).sum()) / SCORE_GRAIN) * SCORE_GRAIN

    def _phrase_postings(
        self, segment: PostingLists, spans: Sequence[PostingRange]
    ) -> tuple[Int32Array, UInt16Array] | None:
        """The texts that have all these terms, and a row of counts for each term."""
        texts, *lists = sorted((segment.texts[begin:end] for begin, end in spans), key=len)
        for others in lists:
            if len(texts) * SEARCHED_POSTINGS < len(others):
                at = others.searchsorted(texts)
                at[at == len(others)] = 0
                texts = texts.compress(others.take(at) == texts)
            else:
                with self.masks.borrow() as here:
                    here[texts] = True
                    among = here.take(others.astype(np.intp))
                    here[texts] = False
                texts = others.compress(among)
            if not len(texts):
                return None
        counts = [segment.counts[begin:end].take(segment.texts[begin:end].searchsorted(texts)) for begin, end in spans]
        return texts, np.array(counts)

    def _remember(self, plan: ConceptPlan, postings: ConceptPostings) -> ConceptPostings:
        with self._caching:
            self._cache[plan] = postings
            self._room -= len(postings.texts)
            while self._room < 0:
                self._room += len(self._cache.pop(next(iter(self._cache))).texts)
        return postings
