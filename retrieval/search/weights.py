"""The weights of the order and of the verdict, learned by benchmarks/learn.py."""

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
    """By the names of features; those that are not named weigh nothing.

    The verdict's `bias` is its value where all features are 0. A result is an answer from the probability `answer` on,
    and nothing worth showing below `maybe`.
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
    """For words alone, and for words with what points mean."""

    words: Weights
    meaning: Weights

    @classmethod
    def parse(cls, text: str) -> Self:
        tables = tomllib.loads(text)
        return cls(Weights.read(tables["words"]), Weights.read(tables["meaning"]))


@lru_cache(1)
def shipped() -> LearnedWeights:
    return LearnedWeights.parse(files("retrieval.search").joinpath("weights.toml").read_text("utf-8"))


def weighed(table: FloatArray, names: Sequence[str], weights: Mapping[str, float]) -> FloatArray:
    """The weighted sum of each row, whose columns are `names`: equal rows have equal sums wherever they stand."""
    return np.asarray((table * [weights.get(name, 0.0) for name in names]).sum(axis=1), np.float64)
