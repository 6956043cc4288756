"""The output of `zhidian search --explain`: an explanation to tables for a terminal."""

import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.render.html import single_line
from retrieval.search.explanation import ExplainedHit, Explanation

TEXT_WIDTH = 28  # of the beginning of a point, in columns
PIPED_WIDTH = 160  # in columns, without a terminal

ExplanationRow = tuple[ExplainedHit, Mapping[str, float], str]


def print_explanation(explanation: Explanation) -> None:
    """A table for the order and one for the verdict: a row for each point, a column for each feature and its weight."""
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)
    result = explanation.result
    console.print(Text(f"{result.verdict}, confidence {result.confidence:.3f}"))
    if result.missing:
        console.print(Text(f"missing: {', '.join(result.missing)}"))
    if not explanation.weights or not explanation.hits:
        return
    weights, hits = explanation.weights, explanation.hits
    orders = [(hit, hit.order, f"{hit.hit.score:.3g}") for hit in hits]
    verdicts = [(hit, hit.verdict, f"{hit.probability:.3f}") for hit in hits]
    console.print(_table("order", "score", orders, weights.order))
    console.print(_table("verdict", "probability", verdicts, weights.verdict))
    limits = f"bias {weights.bias:g}; answer from {weights.answer:g}, maybe from {weights.maybe:g}"
    console.print(Text(f"verdict: {limits}", "dim"))


def _table(title: str, total: str, rows: Sequence[ExplanationRow], weights: Mapping[str, float]) -> Table:
    names = [name for name in weights if any(name in features for _, features, _ in rows)]
    table = Table(title=title, title_justify="left")
    table.add_column("")
    table.add_column("point", width=TEXT_WIDTH, no_wrap=True, overflow="ellipsis")
    for name in names:
        table.add_column(f"{name}\n{weights[name]:g}", justify="right")
    table.add_column(total, justify="right", style="bold")
    for hit, features, sum_ in rows:
        values = [f"{features[name]:.2f}" if name in features else "" for name in names]
        table.add_row(str(hit.hit.rank), Text(single_line(hit.hit.point.text)), *values, sum_)
    return table
