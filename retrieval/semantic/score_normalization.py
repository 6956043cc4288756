"""Cosines made comparable between languages and corpora: vectors and cosines go in, scores come out.

An encoder puts texts of one language nearer to each other, so each language has its own distribution. A score is the
cosine's distance from the mean of all points, as a share of what the best of n points reaches by chance, √(2 ln n)
standard deviations; it means the same for 100 points and for 100,000. Mean and variance follow exactly from the mean
vector m and the sum of products Σ: m·q and q'Σq. Sums are of integers (16384ths), so that order does not change them.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, FloatArray

FIXED_POINT_SCALE = (
    16384.0  # a float16 of a vector's size has no finer steps worth counting, and ten million points sum exactly
)


@dataclass(frozen=True)
class ScoreDistribution:
    """Of the vectors of one language: how many, their sum, and the sum of each one's products with itself."""

    count: int
    total: FloatArray
    products: NDArray[np.float64]

    @classmethod
    def of(cls, whole: NDArray[np.float64]) -> Self:
        return cls(len(whole), whole.sum(axis=0), whole.T @ whole)

    def plus(self, other: Self, sign: int = 1) -> Self:
        return replace(
            self,
            count=self.count + sign * other.count,
            total=self.total + sign * other.total,
            products=self.products + sign * other.products,
        )


def to_fixed_point(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Counted in whole 16384ths."""
    return np.rint(rows.astype(np.float64) * FIXED_POINT_SCALE)


def distributions(whole: NDArray[np.float64], chinese: BoolArray) -> tuple[ScoreDistribution, ScoreDistribution]:
    """Of the other points, and of the Chinese ones."""
    return ScoreDistribution.of(whole[~chinese]), ScoreDistribution.of(whole[chinese])


def summed(
    ours: tuple[ScoreDistribution, ScoreDistribution],
    theirs: tuple[ScoreDistribution, ScoreDistribution],
    sign: int = 1,
) -> tuple[ScoreDistribution, ScoreDistribution]:
    return ours[0].plus(theirs[0], sign), ours[1].plus(theirs[1], sign)
