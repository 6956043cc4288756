"""The coarse pass: what C finds is what numpy would; what is near comes among the first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.semantic.quantization import HALF, UNSOUGHT_GROUP, QuantizedVectors, _coded
from retrieval.semantic.score_normalization import to_fixed_point
from retrieval.semantic.vector_rows import whole_products

FINE = 2.8


def coded(matrix: NDArray[np.float32]) -> NDArray[np.int64]:
    return _coded(matrix).astype(np.int64)


def products(matrix: NDArray[np.float32], question: NDArray[np.float32]) -> NDArray[np.float32]:
    scale = np.float32(FINE * np.sqrt(matrix.shape[1])) ** 2
    own = coded(matrix).sum(axis=1) * (HALF - 0.5) / scale
    return np.asarray((coded(matrix) @ coded(question)[0]).astype(np.float32) / scale - own.astype(np.float32))


def nearest(
    matrix: NDArray[np.float32],
    question: NDArray[np.float32],
    groups: NDArray[np.uint8],
    ids: NDArray[np.uint64],
    most: int,
    most_rough: int,
) -> list[int]:
    found: list[int] = []
    rough, fine = (coded(matrix) >= HALF) @ (2 * coded(question)[0] - (2 * HALF - 1)), products(matrix, question)
    for group in range(UNSOUGHT_GROUP):
        rows = np.flatnonzero(groups == group)
        rows = rows[rough[rows] >= np.sort(rough[rows])[-most_rough:].min(initial=10**6)]
        found += rows[np.lexsort((ids[rows], -fine[rows]))[:most]].tolist()
    return sorted(found)


@given(st.integers(0, 2**32), st.integers(0, 60), st.sampled_from([1, 64, 100, 512]), st.integers(1, 9), st.data())
def test_the_nearest_of_each_group_are_found(seed: int, count: int, size: int, most: int, data: st.DataObject) -> None:
    chance = np.random.default_rng(seed)
    matrix = (chance.integers(-2, 3, (count, size)) / (1.5 * size**0.5)).astype(np.float32)  # so that many are equal
    question = chance.normal(0, size**-0.5, (1, size)).astype(np.float32)
    groups = np.array(data.draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)), np.uint8)
    ids, most_rough = chance.permutation(count).astype(np.uint64), most + data.draw(st.integers(0, 20))
    room = np.zeros(count, np.int16)
    found = QuantizedVectors.of(matrix).nearest(question, groups, ids, most, most_rough, room)
    assert sorted(found.tolist()) == nearest(matrix, question, groups, ids, most, most_rough)


def test_the_coarse_pass_finds_the_nearest() -> None:
    chance = np.random.default_rng(5)
    matrix = chance.standard_normal((20_000, 100)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    question = (matrix[:1] + chance.standard_normal((1, 100)) * 0.03).astype(np.float32)
    exact = np.argsort(-(matrix @ question[0]))[:20]
    groups, ids, room = np.zeros(len(matrix), np.uint8), np.arange(len(matrix), dtype=np.uint64), np.zeros(20_000)
    found = QuantizedVectors.of(matrix).nearest(question, groups, ids, 150, 3_000, room.astype(np.int16))
    assert len(found) == 150
    assert exact[0] == 0
    assert np.isin(exact, found).mean() > 0.9


def test_chosen_codes_are_those_of_chosen_vectors() -> None:
    matrix = np.random.default_rng(6).normal(0, 0.1, (30, 100)).astype(np.float32)
    planes, rows = QuantizedVectors.of(matrix), np.array([7, 0, 29])
    chosen, expected = planes.chosen(rows), QuantizedVectors.of(matrix[rows])
    assert np.array_equal(chosen.codes, expected.codes)
    assert np.array_equal(chosen.offsets, expected.offsets)


@given(st.lists(st.integers(-0x4800, 0x4800), min_size=1, max_size=70), st.integers(0, 5), st.integers(0, 2**32))
def test_products_are_of_whole_numbers(bits: list[int], count: int, seed: int) -> None:
    """Of any half up to 8, the smallest included; negative bits stand for negative numbers."""
    chance = np.random.default_rng(seed)
    one = np.array([abs(bit) | (0x8000 if bit < 0 else 0) for bit in bits], np.uint16).view(np.float16)
    rows = np.stack([chance.permutation(one) for _ in range(count)]) if count else np.zeros((0, len(one)), np.float16)
    question = chance.integers(-16384, 16385, len(one)).astype(np.int32)
    assert whole_products(rows, question).tolist() == (to_fixed_point(rows) @ question).tolist()


@pytest.mark.parametrize("half", [0.0, -0.0, 2.0**-24, -(2.0**-15), 3 * 2.0**-15, -0.99, 1.0])
def test_a_half_is_rounded_as_numpy_rounds(half: float) -> None:
    rows = np.full((1, 1), half, np.float16)
    assert whole_products(rows, np.ones(1, np.int32)).tolist() == to_fixed_point(rows)[0].tolist()
