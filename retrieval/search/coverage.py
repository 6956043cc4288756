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
        own, weights = matched.own + matched.context, matched.weights
        # most words are one concept each: as if all were, they are read off at once
        rows = np.array([(whole or parts)[0] for whole, parts in found.values()], np.intp)
        rarity = weights.take(rows) / rarest
        here, nearby = _plain_shares(own, weights, rows), _plain_shares(matched.document, weights, rows)
        there, near = matched.named.take(rows, axis=0), matched.near.take(rows, axis=0)
        named = there
        several = [n for n, (whole, parts) in enumerate(found.values()) if len(whole) != 1 or parts]
        if several:
            named = there.copy()
        for n in several:
            whole, parts = found[words[n]]
            rarity[n] = _rarity(reading, matched, whole, parts) / rarest
            here[n] = _share(own, weights, whole, parts)
            nearby[n] = _share(matched.document, weights, whole, parts)
            ways = [way for way in (whole, parts) if way]
            there[n] = np.any([matched.named[way].all(axis=0) for way in ways], axis=0)
            near[n] = np.any([matched.near[way].all(axis=0) for way in ways], axis=0)
            named[n] = matched.named[whole + parts].any(axis=0)
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


def _plain_shares(scores: FloatArray, weights: FloatArray, rows: NDArray[np.intp]) -> FloatArray:
    weight = weights.take(rows)[:, None]
    shares = np.zeros((len(rows), scores.shape[1]))
    np.divide(scores.take(rows, axis=0), weight, out=shares, where=weight != 0)
    return np.minimum(shares, 1.0, out=shares)


def _share(scores: FloatArray, weights: FloatArray, whole: ConceptRows, parts: ConceptRows) -> FloatArray:
    shares = [np.minimum(scores[n] / weights[n], 1.0) for n in whole if weights[n]]
    if parts:
        total = float(weights[parts].sum()) or 1.0
        shares.append(np.minimum(scores[parts], weights[parts, None]).sum(axis=0) / total)
    return np.max(shares, axis=0) if shares else np.zeros(scores.shape[1])
