"""BM25 over numpy postings, with concepts scored as one term each. Immutable once built."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.index.postings import Counts, Floats, Hashes, Ints, Mask, Segment, Totals, idf
from retrieval.language.lexicon import Alternative
from retrieval.language.term_hash import asked
from retrieval.runtime.cache import Zeros

PARTIAL = 0.4  # what one word of a phrase is worth, shared among the phrase's other words
# Weights are multiples of this, so that sums of them are exact in whatever order they are added up:
# the same corpus gives the same scores to the last bit, however it came in
GRAIN = 2.0**-28
DENSE = 5  # from a fifth of the texts it is cheaper to walk through all of them than through the postings
SEARCHED = 20  # times as many postings are searched sooner than walked through
KEPT, LEAST = 4, 50_000  # postings kept of what was asked for, of 12 bytes: four for a text, and for these at least

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """The postings of a concept: each adds its one of `scores`, times the idf, to what its text scores.

    `most` is the best that any text scores.
    """

    texts: Ints
    scores: Floats
    idf: float
    most: float

    def add_to(self, totals: Totals, factor: float) -> None:
        at = self.texts.astype(np.intp)
        np.add.at(totals, at, np.multiply(self.scores, factor * self.idf, dtype=np.float32))

    def scores_at(self, texts: NDArray[np.int64], here: Mask) -> Floats:
        """What the concept scores in these texts, which ascend and which alone `here` names among all."""
        met = np.flatnonzero(here.take(self.texts.astype(np.intp)))
        places = np.searchsorted(texts, self.texts.take(met))
        return self.idf * _sums(places, self.scores.take(met), len(texts))


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A concept as postings are added up for it: what an occurrence of each term adds to its frequency; and the
    phrases, each with its own weight and the share of it that each of its terms was given alone."""

    terms: dict[str, float]
    phrases: tuple[tuple[tuple[str, ...], float, float], ...]

    @classmethod
    def of(cls, alternatives: Iterable[Alternative], partial: float = PARTIAL) -> Self:
        terms: dict[str, float] = {}
        phrases = []
        for alternative in alternatives:
            if len(alternative.terms) == 1:
                share = _grained(alternative.weight)
            else:
                share = _grained(partial * alternative.weight / (len(alternative.terms) - 1))
                phrases.append((alternative.terms, _grained(alternative.weight), share))
            for term in alternative.terms:
                terms[term] = terms.get(term, 0) + share
        return cls(terms, tuple(phrases))


class Index(BM25Okapi):
    """rank_bm25's Okapi over segments of postings, with Lucene's idf.

    `get_scores` is bit for bit what the parent returns for the same corpus and idf; concepts are what questions are
    answered with. Of a segment with a mask only those texts count that it names; the other ones keep their numbers.
    """

    def __init__(self, corpus: Iterable[Sequence[str]] = (), k1: float = 0.8, b: float = 0.5) -> None:
        self._become([Segment.of(corpus)], [None], k1, b)

    @classmethod
    def of(
        cls, segments: Sequence[Segment], alive: Sequence[Mask | None] | None = None, k1: float = 0.8, b: float = 0.5
    ) -> Self:
        index = cls.__new__(cls)
        index._become(segments, alive or [None] * len(segments), k1, b)
        return index

    def added(self, corpus: Iterable[Sequence[str]]) -> Self:
        """An index of these texts, too, numbered after the ones that are here."""
        return self.of([*self.segments, Segment.of(corpus)], [*self.alive, None], self.k1, self.b)

    def _become(self, segments: Sequence[Segment], alive: Sequence[Mask | None], k1: float, b: float) -> None:
        self.k1, self.b = k1, b
        self.segments, self.alive = tuple(segments), tuple(alive)
        self.bases = [0, *np.cumsum([segment.size for segment in segments]).tolist()]
        lengths = [
            segment.lengths if mask is None else segment.lengths[mask]
            for segment, mask in zip(segments, alive, strict=True)
        ]
        self.corpus_size = sum(map(len, lengths))
        self.avgdl = sum(int(part.sum()) for part in lengths) / self.corpus_size if self.corpus_size else 0.0
        self._zeros = Zeros(self.numbers, np.float64)
        self.totals = Zeros(self.numbers, np.float32)
        self.masks = Zeros(self.numbers, np.bool_)
        self._kept: dict[Plan, Found] = {}
        self._room = KEPT * max(self.numbers, LEAST)
        self._keeping = threading.Lock()

    @cached_property
    def doc_len(self) -> Ints:  # type: ignore[override]
        return np.concatenate([segment.lengths for segment in self.segments] or [np.zeros(0, np.int32)])

    @cached_property
    def norms(self) -> Floats:
        """What BM25 adds to each text's frequencies."""
        # 1 where all texts are empty: then nothing is ever found
        return np.asarray(self.k1 * (1 - self.b + self.b * self.doc_len / (self.avgdl or 1)), np.float64)

    @property
    def numbers(self) -> int:
        """Texts, those included that do not count."""
        return int(self.bases[-1])

    def df(self, term: str) -> int:
        return sum(len(texts) for _, texts, _ in self._postings(term))

    def get_scores(self, query: Sequence[str]) -> Floats:
        scores = np.zeros(self.numbers)
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
        self, alternatives: Iterable[Alternative], partial: float = PARTIAL
    ) -> tuple[NDArray[np.int64], Floats]:
        """The texts that have any of the alternatives, ascending, and the weighted sum of their frequencies."""
        plan = Plan.of(alternatives, partial=partial)
        postings, shares, _ = self._gathered(plan, self._spans(plan.terms))
        texts, inverse = np.unique(postings, return_inverse=True)
        return texts.astype(np.int64), _sums(inverse, shares, len(texts))

    def within(self, alternatives: Sequence[Alternative], begin: int, end: int) -> NDArray[np.bool_]:
        """Which of the texts from `begin` to `end` have one of the alternatives whole."""
        having = np.zeros(end - begin, np.bool_)
        for base, segment, mask in zip(self.bases, self.segments, self.alive, strict=False):
            first, last = max(begin - base, 0), min(end - base, segment.size)
            if first >= last:
                continue
            here = having[first + base - begin : last + base - begin]
            terms = list(dict.fromkeys(term for alternative in alternatives for term in alternative.terms))
            spans = segment.spans(np.fromiter(map(asked, terms), np.uint64, len(terms)))
            had: dict[str, Mask] = {}
            for term, (start, stop) in zip(terms, spans, strict=True):
                texts = segment.texts[start:stop]
                low, high = texts.searchsorted((first, last))
                if low < high:
                    had[term] = np.zeros(last - first, np.bool_)
                    had[term][texts[low:high] - first] = True
            for alternative in alternatives:
                if all(map(had.__contains__, alternative.terms)):
                    here |= np.logical_and.reduce([had[term] for term in alternative.terms])
            if mask is not None:
                here &= mask[first:last]
        return having

    def find(self, plans: Sequence[Plan]) -> list[Found]:
        """The postings of each concept, those asked for last are kept."""
        found = {plan: self._kept.get(plan) for plan in plans}
        missing = [plan for plan, known in found.items() if known is None]
        spans = self._spans(dict.fromkeys(term for plan in missing for term in plan.terms))
        for plan in missing:
            found[plan] = self._kept_now(plan, self._weighed(*self._gathered(plan, spans)))
        return [one for plan in plans if (one := found[plan])]

    def _postings(self, term: str) -> Iterator[tuple[int, Ints, Counts]]:
        for base, segment, mask in zip(self.bases, self.segments, self.alive, strict=False):
            texts, counts = segment.postings(term)
            if mask is not None:
                kept = mask[texts]
                texts, counts = texts[kept], counts[kept]
            yield base, texts, counts

    def _spans(self, terms: Iterable[str]) -> list[dict[str, Span]]:
        """For every segment, where the postings are of those terms that it has."""
        terms = list(terms)
        hashes: Hashes = np.fromiter(map(asked, terms), np.uint64, len(terms))
        return [
            {term: span for term, span in zip(terms, segment.spans(hashes), strict=True) if span[1]}
            for segment in self.segments
        ]

    def _gathered(self, plan: Plan, spans: Sequence[dict[str, Span]]) -> tuple[Ints, Floats, bool]:
        """Texts, each once for every term that it has, what that adds to the concept's frequency in it, and whether
        no text is there twice, for each segment had but one term."""
        texts: list[Ints] = []
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
                if all(map(here.__contains__, terms)) and (met := self._together(segment, [here[t] for t in terms])):
                    texts.append(met[0])
                    counts.append(weight * met[1].min(axis=0) - share * met[1].sum(axis=0, dtype=np.int64))
                    weights.append(1.0)
            once = once and len(texts) - first < 2
            for n in range(first, len(texts)):
                if mask is not None:
                    kept = mask[texts[n]]
                    texts[n], counts[n] = texts[n][kept], counts[n][kept]
                if base:
                    texts[n] = texts[n] + np.int32(base)
        if not texts:
            return np.zeros(0, np.int32), np.zeros(0), once
        shares = np.repeat(weights, [len(piece) for piece in texts])
        shares *= np.concatenate(counts)
        return np.concatenate(texts), shares, once

    def _weighed(self, texts: Ints, shares: Floats, once: bool) -> Found:
        """`once` says that no text stands there twice."""
        if not len(texts):
            return Found(texts, shares, idf(self.corpus_size, 0), 0.0)
        at = texts.astype(np.intp)  # which numpy would do at every step, and more slowly
        if once:
            tf = shares.copy()
            df = float(np.minimum(tf, 1).sum())
        elif len(texts) * DENSE < self.numbers:
            with self._zeros.borrowed() as scratch:
                np.add.at(scratch, at, shares)
                tf = scratch.take(at)
                scratch[at] = 0
            # each text once, though it stands here once for every term of it; the true sum is a multiple of the grain
            whole = np.maximum(tf, 1)
            df = round(float(np.divide(shares, whole, out=whole).sum()) / GRAIN) * GRAIN
        else:
            sums = _sums(at, shares, self.numbers)
            tf = sums.take(at)
            df = float(np.minimum(sums, 1).sum())
        damped = self.norms.take(at)
        damped += tf
        shares *= self.k1 + 1
        shares /= damped
        tf /= damped
        worth = idf(self.corpus_size, df)
        return Found(texts, shares, worth, worth * (self.k1 + 1) * float(tf.max(initial=0)))

    def _together(self, segment: Segment, spans: Sequence[Span]) -> tuple[Ints, Counts] | None:
        """The texts that have all these terms, and how often each: a row for a term."""
        texts, *lists = sorted((segment.texts[begin:end] for begin, end in spans), key=len)
        for others in lists:
            if len(texts) * SEARCHED < len(others):
                at = others.searchsorted(texts)
                at[at == len(others)] = 0
                texts = texts.compress(others.take(at) == texts)
            else:
                with self.masks.borrowed() as here:
                    here[texts] = True
                    among = here.take(others.astype(np.intp))
                    here[texts] = False
                texts = others.compress(among)
            if not len(texts):
                return None
        counts = [segment.counts[begin:end].take(segment.texts[begin:end].searchsorted(texts)) for begin, end in spans]
        return texts, np.array(counts)

    def _kept_now(self, plan: Plan, found: Found) -> Found:
        with self._keeping:
            self._kept[plan] = found
            self._room -= len(found.texts)
            while self._room < 0:
                self._room += len(self._kept.pop(next(iter(self._kept))).texts)
        return found


def _sums(places: NDArray[Any], shares: Floats, size: int) -> Floats:
    """What is added up in each of `size` places."""
    return np.bincount(places, weights=shares, minlength=size).astype(np.float64, copy=False)


def _grained(weight: float) -> float:
    return round(weight / GRAIN) * GRAIN
