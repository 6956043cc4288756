"""A concept's scores by the formula as it is written down: what the index's faster ways are compared with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import Bm25Index
from retrieval.index.postings import FloatArray, idf
from retrieval.query.analyzer import Concept


@dataclass(frozen=True, slots=True)
class Scored:
    """`texts` ascending, with the score of each; `weight` is the concept's own times its idf."""

    texts: NDArray[np.int64]
    scores: FloatArray
    weight: float


def concept_scores(index: Bm25Index, concept: Concept) -> Scored:
    """The concept as ONE term: its tf is the weighted sum over its alternatives, its df the size of their union,
    where a text that has only an unlikely alternative counts for that likelihood (Pirkola 1998; Darwish and
    Oard 2003). Texts that only have words of phrases count for each other, but not where others have the whole."""
    texts, tf = index.frequencies(concept.alternatives)
    whole, counted = index.frequencies(concept.alternatives, partial=0)
    has_whole = np.isin(texts, whole[counted > 0])
    df = float(np.minimum(tf, 1).sum())
    weight = concept.weight * idf(index.corpus_size, float(np.minimum(counted, 1).sum()) or df)
    worth = np.where(has_whole, weight, concept.weight * idf(index.corpus_size, df))
    return Scored(texts, worth * tf * (index.k1 + 1) / (tf + index.length_norms[texts]), weight)
