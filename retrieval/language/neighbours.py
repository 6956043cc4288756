"""Neighbours: a word to words of nearly the same meaning in both languages, found by benchmarks/neighbours.py.

The words are CC-CEDICT's, jieba's and our glossaries', so the file is under CC BY-SA 4.0: see neighbours.LICENSE.
"""

from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.language.han import has_han
from retrieval.language.term_hash import hash_term

COSINE_SCALE = 100  # the file has cosines as whole hundredths
MIN_COSINE = 50  # hundredths, of a neighbour; from 45 to 60 trials differed little
MAX_NEIGHBOURS = 8  # of each language, of those that a corpus has
MAX_NEIGHBOUR_WEIGHT = 0.6  # at a cosine of 1
ZERO_WEIGHT_COSINE = 0.3  # the weight falls towards 0 at this cosine
SAME_LANGUAGE_SHARE = 0.5  # of the weight, for a word of the same language: the dictionary has most of these


class Neighbour(NamedTuple):
    term: str
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """For each of `terms`, ascending, the `numbers` of its neighbours from `starts` on, nearest first."""

    terms: list[str]
    hashes: NDArray[np.uint64]
    chinese: NDArray[np.bool_]
    starts: NDArray[np.int64]
    numbers: NDArray[np.uint16]
    cosines: NDArray[np.uint8]
    places: dict[str, int]

    @classmethod
    def load(cls) -> Self:
        """Takes some 0.1 s and 12 MB."""
        with as_file(files("retrieval.language").joinpath("neighbours.npz")) as path, np.load(path) as saved:
            terms = saved["terms"].tobytes().decode().split("\n")
            starts = np.concatenate(([0], np.cumsum(saved["counts"], dtype=np.int64)))
            numbers, cosines = saved["numbers"], saved["cosines"]
        hashes = np.fromiter(map(hash_term, terms), np.uint64, len(terms))
        chinese = np.fromiter(map(has_han, terms), np.bool_, len(terms))
        return cls(terms, hashes, chinese, starts, numbers, cosines, {term: n for n, term in enumerate(terms)})

    def of(self, term: str, present: NDArray[np.bool_]) -> tuple[Neighbour, ...]:
        """The nearest ones of the terms that are `present`: MAX_NEIGHBOURS of each language, best first."""
        if (place := self.places.get(term)) is None:
            return ()
        span = slice(self.starts.item(place), self.starts.item(place + 1))
        numbers, cosines = self.numbers[span], self.cosines[span]
        near = np.flatnonzero(present.take(numbers) & (cosines >= MIN_COSINE))
        same = self.chinese.take(numbers := numbers.take(near)) == self.chinese.item(place)
        found: list[tuple[float, str]] = []
        left = [MAX_NEIGHBOURS, MAX_NEIGHBOURS]
        for number, cosine, is_same in zip(numbers.tolist(), cosines.take(near).tolist(), same.tolist(), strict=True):
            if left[is_same]:
                left[is_same] -= 1
                weight = MAX_NEIGHBOUR_WEIGHT * (cosine / COSINE_SCALE - ZERO_WEIGHT_COSINE) / (1 - ZERO_WEIGHT_COSINE)
                found.append((-weight * (SAME_LANGUAGE_SHARE if is_same else 1.0), self.terms[number]))
        return tuple(Neighbour(term, -weight) for weight, term in sorted(found))
