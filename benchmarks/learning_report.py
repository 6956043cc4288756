"""What was learned, as tables: for benchmarks/retrieval.md."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.regression import FloatArray

if TYPE_CHECKING:
    from benchmarks.learn import AnsweredQuestion

DEPTHS = (1, 3, 10)
BINS = 5


def print_order(
    mode: str,
    asked: "Sequence[AnsweredQuestion]",
    held_out: Mapping[str, Mapping[str, float]],
    shipped: Mapping[str, float],
) -> None:
    """R@1 / R@3 / R@10 of each set."""
    from benchmarks.learn import ORDER

    print(f"\n## Order, {mode}\n\n| set | questions | as found | held out | all sets |\n|---|---|---|---|---|")
    for name, group in _sets(asked):
        weights = held_out[group[0].group]
        ways: list[list[int]] = [
            [_rank(one, None) for one in group],
            [_rank(one, np.array([weights.get(n, 0.0) for n in ORDER])) for one in group],
            [_rank(one, np.array([shipped.get(n, 0.0) for n in ORDER])) for one in group],
        ]
        print(f"| {name} | {len(group)} | {' | '.join(map(_recall, ways))} |")
    deviation = np.concatenate([one.table for one in asked]).std(axis=0)
    told = [f"{name} {shipped.get(name, 0) * size:.2f}" for name, size in zip(ORDER, deviation, strict=True)]
    print(f"\nWeights for features of variance 1: {', '.join(told)}")


def print_verdict(
    mode: str, asked: "Sequence[AnsweredQuestion]", probable: FloatArray, answer: float, maybe: float
) -> None:
    """Shares of 1: of the answerable questions but for the last column; at one threshold."""
    print(f"\n## Verdict, {mode}: answer from {answer}, nothing below {maybe}\n")
    print("| set | right first, answer | right and said | wrong and said | answerable, none | unanswerable, answer |")
    print("|---|---|---|---|---|---|")
    for name in dict.fromkeys(one.name for one in asked):
        at = [n for n, one in enumerate(asked) if one.name == name]
        there = np.array([asked[n].answerable for n in at])
        right = np.array([asked[n].right_first for n in at]) & there
        said, none = probable[at] >= answer, probable[at] < maybe
        shares = (said[right], (said & right)[there], (said & ~right)[there], none[there], said[~there])
        print(f"| {name} | {' | '.join(f'{share.mean():.3f}' if len(share) else '' for share in shares)} |")


def print_reliability(asked: "Sequence[AnsweredQuestion]", probable: FloatArray) -> None:
    """How many first points were right of those that were said to be with a probability, held out."""
    print("\n| probability | results | said on the average | right |\n|---|---|---|---|")
    right = np.array([one.answerable and one.right_first for one in asked])
    for n in range(BINS):
        at = (probable >= n / BINS) & (probable < (n + 1) / BINS + (n == BINS - 1))
        if at.any():
            means = f"{probable[at].mean():.2f} | {right[at].mean():.2f}"
            print(f"| {n / BINS:.1f} to {(n + 1) / BINS:.1f} | {at.sum()} | {means} |")


def _sets(asked: "Sequence[AnsweredQuestion]") -> "list[tuple[str, list[AnsweredQuestion]]]":
    return [(name, [one for one in asked if one.name == name]) for name in dict.fromkeys(one.name for one in asked)]


def _rank(one: "AnsweredQuestion", weights: FloatArray | None) -> int:
    """Of the first right candidate, from 1; a large number where there is none."""
    if not one.right.any():
        return 1000
    scores = -np.arange(len(one.right), dtype=np.float64) if weights is None else one.table @ weights
    return int((scores > scores[one.right].max()).sum()) + 1


def _recall(ranks: Sequence[int]) -> str:
    return " / ".join(f"{np.mean([rank <= depth for rank in ranks]):.3f}" for depth in DEPTHS)
