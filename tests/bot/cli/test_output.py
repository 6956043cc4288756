"""The formats for scripts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.output import MAX_LINE_RANGES, MAX_REASONS_PER_FILE, refusal_lines
from retrieval.formats.reader import Refusal
from retrieval.model.problem import Problem

NO_POINTS = Problem("points-missing")


def refused(file: str, lines: list[int]) -> list[Refusal]:
    return [Refusal(file, line, NO_POINTS) for line in lines]


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ([4], "a.jsonl:4: "),
        ([1, 2, 3, 4, 5, 9], "a.jsonl:9: "),
        ([1, 2, 3, 4, 5, 6, 7], "a.jsonl: 2 more refused, lines 6-7"),
        ([*range(1, 1001)], "a.jsonl: 995 more refused, lines 6-1000"),
        ([1, 2, 3, 4, 5, 7, 9, 10, 12], "a.jsonl: 4 more refused, lines 7, 9-10, 12"),
        ([*range(1, 200, 2)], "45, 47, 49, …"),
    ],
)
def test_of_many_refusals_the_first_are_told_and_where_the_others_are(lines: list[int], last: str) -> None:
    told = list(refusal_lines(refused("a.jsonl", lines)))
    assert last in told[-1]
    assert len(told) == min(len(lines), MAX_REASONS_PER_FILE + 1)


FEW_LINES = st.sets(st.integers(1, 60), min_size=1, max_size=MAX_REASONS_PER_FILE + MAX_LINE_RANGES)


@given(st.lists(st.tuples(st.sampled_from("ab"), FEW_LINES)))
def test_every_refused_line_is_named(files: list[tuple[str, set[int]]]) -> None:
    given_lines = [(f"{name}{n}", sorted(lines)) for n, (name, lines) in enumerate(files)]
    told = list(refusal_lines([one for file, lines in given_lines for one in refused(file, lines)]))
    for file, lines in given_lines:
        named: list[int] = []
        for line in told:
            if match := re.match(rf"{file}:(\d+): ", line):
                named.append(int(match[1]))
            elif match := re.match(rf"{file}: \d+ more refused, lines (.*)", line):
                for span in match[1].split(", "):
                    first, _, end = span.partition("-")
                    named += range(int(first), int(end or first) + 1)
        assert named == lines
