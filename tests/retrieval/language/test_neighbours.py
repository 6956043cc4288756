import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.language.han import has_han
from retrieval.language.lexicon import Lexicon
from retrieval.language.neighbours import MAX_NEIGHBOUR_WEIGHT, MAX_NEIGHBOURS, Neighbours
from retrieval.language.term_hash import hash_term


@pytest.fixture(scope="module")
def neighbours() -> Neighbours:
    return Neighbours.load()


def everywhere(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    return np.ones(len(hashes), np.bool_)


@pytest.mark.parametrize(("word", "near"), [("补贴", "subsidi"), ("subsidi", "补贴"), ("债券", "bond")])
def test_either_language(neighbours: Neighbours, word: str, near: str) -> None:
    assert near in [neighbour.term for neighbour in neighbours.of(word, everywhere)]


def test_bounds(neighbours: Neighbours) -> None:
    for word in neighbours.terms[::500]:
        found = neighbours.of(word, everywhere)
        weights = [neighbour.weight for neighbour in found]
        assert weights == sorted(weights, reverse=True)
        assert all(0 < weight <= MAX_NEIGHBOUR_WEIGHT for weight in weights)
        assert word not in [neighbour.term for neighbour in found]
        for chinese in (True, False):
            assert sum(has_han(neighbour.term) == chinese for neighbour in found) <= MAX_NEIGHBOURS


def test_only_what_a_corpus_has(neighbours: Neighbours) -> None:
    def only_subsidy(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        return np.asarray(hashes == np.uint64(hash_term("subsidi")), np.bool_)

    assert [neighbour.term for neighbour in neighbours.of("补贴", only_subsidy)] == ["subsidi"]
    assert neighbours.of("补贴", lambda hashes: ~everywhere(hashes)) == ()
    assert neighbours.of("zeppelinfahrt", everywhere) == ()


def test_the_lexicon_has_them(lexicon: Lexicon) -> None:
    assert lexicon.neighbours is lexicon.neighbours
