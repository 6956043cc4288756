"""BM25 over numpy postings, with concepts scored as one term each. Immutable once built; `added` makes a new one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.lexicon import Alternative
from retrieval.postings import Floats, Ints, Segment, idf
from retrieval.question import Concept

PARTIAL = 0.4  # what one word of a phrase is worth, shared among the phrase's other words


@dataclass(frozen=True, slots=True)
class Scored:
    """Texts that matched, ascending, and what each scored; `weight` is what one plain occurrence would."""

    texts: NDArray[np.int64]
    scores: Floats
    weight: float


class Index(BM25Okapi):
    """rank_bm25's Okapi over segments of postings, with Lucene's idf.

    `get_scores` is bit for bit what the parent returns for the same corpus and idf; `concept_scores` is what
    questions are answered with.
    """

    def __init__(self, corpus: Iterable[Sequence[str]] = (), k1: float = 0.8, b: float = 0.5) -> None:
        self._become((Segment.of(corpus),), k1, b)

    @classmethod
    def of(cls, segments: Sequence[Segment], k1: float = 0.8, b: float = 0.5) -> Self:
        index = cls.__new__(cls)
        index._become(tuple(segments), k1, b)
        return index

    def _become(self, segments: tuple[Segment, ...], k1: float, b: float) -> None:
        self.k1, self.b = k1, b
        self.segments = segments
        sizes = [segment.size for segment in segments]
        self.bases = [sum(sizes[:n]) for n in range(len(sizes))]
        self.corpus_size = sum(sizes)
        lengths = [np.diff(segment.begins) for segment in segments]
        self.doc_len = np.concatenate(lengths) if lengths else np.zeros(0, np.int64)
        self.avgdl = int(self.doc_len.sum()) / self.corpus_size if self.corpus_size else 0.0

    def df(self, term: str) -> int:
        return sum(len(segment.postings(term)[0]) for segment in self.segments)

    def get_scores(self, query: Sequence[str]) -> Floats:
        scores = np.zeros(self.corpus_size)
        for term in query:
            weight = idf(self.corpus_size, df) if (df := self.df(term)) else 0
            for base, segment in zip(self.bases, self.segments, strict=True):
                texts, counts = segment.postings(term)
                at = texts + base
                frequency = counts.astype(np.int64)
                scores[at] += weight * (
                    frequency
                    * (self.k1 + 1)
                    / (frequency + self.k1 * (1 - self.b + self.b * self.doc_len[at] / self.avgdl))
                )
        return scores

    def concept_scores(self, concept: Concept) -> Scored:
        """The concept as ONE term: its tf is the weighted sum over its alternatives, its df the size of their union,
        where a text that has only an unlikely alternative counts for that likelihood (Pirkola 1998; Darwish and
        Oard 2003)."""
        texts, tf = self.frequencies(concept.alternatives)
        weight = concept.weight * idf(self.corpus_size, float(np.minimum(tf, 1).sum()))
        if not len(texts):
            return Scored(texts, tf, weight)
        norm = self.k1 * (1 - self.b + self.b * self.doc_len[texts] / self.avgdl)
        return Scored(texts, weight * tf * (self.k1 + 1) / (tf + norm), weight)

    def frequencies(
        self, alternatives: Iterable[Alternative], partial: float = PARTIAL
    ) -> tuple[NDArray[np.int64], Floats]:
        """The texts that have any of the alternatives, ascending, and the weighted sum of their frequencies."""
        pieces = [
            (texts.astype(np.int64) + base, tf)
            for alternative in alternatives
            for base, segment in zip(self.bases, self.segments, strict=True)
            for texts, tf in _pieces(segment, alternative, partial)
            if len(texts)
        ]
        if not pieces:
            return np.zeros(0, np.int64), np.zeros(0)
        texts, inverse = np.unique(np.concatenate([texts for texts, _ in pieces]), return_inverse=True)
        return texts, np.bincount(inverse, weights=np.concatenate([tf for _, tf in pieces]))


def _pieces(segment: Segment, alternative: Alternative, partial: float) -> Iterable[tuple[Ints, Floats]]:
    """A phrase where all its words stand in the text; and each word of it alone, for a part of the weight."""
    first, *rest = (segment.postings(term) for term in alternative.terms)
    if not rest:
        return [(first[0], alternative.weight * first[1])]
    together = first[0]
    for texts, _ in rest:
        together = np.intersect1d(together, texts, assume_unique=True)
    found = []
    if len(together):
        counts = np.min([counts[np.searchsorted(texts, together)] for texts, counts in (first, *rest)], axis=0)
        found.append((together, alternative.weight * counts))
    if not partial:
        return found
    share = partial * alternative.weight / len(rest)
    for texts, counts in (first, *rest):
        alone = ~np.isin(texts, together, assume_unique=True)
        found.append((texts[alone], share * counts[alone]))
    return found
