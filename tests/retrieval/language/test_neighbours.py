import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.language.han import has_han
from retrieval.language.lexicon import Lexicon
from retrieval.language.neighbours import MAX_NEIGHBOUR_WEIGHT, MAX_NEIGHBOURS, Neighbours, PresentNeighbours
from retrieval.language.term_hash import hash_term

BoolArray = NDArray[np.bool_]


@pytest.fixture(scope="module")
def neighbours() -> Neighbours:
    return Neighbours.load()


@pytest.fixture(scope="module")
def everywhere(neighbours: Neighbours) -> BoolArray:
    return np.ones(len(neighbours.terms), np.bool_)


@pytest.mark.parametrize(("word", "near"), [("补贴", "subsidi"), ("subsidi", "补贴"), ("债券", "bond")])
def test_either_language(neighbours: Neighbours, everywhere: BoolArray, word: str, near: str) -> None:
    assert near in dict(PresentNeighbours(neighbours, everywhere).of(word))


def test_bounds(neighbours: Neighbours, everywhere: BoolArray) -> None:
    for word in neighbours.terms[::500]:
        found = PresentNeighbours(neighbours, everywhere).of(word)
        weights = [weight for _, weight in found]
        assert weights == sorted(weights, reverse=True)
        assert all(0 < weight <= MAX_NEIGHBOUR_WEIGHT for weight in weights)
        assert word not in dict(found)
        for chinese in (True, False):
            assert sum(has_han(term) == chinese for term, _ in found) <= MAX_NEIGHBOURS


def test_only_what_a_corpus_has(neighbours: Neighbours, everywhere: BoolArray) -> None:
    only_subsidy = neighbours.hashes == np.uint64(hash_term("subsidi"))
    assert [*dict(PresentNeighbours(neighbours, only_subsidy).of("补贴"))] == ["subsidi"]
    assert PresentNeighbours(neighbours, ~everywhere).of("补贴") == []
    assert PresentNeighbours(neighbours, everywhere).of("zeppelinfahrt") == []


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_what_does_not_occur_makes_room_for_the_next(neighbours: Neighbours, seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    occurs = random.random(len(neighbours.terms)) < share
    indexed = occurs | (random.random(len(neighbours.terms)) < share)
    following = PresentNeighbours(neighbours, indexed, lambda term: bool(occurs[neighbours.places[term]]))
    rebuilt = PresentNeighbours(neighbours, occurs)
    for word in random.choice(neighbours.terms, 20).tolist():
        assert following.of(word) == rebuilt.of(word)


def test_the_lexicon_has_them(lexicon: Lexicon) -> None:
    assert lexicon.neighbours is lexicon.neighbours
