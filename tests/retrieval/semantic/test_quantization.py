"""The coarse pass: what C finds is what numpy would; what is near comes among the first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.semantic.quantization import HALF, PLANE_BITS, UNSOUGHT_GROUP, QuantizedVectors

FINE = 2.8


def coded(matrix: NDArray[np.float32]) -> NDArray[np.int64]:
    scale = np.float32(FINE * np.sqrt(matrix.shape[1]))
    return np.asarray(np.clip(np.floor(matrix * scale) + HALF, 0, 2 * HALF - 1), np.int64)


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


@given(st.integers(0, 2**32), st.integers(0, 5), st.sampled_from([1, 63, 64, 100, 512]))
def test_codes_are_packed_by_plane(seed: int, count: int, size: int) -> None:
    matrix = np.random.default_rng(seed).normal(0, size**-0.5, (count, size)).astype(np.float32)
    bits = np.pad(coded(matrix), ((0, 0), (0, -size % 64))) >> np.arange(PLANE_BITS)[:, None, None] & 1
    planes = QuantizedVectors.of(matrix)
    assert np.array_equal(planes.codes.view(np.uint8), np.packbits(bits.astype(np.uint8), axis=2))
    assert np.allclose(planes.offsets, -coded(matrix).sum(axis=1) * (HALF - 0.5) / (FINE**2 * size))


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
