"""How points stand to a question: what C finds is what numpy would."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.semantic.score_normalization import FIXED_POINT_SCALE, ScoreDistribution, distributions, to_fixed_point
from retrieval.semantic.vector_index import QuerySimilarity, VectorIndex
from retrieval.semantic.vector_rows import VectorRows
from retrieval.semantic.vector_store import VectorStore
from tests.support.encoder import Toy

Doubles = NDArray[np.float64]


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorIndex]:
    vectors = VectorStore(tmp_path_factory.mktemp("similarity") / "corpus.db", Toy())
    yield VectorIndex.none(vectors)
    vectors.close()


def standing(distribution: ScoreDistribution, product: float, question: Doubles, share: float) -> float:
    """As in score_normalization's first lines; 0 if no point can stand out."""
    if distribution.count < 3:
        return 0.0
    asked = np.append(question, -share)
    mean = asked @ distribution.total / distribution.count
    variance = asked @ distribution.products @ asked / distribution.count - mean**2
    if variance <= 1e-12 * mean**2:
        return 0.0
    return float((product - mean) / np.sqrt(2 * np.log(distribution.count) * variance))


@given(st.integers(0, 2**32), st.integers(0, 40), st.sampled_from([1, 5, 16, 33, 64]), st.integers(1, 4))
def test_points_stand_as_numpy_says(nothing: VectorIndex, seed: int, count: int, size: int, parts: int) -> None:
    """With halves as small as they come, keys that are missing, and a part of the vectors that came later."""
    chance = np.random.default_rng(seed)
    small = 2.0 ** -chance.integers(0, 25, (count, size))
    halves = (chance.uniform(-1, 1, (count, size)) * small / size**0.5).astype(np.float16)
    keys = np.sort(chance.choice(3 * count, count, replace=False))
    chinese, hubness = chance.random(count) < 0.4, chance.integers(-9000, 9000, count).astype(np.int16)
    places = chance.permutation(count).astype(np.int32)
    split = np.array_split(halves[np.argsort(places)], parts)
    fixed = np.column_stack([to_fixed_point(halves), hubness])
    index = replace(
        nothing,
        keys=keys,
        chinese=chinese,
        hubness=hubness,
        places=places,
        rows=VectorRows(split[0], tuple(split[1:])),
        spreads=distributions(fixed.reshape(count, size + 1), chinese),
    )
    question = chance.normal(0, size**-0.5, (1, size)).astype(np.float32)
    whole = np.rint(question[0].astype(np.float64) * FIXED_POINT_SCALE)
    wanted, closely = chance.integers(0, 3 * count + 2, 30), chance.random(30) < 0.8
    wanted[: chance.integers(30)].sort()
    found = QuerySimilarity(index, question).similarity(wanted, closely)
    for n, key in enumerate(wanted.tolist()):
        at = int(np.searchsorted(keys, key))
        if not closely[n] or at == count or keys[at] != key:
            assert (found.standing[n], found.corrected[n]) == (0, 0)
            continue
        distribution, product = index.spreads[int(chinese[at])], float(fixed[at, :-1] @ whole)
        shared = product - FIXED_POINT_SCALE * hubness[at]
        expected = standing(distribution, product, whole, 0), standing(distribution, shared, whole, FIXED_POINT_SCALE)
        assert np.allclose((found.standing[n], found.corrected[n]), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("half", [0.0, -0.0, 2.0**-24, -(2.0**-15), 3 * 2.0**-15, -0.99, 1.0])
def test_a_half_is_rounded_as_numpy_rounds(nothing: VectorIndex, half: float) -> None:
    halves = np.array([[half], [0.25], [0.5]], np.float16)
    columns = np.arange(3), np.zeros(3, np.bool_), np.zeros(3, np.int16)
    fixed = np.column_stack([to_fixed_point(halves), columns[2]])
    index = replace(nothing, keys=columns[0], chinese=columns[1], hubness=columns[2], rows=VectorRows(halves))
    index = replace(index, places=np.arange(3, dtype=np.int32), spreads=distributions(fixed, columns[1]))
    found = QuerySimilarity(index, np.ones((1, 1), np.float32)).similarity(columns[0])
    one = np.full(1, FIXED_POINT_SCALE)
    expected = [standing(index.spreads[0], number * FIXED_POINT_SCALE, one, 0) for number in fixed[:, 0]]
    assert np.allclose(found.standing, expected, rtol=1e-12)
