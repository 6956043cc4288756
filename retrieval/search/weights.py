"""The learned weights of the order and the verdict: read from weights.toml, which benchmarks/learn.py makes."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Self

import numpy as np

from retrieval.index.postings import FloatArray


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights by feature; unnamed features have weight 0. `bias` is the verdict's.

    From the probability `answer` on a result is an answer; below `maybe` nothing is worth showing.
    """

    order: Mapping[str, float]
    verdict: Mapping[str, float]
    bias: float
    answer: float
    maybe: float

    @classmethod
    def read(cls, table: Mapping[str, Mapping[str, float]]) -> Self:
        verdict = dict(table["verdict"])
        bias = verdict.pop("bias")
        return cls(table["order"], verdict, bias, table["threshold"]["answer"], table["threshold"]["maybe"])


@dataclass(frozen=True, slots=True)
class LearnedWeights:
    """For search by words alone, and for search by words and meaning."""

    words: Weights
    meaning: Weights

    @classmethod
    def parse(cls, text: str) -> Self:
        tables = tomllib.loads(text)
        return cls(Weights.read(tables["words"]), Weights.read(tables["meaning"]))


@lru_cache(1)
def load_weights() -> LearnedWeights:
    return LearnedWeights.parse(files("retrieval.search").joinpath("weights.toml").read_text("utf-8"))


def weighted_sums(table: FloatArray, names: Sequence[str], weights: Mapping[str, float]) -> FloatArray:
    """The weighted sum of each row, with `names` for columns; equal rows have equal sums, to the last bit."""
    return np.asarray((table * [weights.get(name, 0.0) for name in names]).sum(axis=1), np.float64)
