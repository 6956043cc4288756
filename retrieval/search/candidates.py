"""Candidates: the points that a question may be answered by, with the score of each of its concepts in each of them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, FloatArray
from retrieval.semantic.vector_index import Similarity

Numbers = NDArray[np.int64]
NO_POINTS: Numbers = np.zeros(0, np.int64)
COLUMNS = ("points", "scores", "words", "tables", "marks")  # with a row for each candidate


@dataclass(frozen=True)
class ScoredCandidates:
    """Candidates, best first, and their scores; `words` is the score by words alone, `similarity` by meaning: None
    without an encoder.

    `tables` has three scores of each concept for each candidate, and `marks` two marks, as the properties below say.
    `weights` are the scores of one plain occurrence of each concept, `size` is the number of points in the corpus.
    """

    points: Numbers
    scores: FloatArray
    words: FloatArray
    tables: FloatArray
    marks: BoolArray
    weights: FloatArray
    size: int
    similarity: Similarity | None = None

    @property
    def own(self) -> FloatArray:
        """The scores of the texts; rows are concepts, columns candidates, here and below."""
        return self.tables[:, 0].T

    @property
    def context(self) -> FloatArray:
        """The scores of the headings."""
        return self.tables[:, 1].T

    @property
    def document(self) -> FloatArray:
        """The scores of the documents' best points."""
        return self.tables[:, 2].T

    @property
    def named(self) -> BoolArray:
        """Whether the text or its headings have a whole name of the concept."""
        return self.marks[:, 0].T

    @property
    def near(self) -> BoolArray:
        """Whether any point of the document does."""
        return self.marks[:, 1].T


def join(one: ScoredCandidates, other: ScoredCandidates) -> ScoredCandidates:
    """The candidates of both, which are of one question and not ranked yet."""
    columns: dict[str, Any] = {name: np.concatenate((getattr(one, name), getattr(other, name))) for name in COLUMNS}
    return replace(one, **columns)


def select(matched: ScoredCandidates, at: Numbers) -> ScoredCandidates:
    """Those in these places, in this order."""
    similarity = matched.similarity and Similarity(*(column.take(at) for column in matched.similarity))
    columns: dict[str, Any] = {name: getattr(matched, name).take(at, axis=0) for name in COLUMNS}
    return ScoredCandidates(**columns, weights=matched.weights, size=matched.size, similarity=similarity)
