"""The formats for scripts: lines of standard input, and results as JSON, tab-separated lines or tables."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from itertools import groupby
from operator import attrgetter
from typing import BinaryIO

from bot.render.html import replace_surrogates, single_line
from retrieval.evaluation.gold_questions import RecallRow, VerdictShares
from retrieval.evaluation.self_check import CheckRow
from retrieval.formats.reader import Refusal
from retrieval.model.json_contract import DocumentLinkMaker, published_text, result_json
from retrieval.model.results import Result

MAX_PIPED_LINE_BYTES = 1 << 20  # far more than is read of a question
MAX_REASONS_PER_FILE = 10
MAX_LINE_RANGES = 20  # that are named


def piped_lines(stream: BinaryIO) -> Iterator[str]:
    """Lines without line ends, cut to MAX_PIPED_LINE_BYTES; invalid UTF-8 becomes U+FFFD."""
    while start := stream.readline(MAX_PIPED_LINE_BYTES):
        rest = start
        while not rest.endswith(b"\n") and (rest := stream.readline(MAX_PIPED_LINE_BYTES)):
            pass
        yield start.decode("utf-8-sig", "replace").rstrip("\r\n")


def json_line(result: Result, links: DocumentLinkMaker) -> str:
    """One line of `zhidian search --json`; scripts rely on its keys."""
    line = json.dumps(result_json(result, links), ensure_ascii=False)
    return replace_surrogates(line)  # lone surrogates occur only inside JSON strings


def tab_lines(result: Result) -> Iterator[str]:
    """One line per point: verdict, rank, score, outlet, time, title, text, paragraphs, point id, document id."""
    for hit in result.hits:
        document, point = hit.document, hit.point
        yield "\t".join(
            (
                result.verdict,
                str(hit.rank),
                f"{hit.score:.4f}",
                single_line(document.outlet.name),
                published_text(document),
                single_line(document.title),
                single_line(point.text),
                " ".join(f"¶{number}" for number in point.citations),
                point.id,
                document.id,
            )
        )


def refusal_lines(refusals: Sequence[Refusal]) -> Iterator[str]:
    """A line for each reason in each file: a file of another kind is refused line by line, for one reason."""
    for file, group in groupby(refusals, key=attrgetter("file")):
        lines_of: dict[str, list[int]] = {}
        for refusal in group:
            lines_of.setdefault(refusal.message, []).append(refusal.line)
        reasons = list(lines_of.items())
        for message, [first, *others] in reasons[:MAX_REASONS_PER_FILE]:
            more = f" (and {len(others)} more: {_line_ranges(others)})" if others else ""
            yield f"{file}:{first}: {message}{more}"
        if rest := sorted(line for _, lines in reasons[MAX_REASONS_PER_FILE:] for line in lines):
            yield f"{file}: {len(rest)} more for other reasons: {_line_ranges(rest)}"


def _line_ranges(lines: Iterable[int]) -> str:
    """Such as 'lines 7-9, 12'."""
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line == ranges[-1][-1] + 1:
            ranges[-1][1:] = [line]
        else:
            ranges.append([line])
    named = ["-".join(map(str, one)) for one in ranges[:MAX_LINE_RANGES]]
    word = "lines" if len(ranges) > 1 or len(ranges[0]) > 1 else "line"
    return f"{word} {', '.join(named + ['…'] * (len(ranges) > MAX_LINE_RANGES))}"


def result_table(rows: Sequence[RecallRow] | Sequence[VerdictShares] | Sequence[CheckRow]) -> str:
    """Aligned columns; shares as 0.000."""
    names = {"questions": "n", "r1": "R@1", "r3": "R@3", "r10": "R@10", "mrr": "MRR"}
    cells = [[names.get(field.name, field.name) for field in fields(rows[0])]]
    cells += [[f"{value:.3f}" if isinstance(value, float) else str(value) for value in astuple(row)] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in cells
    )
