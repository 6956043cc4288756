"""Neighbours: a word to words of nearly the same meaning in both languages, found by benchmarks/neighbours.py.

The words are CC-CEDICT's, jieba's and our glossaries', so the file is under CC BY-SA 4.0: see neighbours.LICENSE.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.language.han import has_han
from retrieval.language.term_hash import hash_term
from retrieval.runtime.kernels import Kernel

COSINE_SCALE = 100  # the file has cosines as whole hundredths
MIN_COSINE = 50  # hundredths, of a neighbour; from 45 to 60 trials differed little
MAX_NEIGHBOURS = 8  # of each language, of those that a corpus has
MAX_NEIGHBOUR_WEIGHT = 0.6  # at a cosine of 1
ZERO_WEIGHT_COSINE = 0.3  # the weight falls towards 0 at this cosine
SAME_LANGUAGE_SHARE = 0.5  # of the weight, for a word of the same language: the dictionary has most of these

_neighbours_present = Kernel(
    "int64_t neighbours_present(int32_t *found, double *found_weights, int64_t most, int32_t word,"
    " const int64_t *starts, const uint16_t *numbers, const uint8_t *cosines, const double *cosine_weights,"
    " const _Bool *chinese, const _Bool *present);"
)


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """For each of `terms`, ascending, the `numbers` of its neighbours from `starts` on, nearest first.

    `cosine_weights` has the weight by cosine of a neighbour of the other language, and of the same; 0 for none.
    """

    terms: list[str]
    hashes: NDArray[np.uint64]
    chinese: NDArray[np.bool_]
    starts: NDArray[np.int64]
    numbers: NDArray[np.uint16]
    cosines: NDArray[np.uint8]
    cosine_weights: NDArray[np.float64]
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
        weights = np.array([[_weight(cosine) * share for cosine in range(256)] for share in (1.0, SAME_LANGUAGE_SHARE)])
        places = {term: n for n, term in enumerate(terms)}
        return cls(terms, hashes, chinese, starts, numbers, cosines, weights, places)


class PresentNeighbours:
    """Of a word's neighbours those that are `present`, by their places in `neighbours.terms`, and of these those that
    `occurs`, which is slower: what it rules out makes room for the next nearest."""

    def __init__(
        self, neighbours: Neighbours, present: NDArray[np.bool_], occurs: Callable[[str], bool] | None = None
    ) -> None:
        self._terms, self._places = neighbours.terms, neighbours.places
        self._present, self._occurs = present, occurs
        self._neighbours_present = _neighbours_present.ending_with(
            *(neighbours.starts, neighbours.numbers, neighbours.cosines, neighbours.cosine_weights),
            *(neighbours.chinese, present),
        )

    def of(self, term: str) -> list[tuple[str, float]]:
        """The nearest ones with their weights, best first: MAX_NEIGHBOURS of each language."""
        if (place := self._places.get(term)) is None:
            return []
        found, weights = np.empty(2 * MAX_NEIGHBOURS, np.int32), np.empty(2 * MAX_NEIGHBOURS)
        while True:
            size = self._neighbours_present(found, weights, MAX_NEIGHBOURS, place)
            places = found[:size].tolist()
            terms = [self._terms[at] for at in places]
            gone = [at for at, other in zip(places, terms, strict=True) if self._occurs and not self._occurs(other)]
            if not gone:
                return list(zip(terms, weights[:size].tolist(), strict=True))
            self._present[gone] = False


def _weight(cosine: int) -> float:
    """Of a neighbour of the other language, by its cosine in hundredths."""
    if cosine < MIN_COSINE:
        return 0.0
    return MAX_NEIGHBOUR_WEIGHT * (cosine / COSINE_SCALE - ZERO_WEIGHT_COSINE) / (1 - ZERO_WEIGHT_COSINE)
