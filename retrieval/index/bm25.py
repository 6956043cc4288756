"""BM25 over numpy postings, with concepts scored as one term each. Immutable once built."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self

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

PARTIAL_MATCH_WEIGHT = 0.2  # what one word of a phrase is worth, shared among the phrase's other words
# Weights are multiples of this, so that sums of them are exact in whatever order they are added up:
# the same corpus gives the same scores to the last bit, however it came in
SCORE_GRAIN = 2.0**-28
DENSE_SHARE = 5  # from a fifth of the texts it is cheaper to walk through all of them than through the postings
SEARCHED_POSTINGS = 20  # times as many postings are searched sooner than walked through
KEPT, LEAST = 4, 50_000  # postings kept of what was asked for, of 12 bytes: four for a text, and for these at least

PostingRange = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ConceptPostings:
    """The postings of a concept: each adds its one of `scores`, times the idf, to what its text scores.

    `most` is the best that any text scores. `named` says which have a whole
    name, and not only a word of a phrase or a neighbour.
    """

    texts: Int32Array
    scores: FloatArray
    idf: float
    most: float
    named: BoolArray

    def add_to(self, totals: Float32Array, factor: float) -> None:
        at = self.texts.astype(np.intp)
        np.add.at(totals, at, np.multiply(self.scores, factor * self.idf, dtype=np.float32))

    def scores_at(self, texts: NDArray[np.int64], here: BoolArray) -> tuple[FloatArray, BoolArray]:
        """What the concept scores in these texts, which ascend and which alone `here` names among all, and which have
        a whole name of it."""
        met = np.flatnonzero(here.take(self.texts.astype(np.intp)))
        places = np.searchsorted(texts, self.texts.take(met))
        named = np.zeros(len(texts), np.bool_)
        named[places[self.named.take(met)]] = True
        return self.idf * _sums(places, self.scores.take(met), len(texts)), named


@dataclass(frozen=True, slots=True, eq=False)
class ConceptPlan:
    """A concept as postings are added up for it: what an occurrence of each term adds to its frequency; and the
    phrases, each with its own weight and the share of it that each of its terms was given alone. `wholes` are the
    terms that are names by themselves."""

    terms: dict[str, float]
    phrases: tuple[tuple[tuple[str, ...], float, float], ...]
    wholes: dict[str, float]

    @classmethod
    def of(
        cls,
        alternatives: Iterable[Alternative],
        partial: float = PARTIAL_MATCH_WEIGHT,
        neighbours: Iterable[Alternative] = (),
    ) -> Self:
        """`neighbours` count by their weight, and are no names."""
        terms: dict[str, float] = {}
        wholes: dict[str, float] = {}
        phrases = []
        for alternative in alternatives:
            if len(alternative.terms) == 1:
                share = _quantize(alternative.weight)
                wholes[alternative.terms[0]] = wholes.get(alternative.terms[0], 0) + share
            else:
                share = _quantize(partial * alternative.weight / (len(alternative.terms) - 1))
                phrases.append((alternative.terms, _quantize(alternative.weight), share))
            for term in alternative.terms:
                terms[term] = terms.get(term, 0) + share
        for neighbour in neighbours:
            [term] = neighbour.terms
            terms[term] = terms.get(term, 0) + _quantize(neighbour.weight)
        return cls(terms, tuple(phrases), wholes)


class _Met(NamedTuple):
    """Texts, each once for every term of a concept that it has, with what that adds to the concept's frequency in it:
    by all, and by whole names alone; `once` says that no text stands here twice, for each segment had but one term."""

    texts: Int32Array
    shares: FloatArray
    wholes: FloatArray
    once: bool


class Bm25Index(BM25Okapi):
    """rank_bm25's Okapi over segments of postings, with Lucene's idf.

    `get_scores` is bit for bit what the parent returns for the same corpus and idf; concepts are what questions are
    answered with. Of a segment with a mask only those texts count that it names; the other ones keep their numbers.
    """

    def __init__(self, corpus: Iterable[Sequence[str]] = (), k1: float = 0.8, b: float = 0.5) -> None:
        self._set_segments([PostingLists.of(corpus)], [None], k1, b)

    @classmethod
    def of(
        cls,
        segments: Sequence[PostingLists],
        alive: Sequence[BoolArray | None] | None = None,
        k1: float = 0.8,
        b: float = 0.5,
    ) -> Self:
        index = cls.__new__(cls)
        index._set_segments(segments, alive or [None] * len(segments), k1, b)
        return index

    def with_segments(self, corpus: Iterable[Sequence[str]]) -> Self:
        """An index of these texts, too, numbered after the ones that are here."""
        return self.of([*self.segments, PostingLists.of(corpus)], [*self.alive, None], self.k1, self.b)

    def _set_segments(
        self, segments: Sequence[PostingLists], alive: Sequence[BoolArray | None], k1: float, b: float
    ) -> None:
        self.k1, self.b = k1, b
        self.segments, self.alive = tuple(segments), tuple(alive)
        self.bases = [0, *np.cumsum([segment.size for segment in segments]).tolist()]
        lengths = [
            segment.lengths if mask is None else segment.lengths[mask]
            for segment, mask in zip(segments, alive, strict=True)
        ]
        self.corpus_size = sum(map(len, lengths))
        self.avgdl = sum(int(part.sum()) for part in lengths) / self.corpus_size if self.corpus_size else 0.0
        self._zeros = ScratchArrays(self.text_count, np.float64)
        self.totals = ScratchArrays(self.text_count, np.float32)
        self.masks = ScratchArrays(self.text_count, np.bool_)
        self._kept: dict[ConceptPlan, ConceptPostings] = {}
        self._room = KEPT * max(self.text_count, LEAST)
        self._keeping = threading.Lock()

    @cached_property
    def doc_len(self) -> Int32Array:  # type: ignore[override]
        return np.concatenate([segment.lengths for segment in self.segments] or [np.zeros(0, np.int32)])

    @cached_property
    def length_norms(self) -> FloatArray:
        """What BM25 adds to each text's frequencies."""
        # 1 where all texts are empty: then nothing is ever found
        return np.asarray(self.k1 * (1 - self.b + self.b * self.doc_len / (self.avgdl or 1)), np.float64)

    @property
    def text_count(self) -> int:
        """Texts, those included that do not count."""
        return int(self.bases[-1])

    def df(self, term: str) -> int:
        return sum(len(texts) for _, texts, _ in self._postings(term))

    def get_scores(self, query: Sequence[str]) -> FloatArray:
        scores = np.zeros(self.text_count)
        for term in query:
            weight = idf(self.corpus_size, df) if (df := self.df(term)) else 0
            for base, texts, counts in self._postings(term):
                at = texts + base
                frequency = counts.astype(np.int64)
                scores[at] += weight * (
                    frequency
                    * (self.k1 + 1)
                    / (frequency + self.k1 * (1 - self.b + self.b * self.doc_len[at] / self.avgdl))
                )
        return scores

    def frequencies(
        self, alternatives: Iterable[Alternative], partial: float = PARTIAL_MATCH_WEIGHT
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """The texts that have any of the alternatives, ascending, and the weighted sum of their frequencies."""
        plan = ConceptPlan.of(alternatives, partial=partial)
        met = self._gather(plan, self._spans(plan.terms))
        texts, inverse = np.unique(met.texts, return_inverse=True)
        return texts.astype(np.int64), _sums(inverse, met.shares, len(texts))

    def find_concepts(self, plans: Sequence[ConceptPlan]) -> list[ConceptPostings]:
        """The postings of each concept, those asked for last are kept."""
        found = {plan: self._kept.get(plan) for plan in plans}
        missing = [plan for plan, known in found.items() if known is None]
        spans = self._spans(dict.fromkeys(term for plan in missing for term in plan.terms))
        for plan in missing:
            found[plan] = self._keep(plan, self._weigh(self._gather(plan, spans)))
        return [one for plan in plans if (one := found[plan])]

    def _postings(self, term: str) -> Iterator[tuple[int, Int32Array, UInt16Array]]:
        for base, segment, mask in zip(self.bases, self.segments, self.alive, strict=False):
            texts, counts = segment.postings(term)
            if mask is not None:
                kept = mask[texts]
                texts, counts = texts[kept], counts[kept]
            yield base, texts, counts

    def _spans(self, terms: Iterable[str]) -> list[dict[str, PostingRange]]:
        """For every segment, where the postings are of those terms that it has."""
        terms = list(terms)
        hashes: HashArray = np.fromiter(map(cached_hash, terms), np.uint64, len(terms))
        return [
            {term: span for term, span in zip(terms, segment.spans(hashes), strict=True) if span[1]}
            for segment in self.segments
        ]

    def _gather(self, plan: ConceptPlan, spans: Sequence[dict[str, PostingRange]]) -> _Met:
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
                    met := self._phrase_spans(segment, [here[t] for t in terms])
                ):
                    whole = weight * met[1].min(axis=0)
                    texts.append(met[0])
                    counts.append(whole - share * met[1].sum(axis=0, dtype=np.int64))
                    weights.append((1.0, 0.0))
                    texts.append(met[0])
                    counts.append(whole)
                    weights.append((0.0, 1.0))
            once = once and len(texts) - first < 2
            for n in range(first, len(texts)):
                if mask is not None:
                    kept = mask[texts[n]]
                    texts[n], counts[n] = texts[n][kept], counts[n][kept]
                if base:
                    texts[n] = texts[n] + np.int32(base)
        if not texts:
            return _Met(np.zeros(0, np.int32), np.zeros(0), np.zeros(0), once)
        sizes = [len(piece) for piece in texts]
        counted = np.concatenate(counts)
        shares, wholes = (np.repeat([weight[n] for weight in weights], sizes) for n in (0, 1))
        return _Met(np.concatenate(texts), shares * counted, wholes * counted, once)

    def _weigh(self, met: _Met) -> ConceptPostings:
        """A whole name is as rare as the texts that have one: what only has a word of a phrase or a neighbour makes it
        no commoner, and is itself worth no more than all these texts are."""
        texts, shares = met.texts, met.shares
        if not len(texts):
            return ConceptPostings(texts, shares, idf(self.corpus_size, 0), 0.0, met.wholes > 0)
        at = texts.astype(np.intp)  # which numpy would do at every step, and more slowly
        tf, df = self._summed(at, shares, met.once)
        whole, df_whole = self._summed(at, met.wholes, met.once)
        base = idf(self.corpus_size, df_whole or df)
        worth = np.where(whole > 0, 1.0, idf(self.corpus_size, df) / base)
        damped = self.length_norms.take(at)
        damped += tf
        worth *= self.k1 + 1
        worth /= damped
        return ConceptPostings(texts, shares * worth, base, base * float((tf * worth).max(initial=0)), met.wholes > 0)

    def _summed(self, at: NDArray[np.intp], shares: FloatArray, once: bool) -> tuple[FloatArray, float]:
        """For each of the postings its text's frequency of the concept, and in how many texts that is."""
        if once:
            return shares, float(np.minimum(shares, 1).sum())
        if len(at) * DENSE_SHARE >= self.text_count:
            sums = _sums(at, shares, self.text_count)
            return sums.take(at), float(np.minimum(sums, 1).sum())
        with self._zeros.borrow() as scratch:
            np.add.at(scratch, at, shares)
            tf = scratch.take(at)
            scratch[at] = 0
        # each text once, though it stands here once for every term of it; the true sum is a multiple of the grain
        return tf, round(float((shares / np.maximum(tf, 1)).sum()) / SCORE_GRAIN) * SCORE_GRAIN

    def _phrase_spans(
        self, segment: PostingLists, spans: Sequence[PostingRange]
    ) -> tuple[Int32Array, UInt16Array] | None:
        """The texts that have all these terms, and how often each: a row for a term."""
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

    def _keep(self, plan: ConceptPlan, found: ConceptPostings) -> ConceptPostings:
        with self._keeping:
            self._kept[plan] = found
            self._room -= len(found.texts)
            while self._room < 0:
                self._room += len(self._kept.pop(next(iter(self._kept))).texts)
        return found


def _sums(places: NDArray[Any], shares: FloatArray, size: int) -> FloatArray:
    """What is added up in each of `size` places."""
    return np.bincount(places, weights=shares, minlength=size).astype(np.float64, copy=False)


def _quantize(weight: float) -> float:
    return round(weight / SCORE_GRAIN) * SCORE_GRAIN
