"""The formats for scripts."""

import re
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.output import MAX_LINE_RANGES, MAX_REASONS_PER_FILE, refusal_lines
from retrieval.formats.reader import Refusal
from retrieval.model.problem import Problem

REASONS = [Problem("points-missing"), Problem("json-deep"), Problem("url"), Problem("kind")]


def refused(file: str, *lines: int, why: Problem = REASONS[0]) -> list[Refusal]:
    return [Refusal(file, line, why) for line in lines]


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        ([4], ""),
        ([4, 5], " (and 1 more: line 5)"),
        ([*range(1, 1001)], " (and 999 more: lines 2-1000)"),
        ([1, 7, 9, 10, 12], " (and 4 more: lines 7, 9-10, 12)"),
    ],
)
def test_a_reason_is_told_once_with_all_its_lines(lines: list[int], more: str) -> None:
    [only] = refused("a.jsonl", lines[0])
    assert list(refusal_lines(refused("a.jsonl", *lines))) == [f"{only}{more}"]


def test_of_very_many_reasons_and_lines_some_are_told() -> None:
    many = [Problem.of("no-json", error=f"mistake {n}") for n in range(200)]
    told = list(refusal_lines([one for n, why in enumerate(many) for one in refused("a.jsonl", 2 * n, why=why)]))
    assert len(told) == MAX_REASONS_PER_FILE + 1
    assert told[-1].startswith(f"a.jsonl: {200 - MAX_REASONS_PER_FILE} more for other reasons: lines 20, 22, ")
    assert told[-1].endswith(", …")


FEW_LINES = st.lists(st.tuples(st.integers(1, 60), st.sampled_from(REASONS)), min_size=1, max_size=MAX_LINE_RANGES)


@given(st.lists(FEW_LINES))
def test_every_refused_line_is_named_with_its_reason(files: list[list[tuple[int, Problem]]]) -> None:
    refusals = [
        Refusal(f"file{n}", line, why)
        for n, lines in enumerate(files)
        for line, why in sorted(lines, key=itemgetter(0))
    ]
    named = []
    for told in refusal_lines(refusals):
        match = re.fullmatch(r"(file\d+):(\d+): (.*?)(?: \(and \d+ more: lines? (.*)\))?", told)
        assert match
        file, first, message, others = match.groups()
        spans = [span.partition("-") for span in others.split(", ")] if others else []
        lines = [int(first), *(n for start, _, end in spans for n in range(int(start), int(end or start) + 1))]
        named += [(file, line, message) for line in lines]
    assert sorted(named) == sorted((one.file, one.line, one.message) for one in refusals)
