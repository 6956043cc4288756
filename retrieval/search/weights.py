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
class SureOrder:
    """From where on the order by words alone is sure, so that the encoder is not asked.

    The first point stands so far before the second and the fourth, as logarithms of their scores, and has so much of
    the question's rarity and evidence (0 to 1). Chosen on the first two sets of tests/quality, where no right point
    left the first three; shown on the third and on XQuAD: see benchmarks/retrieval.md.
    """

    lead: float = 0.5
    fourth_lead: float = 3.0
    rarity: float = 0.6
    evidence: float = 0.7


@dataclass(frozen=True, slots=True)
class LearnedWeights:
    """For search by words alone, and for search by words and meaning, which is for questions without a sure order."""

    words: Weights
    meaning: Weights
    sure: SureOrder = SureOrder()

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
