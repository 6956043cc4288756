"""The BM25 index: maps concepts to texts with scores, over postings that never change."""

import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.index.concept_postings import ConceptPlan, ConceptPostings
from retrieval.index.postings import (
    BoolArray,
    FloatArray,
    HashArray,
    Int32Array,
    PostingLists,
    UInt16Array,
    idf,
    joined_column,
)
from retrieval.index.statistics import ConceptFrequency, TextStatistics
from retrieval.language.lexicon import Alternative
from retrieval.language.term_hash import cached_hash
from retrieval.runtime.cache import ScratchArrays

K1, B = 0.8, 0.5  # rank_bm25's defaults are 1.5 and 0.75
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


class _Frequency(NamedTuple):
    """The texts that have a concept, each once: how often, by any of its terms and by whole names; and in how many
    texts of the corpus."""

    texts: NDArray[np.intp]
    any: FloatArray
    whole: FloatArray
    df: ConceptFrequency


class _SumByText(NamedTuple):
    """Which postings are the `last` of their text, and for those that are `earlier` ones, which is the last."""

    last: BoolArray
    earlier: NDArray[np.intp]
    owners: NDArray[np.intp]

    @classmethod
    def of(cls, texts: NDArray[np.intp], places: ScratchArrays[np.int32]) -> Self:
        numbers = np.arange(len(texts), dtype=np.int32)
        with places.borrow() as scratch:
            scratch[texts] = numbers
            owners = scratch.take(texts)
            scratch[texts] = 0
        last = owners == numbers
        earlier = np.flatnonzero(~last)
        return cls(last, earlier, owners.take(earlier).astype(np.intp))

    def of_shares(self, shares: FloatArray) -> FloatArray:
        """The sum of each text's shares; exact in any order, since all are multiples of a grain."""
        sums = shares.copy()
        np.add.at(sums, self.owners, shares.take(self.earlier))
        return sums.compress(self.last)


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
        self.masks = ScratchArrays(self.text_count, np.bool_)
        self.places = ScratchArrays(self.text_count, np.int32)
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
        plan = ConceptPlan.of(alternatives, partial=0)
        return np.unique(self._gather(plan, self._spans(plan.terms)).texts).astype(np.int64)

    def find_concepts(self, plans: Sequence[ConceptPlan]) -> list[ConceptPostings]:
        """The postings of each concept, from the cache where they are in it."""
        found = {plan: self._cache.get(plan) for plan in plans}
        missing = [plan for plan, known in found.items() if known is None]
        spans = self._spans(dict.fromkeys(term for plan in missing for term in plan.terms))
        for plan in missing:
            told = self._told.frequencies[plan] if self._told else None
            found[plan] = self._remember(plan, self._weigh(self._count(self._gather(plan, spans)), told))
        return [postings for plan in plans if (postings := found[plan])]

    def posting_counts(self, plans: Sequence[ConceptPlan]) -> list[int]:
        """How many postings each concept has, dead ones included: known without reading them."""
        spans = self._spans(dict.fromkeys(term for plan in plans for term in plan.terms))
        sizes = [{term: end - begin for term, (begin, end) in here.items()} for here in spans]
        return [sum(here.get(term, 0) for here in sizes for term in plan.terms) for plan in plans]

    def statistics(self, plans: Iterable[ConceptPlan]) -> TextStatistics:
        """What an index of a part of these texts must be told to score these concepts as this one does."""
        plans = list(plans)
        spans = self._spans(dict.fromkeys(term for plan in plans for term in plan.terms))
        return TextStatistics(
            self.size, self._terms, {plan: self._count(self._gather(plan, spans)).df for plan in plans}
        )

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

    def _count(self, gathered: _GatheredPostings) -> _Frequency:
        at = gathered.texts.astype(np.intp)  # numpy would convert at every step, and more slowly
        texts, often, whole = at, gathered.shares, gathered.wholes
        if not gathered.once:
            sums = _SumByText.of(at, self.places)
            texts = at.compress(sums.last)
            often = sums.of_shares(gathered.shares)
            whole = often if gathered.wholes is gathered.shares else sums.of_shares(gathered.wholes)
        frequencies = [self._text_frequency(texts, counts) for counts in (often, whole)]
        return _Frequency(texts, often, whole, ConceptFrequency(*frequencies))

    def _text_frequency(self, texts: NDArray[np.intp], often: FloatArray) -> float:
        counted = np.minimum(often, 1)
        if self.repeats is not None:
            counted *= self.repeats.take(texts)
        return float(counted.sum())

    def _weigh(self, found: _Frequency, told: ConceptFrequency | None) -> ConceptPostings:
        """A whole name is as rare as the texts that have one. A text with only a word of a phrase or a neighbour does
        not make it more common, and scores by the idf of all these texts."""
        df, df_whole = told or found.df
        base = idf(self.size, df_whole or df)
        # in this order, a concept of one term scores bit for bit as in rank_bm25
        scores = (found.any * (self.okapi.k1 + 1)) / (self.length_norms.take(found.texts) + found.any)
        named = found.whole > 0
        if found.whole is not found.any:
            np.multiply(scores, idf(self.size, df) / base, out=scores, where=~named)
        return ConceptPostings(found.texts.astype(np.int32), scores, base, base * float(scores.max(initial=0)), named)

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
