import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.language.han import has_han
from retrieval.language.lexicon import Lexicon
from retrieval.language.neighbours import MAX_NEIGHBOUR_WEIGHT, MAX_NEIGHBOURS, Neighbours
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
    assert near in dict(neighbours.of(word, everywhere))


def test_bounds(neighbours: Neighbours, everywhere: BoolArray) -> None:
    for word in neighbours.terms[::500]:
        found = neighbours.of(word, everywhere)
        weights = [weight for _, weight in found]
        assert weights == sorted(weights, reverse=True)
        assert all(0 < weight <= MAX_NEIGHBOUR_WEIGHT for weight in weights)
        assert word not in dict(found)
        for chinese in (True, False):
            assert sum(has_han(term) == chinese for term, _ in found) <= MAX_NEIGHBOURS


def test_only_what_a_corpus_has(neighbours: Neighbours, everywhere: BoolArray) -> None:
    only_subsidy = neighbours.hashes == np.uint64(hash_term("subsidi"))
    assert [*dict(neighbours.of("补贴", only_subsidy))] == ["subsidi"]
    assert neighbours.of("补贴", ~everywhere) == []
    assert neighbours.of("zeppelinfahrt", everywhere) == []


def test_the_lexicon_has_them(lexicon: Lexicon) -> None:
    assert lexicon.neighbours is lexicon.neighbours
