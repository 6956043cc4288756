"""The regressions that the weights come from."""

import numpy as np
import pytest

from benchmarks.regression import Candidates, logistic_regression, softmax_regression

CHANCE = np.random.default_rng(7)


def questions(weights: list[float], count: int = 400) -> list[Candidates]:
    """The right candidate is drawn as the weights make it likely."""
    made = []
    for _ in range(count):
        table = CHANCE.normal(size=(10, len(weights)))
        likely = np.exp(table @ weights)
        right = np.zeros(10, np.bool_)
        right[CHANCE.choice(10, p=likely / likely.sum())] = True
        made.append(Candidates(table, right))
    return made


def test_softmax_finds_the_weights() -> None:
    learned = softmax_regression(questions([1.5, 0.5, 0.0]), 1e-4, np.zeros(3, np.bool_))
    assert learned == pytest.approx([1.5, 0.5, 0.0], abs=0.25)


def test_what_must_not_be_negative_is_not() -> None:
    asked = questions([1.0, -1.0])
    assert softmax_regression(asked, 1e-4, np.array([True, False]))[1] < -0.5
    learned = softmax_regression(asked, 1e-4, np.array([True, True]))
    assert learned[0] > 0
    assert learned[1] == 0


def test_logistic_finds_the_weights_and_keeps_the_signs() -> None:
    table = CHANCE.normal(size=(4000, 2))
    right = CHANCE.random(4000) < 1 / (1 + np.exp(-(1.0 * table[:, 0] - 2.0 * table[:, 1] + 0.5)))
    weights, bias = logistic_regression(table, right, np.ones(4000), 1e-5, np.array([1, -1]))
    assert [*weights, bias] == pytest.approx([1.0, -2.0, 0.5], abs=0.2)
    weights, _ = logistic_regression(table, right, np.ones(4000), 1e-5, np.array([1, 1]))
    assert weights[1] == 0


def test_the_same_twice() -> None:
    asked = questions([1.0, 0.3], 50)
    none = np.zeros(2, np.bool_)
    assert softmax_regression(asked, 0.01, none).tolist() == softmax_regression(asked, 0.01, none).tolist()
