"""A coarse first pass over all vectors: vectors become codes of three bits a number, products come from bit counts.

A product of codes is the sum, over pairs of bit planes, of the bits that they share (the arithmetic of RaBitQ, Gao and
Long 2024, arXiv 2405.12497, without its rotation). The five nearest of 856 points came at place 2.7 on average (2 is
exact); at 3.3 and 4.6 if the mean of the points, or of generic questions, was subtracted first.

Of many points, a product of the highest bits alone comes first: it reads a third of the codes, all in a row.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.runtime.kernels import Kernel
from retrieval.semantic.encoder import Matrix

PLANE_BITS = 3  # of a point's numbers, and of a question's
HALF = 2 ** (PLANE_BITS - 1)
FINE_SCALE = 2.8  # codes to 1 / sqrt(how many numbers a vector has), which is their size
WORD_BITS = 64
SOUGHT_GROUPS = 2  # points are sought in each
UNSOUGHT_GROUP = 2  # the group of points that are not sought

PlaneCodes = NDArray[np.uint64]
Groups = NDArray[np.uint8]

_nearest_points = Kernel(
    "void nearest_points(const uint64_t *asked, float scale, const uint8_t *groups, int64_t most_rough, int64_t most, "
    "int16_t *distances, int32_t *counts, int64_t *points, float *products, int64_t *found, const uint64_t *ids, "
    "const uint64_t *codes, const float *offsets, int64_t size, int64_t words);"
)
# By plane, vector and word the bits of a vector's codes, and the sum of these: whole numbers from 0 to
# 2 ** PLANE_BITS - 1, of which a code k stands for (k - HALF + 0.5) / scale.
_quantize_vectors = Kernel(
    "void quantize_vectors(const float *vectors, int64_t count, int64_t size, float scale, int64_t words, "
    "uint64_t *codes, int64_t *sums);"
)


@dataclass(frozen=True, slots=True)
class QuestionCodes:
    """By plane and word of 64 numbers; products of codes are divided by `scale`."""

    codes: PlaneCodes
    scale: float


@dataclass(frozen=True)
class QuantizedVectors:
    """By plane, point and word of 64 numbers; `offsets` is what a point's product has besides its codes'."""

    codes: PlaneCodes
    offsets: NDArray[np.float32]

    @classmethod
    def of(cls, matrix: Matrix) -> Self:
        codes, sums = _quantize(matrix)
        return cls(codes, (-(sums * (HALF - 0.5) / _scale(matrix) ** 2)).astype(np.float32))

    @classmethod
    def joined(cls, planes: "list[QuantizedVectors]") -> Self:
        codes = np.concatenate([one.codes for one in planes], axis=1)
        return cls(codes, np.concatenate([one.offsets for one in planes]))

    def chosen(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        """A mask, or numbers in the order that is wanted."""
        return type(self)(np.ascontiguousarray(self.codes[:, rows]), self.offsets[rows])

    @staticmethod
    def question_codes(question: Matrix) -> "QuestionCodes":
        return QuestionCodes(_quantize(question)[0][:, 0], float(_scale(question) ** 2))

    def nearest(
        self,
        question: Matrix,
        groups: Groups,
        ids: NDArray[np.uint64],
        most: int,
        most_rough: int,
        distances: NDArray[np.int16],
    ) -> NDArray[np.int64]:
        """The `most` points of each group with the highest products with the question (one row), the lowest id first.

        They are sought among the `most_rough` of a group whose highest bits alone have the highest products, and as
        many more as the last of these equals. `distances` is room for a number for each point.
        """
        asked, words = self.question_codes(question), self.codes.shape[2]
        points, products = np.empty((SOUGHT_GROUPS, most), np.int64), np.empty((SOUGHT_GROUPS, most), np.float32)
        most_distant = (2**PLANE_BITS - 1) * WORD_BITS * words
        found, counts = np.zeros(SOUGHT_GROUPS, np.int64), np.zeros((SOUGHT_GROUPS + 1, most_distant + 1), np.int32)
        self._nearest_points(
            *(asked.codes, asked.scale, groups, most_rough, most, distances, counts, points, products, found, ids)
        )
        return np.concatenate([row[:size] for row, size in zip(points, found, strict=True)])

    @cached_property
    def _nearest_points(self) -> Kernel:
        return _nearest_points.ending_with(self.codes, self.offsets, len(self.offsets), self.codes.shape[2])


def _scale(matrix: Matrix) -> np.float32:
    return np.float32(FINE_SCALE * math.sqrt(matrix.shape[1]))


def _quantize(matrix: Matrix) -> tuple[PlaneCodes, NDArray[np.int64]]:
    count, size = matrix.shape
    codes, sums = np.empty((PLANE_BITS, count, -(-size // WORD_BITS)), np.uint64), np.empty(count, np.int64)
    _quantize_vectors(matrix, count, size, float(_scale(matrix)), codes.shape[2], codes, sums)
    return codes, sums
