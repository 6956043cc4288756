"""Words that mean nearly the same, in either language, as a sentence encoder found them (benchmarks/neighbours.py).

The words are CC-CEDICT's, jieba's and our glossaries', so the file is under CC BY-SA 4.0: see neighbours.LICENSE.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.language.term_hash import hash_term
from retrieval.language.tokenizer import has_han

STEP = 100  # steps of cosine in the file
MIN_COSINE = 0.5  # cosine from which a word is a neighbour; from 0.45 to 0.6 trials differed little
MAX_NEIGHBOURS = 8  # neighbours of each language, of those that a corpus has
WORTH = 0.6  # what the nearest that can be is worth against the word itself
FAR = 0.3  # the cosine at which a neighbour would be worth nothing
SAME_LANGUAGE = 0.5  # the share of that for a word of the same language: those stand side by side in the dictionary

Present = Callable[[NDArray[np.uint64]], NDArray[np.bool_]]


class Neighbour(NamedTuple):
    term: str
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """For each of `terms`, ascending, the `numbers` of the terms near it from `starts` on, nearest first."""

    terms: list[str]
    hashes: NDArray[np.uint64]
    chinese: NDArray[np.bool_]
    starts: NDArray[np.int64]
    numbers: NDArray[np.uint16]
    cosines: NDArray[np.uint8]
    places: dict[str, int]

    @classmethod
    def load(cls) -> Self:
        """Some 0.1 s and 12 MB."""
        with as_file(files("retrieval.language").joinpath("neighbours.npz")) as path, np.load(path) as saved:
            terms = saved["terms"].tobytes().decode().split("\n")
            starts = np.concatenate(([0], np.cumsum(saved["counts"], dtype=np.int64)))
            numbers, cosines = saved["numbers"], saved["cosines"]
        hashes = np.fromiter(map(hash_term, terms), np.uint64, len(terms))
        chinese = np.fromiter(map(has_han, terms), np.bool_, len(terms))
        return cls(terms, hashes, chinese, starts, numbers, cosines, {term: n for n, term in enumerate(terms)})

    def of(self, term: str, present: Present) -> tuple[Neighbour, ...]:
        """The nearest of those that occur, as `present` says of their hashes: MAX_NEIGHBOURS of each language."""
        if (place := self.places.get(term)) is None:
            return ()
        span = slice(self.starts[place], self.starts[place + 1])
        numbers, cosines = self.numbers[span].astype(np.intp), self.cosines[span] / STEP
        near = cosines >= MIN_COSINE
        numbers, cosines = numbers[near], cosines[near]
        there = present(self.hashes[numbers])
        numbers, cosines = numbers[there], cosines[there]
        chinese = self.chinese[numbers]
        kept = np.where(chinese, np.cumsum(chinese), np.cumsum(~chinese)) <= MAX_NEIGHBOURS
        weights = WORTH * (cosines - FAR) / (1 - FAR) * np.where(chinese == self.chinese[place], SAME_LANGUAGE, 1)
        found = map(Neighbour, (self.terms[n] for n in numbers[kept].tolist()), weights[kept].tolist())
        return tuple(sorted(found, key=lambda neighbour: (-neighbour.weight, neighbour.term)))
