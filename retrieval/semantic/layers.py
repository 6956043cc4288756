"""The encoder's arithmetic in C: rows and weights go in, rows come out, each the same whatever the others are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.runtime.kernels import Kernel
from retrieval.semantic.encoder import Matrix

LAYER_BLOCK = 64  # columns of weights that lie side by side: what is summed up in registers at once

_multiply_add = Kernel(
    "void multiply_add(const float *rows, int64_t step, const float *weights, int64_t count, int64_t inner, "
    "int64_t outer, float *results);"
)
_add_windows = Kernel(
    "void add_windows(const float *products, const int64_t *kinds, int64_t count, int64_t order, int64_t size, "
    "float *results);"
)
_normalize_rows = Kernel(
    "void normalize_rows(float *rows, const float *gain, const float *bias, int64_t count, int64_t size, float eps);"
)


def multiply_add(rows: Matrix, weights: Matrix, results: Matrix) -> None:
    """Add to each row of results that row's product with the weights, which are in blocks: (block, row, column)."""
    _check(len(rows) == len(results), rows.shape[1] == weights.shape[1])
    _multiply_blocks(rows, rows.shape[1], weights, results)


def multiply_add_windows(rows: Matrix, weights: Matrix, results: Matrix) -> None:
    """The same of windows: as many rows side by side as the weights take, each beginning one row behind the last."""
    together, rest = divmod(weights.shape[1], rows.shape[1])
    _check(not rest, len(rows) >= len(results) + together - 1)
    _multiply_blocks(rows, rows.shape[1], weights, results)


def _multiply_blocks(rows: Matrix, step: int, weights: Matrix, results: Matrix) -> None:
    blocks, inner, width = weights.shape
    _check(width == LAYER_BLOCK, results.shape[1] == blocks * width)
    _multiply_add(rows, step, weights, len(results), inner, blocks * width, results)


def add_windows(products: Matrix, kinds: NDArray[np.int64], order: int, results: Matrix) -> None:
    """Add to each row of results `order` products: those of its kind of row and the next ones, each for its place.

    Products have a row for each kind, with those of all places side by side.
    """
    size = results.shape[1]
    _check(products.shape[1] == order * size, len(kinds) >= len(results) + order - 1)
    _check(not len(kinds) or (kinds.min() >= 0 and kinds.max() < len(products)))
    _add_windows(products, kinds, len(results), order, size, results)


def normalize_rows(rows: Matrix, gain: Matrix, bias: Matrix, eps: Matrix) -> None:
    """Layer normalization in place (Ba et al. 2016, arXiv 1607.06450); rows are a multiple of 16 long."""
    _check(rows.shape[1] == len(gain) == len(bias), rows.shape[1] % 16 == 0)
    _normalize_rows(rows, gain, bias, len(rows), rows.shape[1], float(eps[0]))


def relu(rows: NDArray[Any]) -> None:
    """In place."""
    np.maximum(rows, 0, out=rows)


def _check(*conditions: bool) -> None:
    """C would read or write beyond the arrays."""
    if not all(conditions):
        raise ValueError("the sizes of rows, weights and results do not fit")
