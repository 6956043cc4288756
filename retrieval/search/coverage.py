"""How much of the question each candidate has, word by word: one table for the order and for the verdict."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, FloatArray, idf
from retrieval.query.analyzer import WORD_PART_WEIGHT, AnalyzedQuery
from retrieval.search.ranker import ScoredCandidates

PLAIN = 0.8  # share of a plain occurrence from which a word counts as there, though it has no whole name there
MIN_FOUND_WEIGHT = 0.3  # share without which no name counts as there
Rows = list[int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rows are the question's words in order, columns the candidates.

    `here` and `nearby` are the shares of a plain occurrence that the point and its document have; a share may be a
    phrase's that has only one of its words there. `there` and `near` say where the word stands whole, by whichever of
    its names. `rarity` counts in rarest words of the corpus.
    """

    asked: tuple[str, ...]
    rarity: FloatArray
    here: FloatArray
    nearby: FloatArray
    there: BoolArray
    near: BoolArray

    @classmethod
    def of(cls, reading: AnalyzedQuery, matched: ScoredCandidates) -> "Coverage":
        """A word that was taken apart is there as far as it, or all its parts, are."""
        rarest = math.log(matched.size + 1) or 1.0
        words = tuple(dict.fromkeys(concept.asked for concept in reading.concepts if concept.asked))
        shape = len(words), len(matched.points)
        rarity, here, nearby = np.zeros(len(words)), np.zeros(shape), np.zeros(shape)
        there, near = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
        own, weights = matched.own + matched.context, matched.weights
        for n, word in enumerate(words):
            whole, parts = rows(reading, word)
            rarity[n] = _rarity(reading, matched, whole, parts) / rarest
            here[n] = _share(own, weights, whole, parts)
            nearby[n] = _share(matched.document, weights, whole, parts)
            for way in filter(None, (whole, parts)):
                there[n] |= matched.named[way].all(axis=0)
                near[n] |= matched.near[way].all(axis=0)
        plain = here > PLAIN
        return cls(words, rarity, here, nearby, (there & (here >= MIN_FOUND_WEIGHT)) | plain, near | plain)

    def only(self, words: NDArray[np.intp], columns: NDArray[np.intp]) -> "Coverage":
        at = np.ix_(words, columns)
        asked = tuple(self.asked[n] for n in words.tolist())
        shares = self.here[at], self.nearby[at]
        return Coverage(asked, self.rarity[words], *shares, self.there[at], self.near[at])


def rows(reading: AnalyzedQuery, word: str) -> tuple[Rows, Rows]:
    """The concepts that stand for a word of the question: the word itself, and its parts."""
    concepts = [n for n, concept in enumerate(reading.concepts) if concept.asked == word]
    whole = [n for n in concepts if reading.concepts[n].word == word]
    return whole, [n for n in concepts if n not in whole]


def _rarity(reading: AnalyzedQuery, matched: ScoredCandidates, whole: Rows, parts: Rows) -> float:
    """Of the whole word where any text has it; else of its rarest part."""
    unmet = idf(matched.size, 0)
    known = [n for n in whole if matched.weights[n] < reading.concepts[n].weight * unmet]
    if known or not parts:
        return float(matched.weights[known or whole].max())
    return float(matched.weights[parts].max()) / WORD_PART_WEIGHT


def _share(scores: FloatArray, weights: FloatArray, whole: Rows, parts: Rows) -> FloatArray:
    shares = [np.minimum(scores[n] / weights[n], 1.0) for n in whole if weights[n]]
    if parts:
        total = float(weights[parts].sum()) or 1.0
        shares.append(np.minimum(scores[parts], weights[parts, None]).sum(axis=0) / total)
    return np.max(shares, axis=0) if shares else np.zeros(scores.shape[1])
