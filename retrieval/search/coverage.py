"""Coverage: a query's words and candidates to a table of how much of each word each candidate has."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, FloatArray, idf
from retrieval.query.concepts import AnalyzedQuery
from retrieval.query.word_concepts import WORD_PART_WEIGHT
from retrieval.search.candidates import ScoredCandidates

PLAIN_OCCURRENCE_SHARE = 0.8  # of a plain occurrence; from here a word counts as there, even without a whole name
MIN_FOUND_SHARE = 0.3  # below, no name counts as there

ConceptRows = list[int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rows are the question's words in order, columns the candidates.

    `here` and `nearby` are the point's and its document's shares of a plain occurrence; a phrase of which only one word
    matches has a share too. `there` and `near` say whether they have the whole word under any of its names. `rarity` is
    in units of the corpus's rarest word.
    """

    asked: tuple[str, ...]
    rarity: FloatArray
    here: FloatArray
    nearby: FloatArray
    there: BoolArray
    near: BoolArray

    @classmethod
    def of(cls, reading: AnalyzedQuery, matched: ScoredCandidates) -> "Coverage":
        """A split word is there as far as itself or all its parts are."""
        rarest = math.log(matched.size + 1) or 1.0
        found = concept_rows(reading)
        words = tuple(found)
        shape = len(words), len(matched.points)
        rarity, here, nearby = np.zeros(len(words)), np.zeros(shape), np.zeros(shape)
        there, near, named = (np.zeros(shape, np.bool_) for _ in range(3))
        own, weights = matched.own + matched.context, matched.weights
        # most words are one concept each: these are read off all at once
        single = [n for n, (whole, parts) in enumerate(found.values()) if len(whole) == 1 and not parts]
        if single:
            rows = [found[words[n]][0][0] for n in single]
            weight = weights[rows][:, None]
            rarity[single] = weights[rows] / rarest
            for share, scores in ((here, own), (nearby, matched.document)):
                shares = np.divide(scores[rows], weight, out=np.zeros((len(rows), shape[1])), where=weight != 0)
                share[single] = np.minimum(shares, 1.0)
            there[single] = named[single] = matched.named[rows]
            near[single] = matched.near[rows]
        for n in sorted(set(range(len(words))).difference(single)):
            whole, parts = found[words[n]]
            rarity[n] = _rarity(reading, matched, whole, parts) / rarest
            here[n] = _share(own, weights, whole, parts)
            nearby[n] = _share(matched.document, weights, whole, parts)
            for way in filter(None, (whole, parts)):
                there[n] |= matched.named[way].all(axis=0)
                near[n] |= matched.near[way].all(axis=0)
                named[n] |= matched.named[way].any(axis=0)
        # 'price' alone, of 'house price' and 'home price', adds up to a plain occurrence, but is no name of 房价
        plain = (here > PLAIN_OCCURRENCE_SHARE) & named
        return cls(words, rarity, here, nearby, (there & (here >= MIN_FOUND_SHARE)) | plain, near | plain)

    def columns(self, chosen: NDArray[np.intp]) -> "Coverage":
        """Of these candidates, in this order."""
        here, nearby = self.here.take(chosen, axis=1), self.nearby.take(chosen, axis=1)
        there, near = self.there.take(chosen, axis=1), self.near.take(chosen, axis=1)
        return Coverage(self.asked, self.rarity, here, nearby, there, near)


def concept_rows(reading: AnalyzedQuery) -> dict[str, tuple[ConceptRows, ConceptRows]]:
    """By word of the question, in order, the numbers of the concepts that stand for it: for all of it, and for its
    parts."""
    found: dict[str, tuple[ConceptRows, ConceptRows]] = {}
    for n, concept in enumerate(reading.concepts):
        if concept.asked:
            whole, parts = found.setdefault(concept.asked, ([], []))
            (whole if concept.word == concept.asked else parts).append(n)
    return found


def _rarity(reading: AnalyzedQuery, matched: ScoredCandidates, whole: ConceptRows, parts: ConceptRows) -> float:
    """The whole word's if any text has it, else its rarest part's."""
    unmet = idf(matched.size, 0)
    known = [n for n in whole if matched.weights[n] < reading.concepts[n].weight * unmet]
    if known or not parts:
        return float(matched.weights[known or whole].max())
    return float(matched.weights[parts].max()) / WORD_PART_WEIGHT


def _share(scores: FloatArray, weights: FloatArray, whole: ConceptRows, parts: ConceptRows) -> FloatArray:
    shares = [np.minimum(scores[n] / weights[n], 1.0) for n in whole if weights[n]]
    if parts:
        total = float(weights[parts].sum()) or 1.0
        shares.append(np.minimum(scores[parts], weights[parts, None]).sum(axis=0) / total)
    return np.max(shares, axis=0) if shares else np.zeros(scores.shape[1])
