"""The encoder's arithmetic: what C computes is what numpy would, and what does not fit is refused."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.semantic.layers import LAYER_BLOCK, add_windows, multiply_add, multiply_add_windows, normalize_rows

Rows = NDArray[np.float32]
counts, seeds = st.integers(0, 23), st.integers(0, 2**32)


def drawn(seed: int, *shape: int) -> Rows:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def in_blocks(weights: Rows) -> Rows:
    return np.ascontiguousarray(weights.reshape(len(weights), -1, LAYER_BLOCK).swapaxes(0, 1))


@given(counts, st.integers(1, 40), st.integers(1, 5), seeds)
def test_products_are_added(count: int, inner: int, blocks: int, seed: int) -> None:
    rows, weights = drawn(seed, count, inner), drawn(seed + 1, inner, blocks * LAYER_BLOCK)
    results = drawn(seed + 2, count, blocks * LAYER_BLOCK)
    expected = results + rows @ weights
    multiply_add(rows, in_blocks(weights), results)
    assert np.allclose(results, expected, atol=1e-4)
    for row in range(count):  # the same to the bit, whatever the others are
        alone = drawn(seed + 2, count, blocks * LAYER_BLOCK)[row : row + 1]
        multiply_add(rows[row : row + 1], in_blocks(weights), alone)
        assert np.array_equal(alone[0], results[row])


@given(counts, st.integers(1, 5), st.integers(1, 9), seeds)
def test_windows_begin_at_each_row(count: int, order: int, size: int, seed: int) -> None:
    rows, weights = drawn(seed, count + order - 1, size), drawn(seed + 1, order * size, LAYER_BLOCK)
    results = np.zeros((count, LAYER_BLOCK), np.float32)
    multiply_add_windows(rows, in_blocks(weights), results)
    expected = [rows[at : at + order].ravel() @ weights for at in range(count)]
    assert np.allclose(results, np.reshape(expected, results.shape), atol=1e-4)


@given(counts, st.integers(1, 5), st.integers(1, 9), st.integers(1, 20), seeds)
def test_products_of_kinds_are_added_by_place(count: int, order: int, kinds: int, size: int, seed: int) -> None:
    products = drawn(seed, kinds, order * size)
    rows = np.random.default_rng(seed).integers(0, kinds, count + order - 1)
    results = np.ones((count, size), np.float32)
    add_windows(products, rows, order, results)
    by_place = products.reshape(kinds, order, size)
    expected = [1 + sum(by_place[rows[at + place], place] for place in range(order)) for at in range(count)]
    assert np.allclose(results, np.reshape(expected, results.shape), atol=1e-4)


@given(counts, st.integers(1, 5), seeds)
def test_rows_are_normalised(count: int, sixteens: int, seed: int) -> None:
    rows, (gain, bias) = drawn(seed, count, 16 * sixteens), drawn(seed + 1, 2, 16 * sixteens)
    deviation = np.sqrt(rows.var(axis=1, keepdims=True) + 0.01)
    expected = (rows - rows.mean(axis=1, keepdims=True)) / deviation * gain + bias
    normalize_rows(rows, gain, bias, np.array([0.01], np.float32))
    assert np.allclose(rows, expected, atol=1e-4)


def zeros(*shape: int) -> Rows:
    return np.zeros(shape, np.float32)


BLOCK = zeros(1, 8, LAYER_BLOCK)


@pytest.mark.parametrize(
    ("layer", "given_arrays"),
    [
        (multiply_add, (zeros(3, 8), BLOCK, zeros(2, LAYER_BLOCK))),
        (multiply_add, (zeros(3, 7), BLOCK, zeros(3, LAYER_BLOCK))),
        (multiply_add, (zeros(3, 8), BLOCK, zeros(3, 2 * LAYER_BLOCK))),
        (multiply_add_windows, (zeros(3, 4), BLOCK, zeros(3, LAYER_BLOCK))),
        (multiply_add_windows, (zeros(4, 3), BLOCK, zeros(3, LAYER_BLOCK))),
        (add_windows, (zeros(2, 6), np.array([0, 1, 2]), 2, zeros(2, 3))),
        (add_windows, (zeros(2, 6), np.array([0, 1]), 2, zeros(2, 3))),
        (normalize_rows, (zeros(2, 15), zeros(15), zeros(15), zeros(1))),
    ],
)
def test_what_does_not_fit_is_refused(layer: Callable[..., None], given_arrays: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        layer(*given_arrays)
