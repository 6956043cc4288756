"""Scores by the formulas as they are written down: what the index's faster ways are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import Bm25Index
from retrieval.index.concept_postings import ConceptPlan, ConceptPostings
from retrieval.index.postings import BoolArray, FloatArray, idf
from retrieval.index.snapshot import Snapshot
from retrieval.language.lexicon import Alternative
from retrieval.query.concepts import Concept


@dataclass(frozen=True, slots=True)
class ConceptScores:
    """`texts` ascending, with the score of each; `weight` is the concept's own times its idf."""

    texts: NDArray[np.int64]
    scores: FloatArray
    weight: float


def concept_scores(index: Bm25Index, concept: Concept) -> ConceptScores:
    """The concept as ONE term: its tf is the weighted sum over its alternatives, its df the size of their union,
    where a text that has only an unlikely alternative counts for that likelihood (Pirkola 1998; Darwish and
    Oard 2003). Texts that only have words of phrases count for each other, but not where others have the whole."""
    plan = ConceptPlan.of(concept.alternatives)
    tf, whole = np.zeros(index.text_count), np.zeros(index.text_count)
    for term, weight in plan.terms.items():
        tf += weight * term_counts(index, term)
    for term, weight in plan.wholes.items():
        whole += weight * term_counts(index, term)
    for terms, weight, share in plan.phrases:
        counts = np.array([term_counts(index, term) for term in terms])
        phrase = np.where(counts.all(axis=0), weight * counts.min(axis=0), 0)
        whole += phrase
        tf += np.where(counts.all(axis=0), phrase - share * counts.sum(axis=0), 0)
    often = np.ones(index.text_count) if index.repeats is None else index.repeats
    df, df_whole = (float((np.minimum(counts, 1) * often).sum()) for counts in (tf, whole))
    weight = concept.weight * idf(index.size, df_whole or df)
    texts = np.flatnonzero(tf)
    worth, tf = np.where(whole[texts] > 0, weight, concept.weight * idf(index.size, df)), tf[texts]
    return ConceptScores(
        texts, worth * tf * (index.okapi.k1 + 1) / (tf + index.length_norms[index.lengths[texts]]), weight
    )


def scores_of_points(snapshot: Snapshot, concept: Concept) -> tuple[FloatArray, FloatArray]:
    """What each point scores by its own text, and by its headings."""
    own, context = np.zeros(snapshot.text.text_count), np.zeros(snapshot.context.text_count)
    for scores, index in ((own, snapshot.text), (context, snapshot.context)):
        scored = concept_scores(index, concept)
        scores[scored.texts] = scored.scores
    return own, context[snapshot.headings]


def term_counts(index: Bm25Index, term: str) -> FloatArray:
    counts = np.zeros(index.text_count)
    for base, segment, mask in zip(index.bases, index.segments, index.alive, strict=False):
        texts, found = segment.postings(term)
        counts[base + texts] = found if mask is None else found * mask[texts]
    return counts


def term_scores(index: Bm25Index, query: Sequence[str]) -> FloatArray:
    """What each text scores, by the index, for plain terms."""
    scores = np.zeros(index.text_count)
    for found in index.find_concepts([ConceptPlan.of((Alternative((term,), 1.0),)) for term in query]):
        scores += scores_everywhere(found, index.text_count)[0]
    return scores


def scores_everywhere(found: ConceptPostings, size: int) -> tuple[FloatArray, BoolArray]:
    """A concept's score in each of the index's `size` texts, and which of them have a whole name of it."""
    scores, named = np.zeros(size), np.zeros(size, np.bool_)
    scores[found.texts], named[found.texts] = found.scores * found.idf, found.named
    return scores, named
