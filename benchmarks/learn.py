"""Learn the weights of the order and of the verdict, and say how well they do on questions they were not learned from.

    python -m benchmarks.learn --xquad FOLDER [--scratch FOLDER] [--write]

XQuAD's folder is not in the repository; the weights are made from it and from tests/quality, each counting the same.
Every figure called 'held out' is of weights that were learned without the set, and without its questions in the other
language. The same input gives the same weights.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.learning_report import print_order, print_reliability, print_verdict
from benchmarks.question_sets import NOW, QuestionSet, opened, quality_sets, xquad_sets
from benchmarks.regression import BoolArray, Candidates, FloatArray, logistic_regression, softmax_regression
from retrieval.evaluation.gold_questions import GoldQuestion
from retrieval.search.explanation import Explanation
from retrieval.search.features import FEATURE_NAMES, VERBATIM
from retrieval.search.weights import LearnedWeights, SureOrder, Weights
from retrieval.semantic.encoder import Encoder
from retrieval.semantic.loader import load_encoder

OUT = Path("retrieval/search/weights.toml")
POOL = 50  # candidates that the order is learned from
ORDER = (*FEATURE_NAMES, VERBATIM)
# not learned: hardly a question of the sets stands word for word in a point, and whoever asks so wants just that point.
# It changes none of the figures by more than 0.5 %.
GIVEN = {VERBATIM: 8.0}
NEVER_SURE = SureOrder(evidence=np.inf)  # the encoder is asked about every question: its weights are learned from all
RIDGE = {"order": 0.03, "verdict": 0.01}
# features of the verdict, and the sign that each must have: what is there never counts against, nor what lacks for
SIGNS = {
    "margin": 1,
    "evidence": 1,
    "evidence share": 1,
    "covered": 1,
    "words": 1,
    "absent": -1,
    "lacks": -1,
    "unanswered": -1,
    "answered": 1,
    "nearness": 1,
}
FALSE_ANSWERS = 0.075  # share of XQuAD's near misses that may pass for answers
NOTHING = 0.01  # share of the answerable questions over news that may be told that there is nothing
MIN_MAYBE = 0.007  # lower, and questions of made-up words are told 'perhaps'
Learned = dict[str, float]


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question as it was answered: the features of each candidate, and which are right; the first one's, for the
    verdict."""

    group: str
    name: str
    near: bool
    answerable: bool
    weight: float
    table: FloatArray
    right: BoolArray
    first: dict[str, float]

    @property
    def right_first(self) -> bool:
        return bool(len(self.right) and self.right[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--xquad", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "zhidian-learn")
    parser.add_argument("--write", action="store_true", help=f"write {OUT}")
    options = parser.parse_args()
    sets = [*quality_sets(options.scratch), *xquad_sets(options.xquad, options.scratch)]
    written = ""
    for mode in ("words", "meaning"):
        encoder = load_encoder("on", options.scratch / "cache") if mode == "meaning" else None
        weights = learn(mode, sets, options.scratch, encoder)
        written += _toml(mode, weights)
    print(written)
    if options.write:
        header = "# Made by benchmarks/learn.py; features: retrieval/search/features.py and confidence.py\n"
        OUT.write_text(header + written, "utf-8")


def learn(mode: str, sets: Sequence[QuestionSet], scratch: Path, encoder: Encoder | None) -> Weights:
    groups = list(dict.fromkeys(one.group for one in sets))
    start = Weights({"words": 1.0, "nearness": 0.6}, {}, 0.0, 0.5, 0.5)
    answered = [replace(one, unanswerable=()) for one in sets if one.answerable]
    candidates = [asked for one in answered for asked in ask(one, scratch, encoder, start, POOL)]
    order = learn_order(candidates)
    held_out = {group: learn_order([one for one in candidates if one.group != group]) for group in groups}
    print_order(mode, candidates, held_out, order)
    # what the verdict is learned from is put in order by weights that do not know the question either
    ordered = {group: Weights(weights, {}, 0.0, 0.5, 0.5) for group, weights in held_out.items()}
    first = [asked for one in sets for asked in ask(one, scratch, encoder, ordered[one.group], 2)]
    verdict, bias = learn_verdict(first)
    apart = {group: learn_verdict([one for one in first if one.group != group]) for group in groups}
    shipped = np.array([probability(one, verdict, bias) for one in first])
    answer, maybe = thresholds(first, shipped)
    print_verdict(f"{mode}, learned from all sets", first, shipped, answer, maybe)
    unknown = np.array([probability(one, *apart[one.group]) for one in first])
    print_verdict(f"{mode}, held out", first, unknown, answer, maybe)
    print_reliability(first, unknown)
    return Weights(order, verdict, bias, answer, maybe)


def ask(
    one: QuestionSet, scratch: Path, encoder: Encoder | None, weights: Weights, k: int
) -> Iterator[AnsweredQuestion]:
    """Every question of a set, answered with these weights."""
    learned = LearnedWeights(weights, weights, NEVER_SURE)
    with opened(one.sources, scratch, encoder) as library:
        for gold in (*one.answerable, *one.unanswerable):
            yield _asked(one, gold, library.explain(gold.question, k, now=NOW, weights=learned))


def _asked(one: QuestionSet, gold: GoldQuestion, explanation: Explanation) -> AnsweredQuestion:
    hits = [hit for hit in explanation.hits if hit.order]
    table = np.array([[hit.order.get(name, 0.0) for name in ORDER] for hit in hits]).reshape(-1, len(ORDER))
    right = [any(g in text for g in gold.gold for text in (hit.hit.point.text, *hit.hit.folded)) for hit in hits]
    first = dict(hits[0].verdict) if hits else {}
    answerable = bool(gold.gold)
    questions = one.answerable if answerable else one.unanswerable
    # each language pair of XQuAD is a quarter of a set, and the near misses of a fold are a fifth of their pair's
    share = (0.25 if one.group == "xquad" else 1.0) * (0.2 if one.near and one.group == "xquad" else 1.0)
    return AnsweredQuestion(
        one.group, one.name, one.near, answerable, share / len(questions), table, np.array(right, np.bool_), first
    )


def learn_order(asked: Sequence[AnsweredQuestion]) -> Learned:
    questions = [
        Candidates(one.table[:, : len(FEATURE_NAMES)], one.right, one.weight) for one in asked if one.right.any()
    ]
    positive = np.array([name != "length" for name in FEATURE_NAMES])
    return _named(FEATURE_NAMES, softmax_regression(questions, RIDGE["order"], positive)) | GIVEN


def learn_verdict(asked: Sequence[AnsweredQuestion]) -> tuple[Learned, float]:
    """That the first point is right: where there is an answer, and where there is none."""
    there = [one for one in asked if one.first]
    table = np.array([[one.first[name] for name in SIGNS] for one in there])
    right = np.array([one.answerable and one.right_first for one in there])
    counts = np.array([one.weight for one in there])
    weights, bias = logistic_regression(table, right, counts, RIDGE["verdict"], np.array(list(SIGNS.values())))
    return _named(tuple(SIGNS), weights), bias


def probability(asked: AnsweredQuestion, weights: Learned, bias: float) -> float:
    total = bias + sum(weights[name] * asked.first.get(name, 0.0) for name in weights)
    return float(1 / (1 + np.exp(-total))) if asked.first else 0.0


def thresholds(asked: Sequence[AnsweredQuestion], probable: FloatArray) -> tuple[float, float]:
    """From which probability a result is an answer: where few near misses pass; and below which it is nothing."""
    near = np.array([one.near and one.group == "xquad" for one in asked])
    news = np.array([one.answerable and one.group != "xquad" for one in asked])
    answer = float(np.quantile(probable[near], 1 - FALSE_ANSWERS))
    nothing = float(np.quantile(probable[news], NOTHING))
    return round(answer, 3), round(max(nothing, MIN_MAYBE), 3)


def _named(names: Sequence[str], weights: FloatArray) -> Learned:
    return {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True) if round(weight, 3)}


def _toml(mode: str, weights: Weights) -> str:
    tables = {
        "order": weights.order,
        "verdict": {"bias": round(weights.bias, 3), **weights.verdict},
        "threshold": {"answer": weights.answer, "maybe": weights.maybe},
    }
    lines = []
    for table, values in tables.items():
        lines += [f"\n[{mode}.{table}]", *(f'"{name}" = {value}' for name, value in values.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
