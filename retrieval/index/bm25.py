"""The BM25 index: maps concepts to texts with scores, over postings that never change."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.index.postings import (
    BoolArray,
    Float32Array,
    FloatArray,
    HashArray,
    Int32Array,
    PostingLists,
    UInt16Array,
    idf,
)
from retrieval.language.lexicon import Alternative
from retrieval.language.term_hash import cached_hash
from retrieval.runtime.cache import ScratchArrays

K1, B = 0.8, 0.5  # rank_bm25's defaults are 1.5 and 0.75
PARTIAL_MATCH_WEIGHT = 0.4  # of one word of a phrase, shared among the phrase's other words
# Weights are multiples of this, so that sums of them are exact in whatever order they are added up:
# the same corpus gives the same scores to the last bit, however it came in
SCORE_GRAIN = 2.0**-28
DENSE_SHARE = 5  # from a fifth of the texts, walking through all of them is cheaper than through the postings
SEARCHED_POSTINGS = 20  # from so many times as many postings, searching is faster than walking through
# postings cached of recent concepts, of 12 bytes each: four for every text, for so many texts at least
CACHED_POSTINGS_PER_TEXT, MIN_CACHED_TEXTS = 4, 50_000

PostingRange = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ConceptPostings:
    """A concept's postings: each of `scores`, times the idf, adds to its text's score. `most` is the best one."""

    texts: Int32Array
    scores: FloatArray
    idf: float
    most: float

    def add_to(self, totals: Float32Array, factor: float) -> None:
        at = self.texts.astype(np.intp)
        np.add.at(totals, at, np.multiply(self.scores, factor * self.idf, dtype=np.float32))

    def scores_at(self, texts: NDArray[np.int64], here: BoolArray) -> FloatArray:
        """The concept's scores in `texts`, which ascend; `here` marks the same ones among all texts."""
        met = np.flatnonzero(here.take(self.texts.astype(np.intp)))
        places = np.searchsorted(texts, self.texts.take(met))
        return self.idf * _sums(places, self.scores.take(met), len(texts))


@dataclass(frozen=True, slots=True, eq=False)
class ConceptPlan:
    """How postings add up to a concept's frequency: what an occurrence of each term adds; and each phrase with its
    weight and the share of that which each of its terms has had alone."""

    terms: dict[str, float]
    phrases: tuple[tuple[tuple[str, ...], float, float], ...]

    @classmethod
    def of(cls, alternatives: Iterable[Alternative], partial: float = PARTIAL_MATCH_WEIGHT) -> Self:
        terms: dict[str, float] = {}
        phrases = []
        for alternative in alternatives:
            if len(alternative.terms) == 1:
                share = _quantize(alternative.weight)
            else:
                share = _quantize(partial * alternative.weight / (len(alternative.terms) - 1))
                phrases.append((alternative.terms, _quantize(alternative.weight), share))
            for term in alternative.terms:
                terms[term] = terms.get(term, 0) + share
        return cls(terms, tuple(phrases))


class Bm25Index:
    """BM25 over segments of postings: each concept is scored as one term.

    Formula and parameters are those of rank_bm25's BM25Okapi, the idf is Lucene's: a concept of one term scores bit
    for bit as there. Where a segment has a mask, only the texts it marks count; the others keep their numbers.
    """

    def __init__(self, segments: Sequence[PostingLists], alive: Sequence[BoolArray | None] | None = None) -> None:
        self.segments, self.alive = tuple(segments), tuple(alive or [None] * len(segments))
        self.bases = [0, *np.cumsum([segment.size for segment in segments]).tolist()]
        lengths = [
            segment.lengths if mask is None else segment.lengths[mask]
            for segment, mask in zip(self.segments, self.alive, strict=True)
        ]
        self.okapi = BM25Okapi([[""]], k1=K1, b=B)  # it takes no empty corpus, and ours stands in postings
        self.okapi.corpus_size = sum(map(len, lengths))
        self.okapi.avgdl = sum(int(part.sum()) for part in lengths) / max(self.okapi.corpus_size, 1)
        self._zeros = ScratchArrays(self.text_count, np.float64)
        self.totals = ScratchArrays(self.text_count, np.float32)
        self.masks = ScratchArrays(self.text_count, np.bool_)
        self._cache: dict[ConceptPlan, ConceptPostings] = {}
        self._room = CACHED_POSTINGS_PER_TEXT * max(self.text_count, MIN_CACHED_TEXTS)
        self._caching = threading.Lock()

    @cached_property
    def length_norms(self) -> FloatArray:
        """The part of each text's BM25 denominator that depends on its length."""
        okapi = self.okapi
        lengths = np.concatenate([segment.lengths for segment in self.segments] or [np.zeros(0, np.int32)])
        # 1 where all texts are empty: then nothing is ever found
        return np.asarray(okapi.k1 * (1 - okapi.b + okapi.b * lengths / (okapi.avgdl or 1)), np.float64)

    @property
    def size(self) -> int:
        """Texts that count."""
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
        return np.unique(self._gather(plan, self._spans(plan.terms))[0]).astype(np.int64)

    def whole_matches(self, alternatives: Sequence[Alternative], begin: int, end: int) -> NDArray[np.bool_]:
        """Which of the texts from `begin` to `end` have one of the alternatives whole."""
        matches = np.zeros(end - begin, np.bool_)
        for base, segment, mask in zip(self.bases, self.segments, self.alive, strict=False):
            first, last = max(begin - base, 0), min(end - base, segment.size)
            if first >= last:
                continue
            here = matches[first + base - begin : last + base - begin]
            terms = list(dict.fromkeys(term for alternative in alternatives for term in alternative.terms))
            spans = segment.spans(np.fromiter(map(cached_hash, terms), np.uint64, len(terms)))
            having: dict[str, BoolArray] = {}
            for term, (start, stop) in zip(terms, spans, strict=True):
                texts = segment.texts[start:stop]
                low, high = texts.searchsorted((first, last))
                if low < high:
                    having[term] = np.zeros(last - first, np.bool_)
                    having[term][texts[low:high] - first] = True
            for alternative in alternatives:
                if all(map(having.__contains__, alternative.terms)):
                    here |= np.logical_and.reduce([having[term] for term in alternative.terms])
            if mask is not None:
                here &= mask[first:last]
        return matches

    def find_concepts(self, plans: Sequence[ConceptPlan]) -> list[ConceptPostings]:
        """The postings of each concept, from the cache where they are in it."""
        found = {plan: self._cache.get(plan) for plan in plans}
        missing = [plan for plan, known in found.items() if known is None]
        spans = self._spans(dict.fromkeys(term for plan in missing for term in plan.terms))
        for plan in missing:
            found[plan] = self._remember(plan, self._weigh(*self._gather(plan, spans)))
        return [postings for plan in plans if (postings := found[plan])]

    def _spans(self, terms: Iterable[str]) -> list[dict[str, PostingRange]]:
        """For every segment, where the postings of those terms stand that it has."""
        terms = list(terms)
        hashes: HashArray = np.fromiter(map(cached_hash, terms), np.uint64, len(terms))
        return [
            {term: span for term, span in zip(terms, segment.spans(hashes), strict=True) if span[1]}
            for segment in self.segments
        ]

    def _gather(
        self, plan: ConceptPlan, spans: Sequence[dict[str, PostingRange]]
    ) -> tuple[Int32Array, FloatArray, bool]:
        """Texts, each once for every term that it has; what each adds to the concept's frequency; and whether each text
        is there only once, since no segment had two of the terms."""
        texts: list[Int32Array] = []
        counts: list[Any] = []
        weights: list[float] = []
        once = True
        for base, segment, mask, here in zip(self.bases, self.segments, self.alive, spans, strict=False):
            first = len(texts)
            for term, weight in plan.terms.items():
                if weight and (span := here.get(term)):
                    texts.append(segment.texts[span[0] : span[1]])
                    counts.append(segment.counts[span[0] : span[1]])
                    weights.append(weight)
            for terms, weight, share in plan.phrases:
                if all(map(here.__contains__, terms)) and (
                    phrase := self._phrase_postings(segment, [here[term] for term in terms])
                ):
                    texts.append(phrase[0])
                    counts.append(weight * phrase[1].min(axis=0) - share * phrase[1].sum(axis=0, dtype=np.int64))
                    weights.append(1.0)
            once = once and len(texts) - first < 2
            for n in range(first, len(texts)):
                if mask is not None:
                    stay = mask[texts[n]]
                    texts[n], counts[n] = texts[n][stay], counts[n][stay]
                if base:
                    texts[n] = texts[n] + np.int32(base)
        if not texts:
            return np.zeros(0, np.int32), np.zeros(0), once
        shares = np.repeat(weights, [len(piece) for piece in texts])
        shares *= np.concatenate(counts)
        return np.concatenate(texts), shares, once

    def _weigh(self, texts: Int32Array, shares: FloatArray, once: bool) -> ConceptPostings:
        """`once` says that no text is there twice."""
        if not len(texts):
            return ConceptPostings(texts, shares, idf(self.size, 0), 0.0)
        at = texts.astype(np.intp)  # numpy would convert at every step, and more slowly
        if once:
            tf = shares.copy()
            df = float(np.minimum(tf, 1).sum())
        elif len(texts) * DENSE_SHARE < self.text_count:
            with self._zeros.borrow() as scratch:
                np.add.at(scratch, at, shares)
                tf = scratch.take(at)
                scratch[at] = 0
            # each text once, though it is here once for each of its terms; the true sum is a multiple of the grain
            whole = np.maximum(tf, 1)
            df = round(float(np.divide(shares, whole, out=whole).sum()) / SCORE_GRAIN) * SCORE_GRAIN
        else:
            sums = _sums(at, shares, self.text_count)
            tf = sums.take(at)
            df = float(np.minimum(sums, 1).sum())
        damped = self.length_norms.take(at)
        damped += tf
        shares *= self.okapi.k1 + 1
        shares /= damped
        tf /= damped
        worth = idf(self.size, df)
        return ConceptPostings(texts, shares, worth, worth * (self.okapi.k1 + 1) * float(tf.max(initial=0)))

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


def _sums(places: NDArray[Any], shares: FloatArray, size: int) -> FloatArray:
    """The sum of the shares in each of `size` places."""
    return np.bincount(places, weights=shares, minlength=size).astype(np.float64, copy=False)


def _quantize(weight: float) -> float:
    return round(weight / SCORE_GRAIN) * SCORE_GRAIN
