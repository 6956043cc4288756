"""Candidates: the points that a question may be answered by, with the score of each of its concepts in each of them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, FloatArray
from retrieval.semantic.vector_index import Similarity

Numbers = NDArray[np.int64]
NO_POINTS: Numbers = np.zeros(0, np.int64)
COLUMNS = ("points", "scores", "words", "own", "context", "document", "named", "near")  # a candidate each


@dataclass(frozen=True)
class ScoredCandidates:
    """Candidates, best first, and their scores: rows are concepts, columns candidates.

    `own` is the score of the text, `context` of the headings, `document` of the document's best point; `weights` are
    the scores of one plain occurrence of each concept, `size` is the number of points in the corpus. `named` says
    whether the text or its headings have a whole name of each concept, `near` whether any point of the document does.
    `words` is the score by words alone, `similarity` by meaning: None without an encoder.
    """

    points: Numbers
    scores: FloatArray
    words: FloatArray
    own: FloatArray
    context: FloatArray
    document: FloatArray
    named: BoolArray
    near: BoolArray
    weights: FloatArray
    size: int
    similarity: Similarity | None = None


def join(one: ScoredCandidates, other: ScoredCandidates) -> ScoredCandidates:
    """The candidates of both, which are of one question and not ranked yet."""
    tables: dict[str, Any] = {
        name: np.concatenate((getattr(one, name), getattr(other, name)), axis=-1) for name in COLUMNS
    }
    return replace(one, **tables)


def select(matched: ScoredCandidates, chosen: BoolArray | Numbers) -> ScoredCandidates:
    """These columns, in this order."""
    at = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
    similarity = matched.similarity and Similarity(*(column.take(at) for column in matched.similarity))
    # the scores of a candidate lie side by side, as where `[:, at]` is read, in a fifth of the time
    tables: dict[str, Any] = {name: getattr(matched, name).T.take(at, axis=0).T for name in COLUMNS}
    return ScoredCandidates(**tables, weights=matched.weights, size=matched.size, similarity=similarity)


def first(matched: ScoredCandidates, size: int) -> ScoredCandidates:
    similarity = matched.similarity and Similarity(*(column[:size] for column in matched.similarity))
    tables: dict[str, Any] = {name: getattr(matched, name)[..., :size] for name in COLUMNS}
    return ScoredCandidates(**tables, weights=matched.weights, size=matched.size, similarity=similarity)
