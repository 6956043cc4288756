"""The two regressions behind the order and the verdict: Newton's method on convex losses, the same on every run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Loss = Callable[
    [FloatArray], tuple[float, FloatArray, FloatArray]
]  # of weights: the loss, its gradient and its Hessian
STEPS = 100
CLOSE = 1e-8  # change of the weights at which there is nothing left to learn
FAR = -1e9  # the logit of what is not there


@dataclass(frozen=True)
class Candidates:
    """One question's: a row of features each, whether each is right, and what the question counts for."""

    table: FloatArray
    right: BoolArray
    weight: float = 1.0


def softmax_regression(questions: Sequence[Candidates], ridge: float, positive: BoolArray) -> FloatArray:
    """Weights under which the right candidates are likeliest (ListNet; Cao et al. 2007), of features as they are.

    `ridge` pulls the weights of features of variance 1 towards 0. Those marked `positive` are not below 0.
    """
    useful = [question for question in questions if question.right.any()]
    scale = _scale(np.concatenate([question.table for question in useful]))
    longest = max(len(question.table) for question in useful)
    table = np.zeros((len(useful), longest, len(scale)))
    target, there = np.zeros(table.shape[:2]), np.zeros(table.shape[:2], np.bool_)
    for n, question in enumerate(useful):
        size = len(question.table)
        table[n, :size] = question.table / scale
        target[n, :size] = question.right / question.right.sum()
        there[n, :size] = True
    share = np.array([question.weight for question in useful])
    share /= share.sum()

    def loss(weights: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        logits = np.where(there, table @ weights, FAR)
        logits -= logits.max(axis=1, keepdims=True)
        total = np.log(np.exp(logits).sum(axis=1, keepdims=True))
        likely = np.exp(logits - total)
        value = share @ (target * (total - logits)).sum(axis=1) + ridge / 2 * weights @ weights
        gradient = np.einsum("q,qk,qkf->f", share, likely - target, table, optimize=True) + ridge * weights
        mean = np.einsum("qk,qkf->qf", likely, table)
        second = np.einsum("qk,qkf,qkg->fg", share[:, None] * likely, table, table, optimize=True)
        return float(value), gradient, second - (mean * share[:, None]).T @ mean + ridge * np.eye(len(weights))

    return _minimum(loss, positive) / scale


def logistic_regression(
    table: FloatArray, right: BoolArray, counts: FloatArray, ridge: float, signs: NDArray[np.int64]
) -> tuple[FloatArray, float]:
    """Weights and bias under which what is right is likeliest; a weight's sign is that of `signs`, 0 for either."""
    scale = _scale(table) * np.where(signs < 0, -1, 1)
    plain = np.column_stack([table / scale, np.ones(len(table))])
    share = counts / counts.sum()
    pull = ridge * np.append(np.ones(table.shape[1]), 0)

    def loss(weights: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        logits = plain @ weights
        likely = 1 / (1 + np.exp(-logits))
        value = share @ (np.logaddexp(0, logits) - right * logits) + pull @ weights**2 / 2
        hessian = (plain * (share * likely * (1 - likely))[:, None]).T @ plain + np.diag(pull)
        return float(value), pull * weights + plain.T @ (share * (likely - right)), hessian

    weights = _minimum(loss, np.append(signs != 0, False))
    return weights[:-1] / scale, float(weights[-1])


def _scale(table: FloatArray) -> FloatArray:
    deviation = table.std(axis=0)
    return np.where(deviation > 0, deviation, 1.0)


def _minimum(loss: Loss, positive: BoolArray) -> FloatArray:
    """Where the loss is least; of the weights that may not be negative, the worst offender is held at 0 in turn."""
    free = np.ones(len(positive), np.bool_)
    while True:
        weights = _newton(loss, free)
        wrong = np.where(positive & free, weights, 0)
        if wrong.min() >= 0:
            return weights
        free[np.argmin(wrong)] = False


def _newton(loss: Loss, free: BoolArray) -> FloatArray:
    weights = np.zeros(len(free))
    value, gradient, hessian = loss(weights)
    for _ in range(STEPS):
        step = np.zeros(len(free))
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        size = 1.0
        while loss(weights - size * step)[0] > value and size > CLOSE:
            size /= 2
        weights = weights - size * step
        value, gradient, hessian = loss(weights)
        if np.abs(size * step).max(initial=0) < CLOSE:
            break
    return weights
