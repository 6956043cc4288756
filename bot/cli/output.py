"""The formats for scripts: lines of standard input, and results as JSON, tab-separated lines or tables."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from typing import BinaryIO

from bot.render.html import replace_surrogates, single_line
from retrieval.evaluation.gold_questions import RecallRow, VerdictShares
from retrieval.evaluation.self_check import CheckRow
from retrieval.model.documents import BEIJING, Document
from retrieval.model.outlets import Link
from retrieval.model.results import Hit, Result

MAX_PIPED_LINE_BYTES = 1 << 20  # far more than is read of a question

LinksOf = Callable[[Document], Iterable[Link]]


def piped_lines(stream: BinaryIO) -> Iterator[str]:
    """Lines without line ends, cut to MAX_PIPED_LINE_BYTES; invalid UTF-8 becomes U+FFFD."""
    while start := stream.readline(MAX_PIPED_LINE_BYTES):
        rest = start
        while not rest.endswith(b"\n") and (rest := stream.readline(MAX_PIPED_LINE_BYTES)):
            pass
        yield start.decode("utf-8-sig", "replace").rstrip("\r\n")


def json_line(result: Result, links: LinksOf) -> str:
    """One line of `zhidian search --json`; scripts rely on its keys."""
    line = json.dumps(
        {
            "question": result.question,
            "verdict": result.verdict,
            "confidence": round(result.confidence, 4),
            "missing": result.missing,
            "milliseconds": round(result.milliseconds, 2),
            "points": [_hit(hit, links) for hit in result.hits],
        },
        ensure_ascii=False,
    )
    return replace_surrogates(line)  # lone surrogates occur only inside JSON strings


def _hit(hit: Hit, links: LinksOf) -> dict[str, object]:
    point, document = hit.point, hit.document
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "point": point.id,
        "document": document.id,
        "text": point.text,
        "section": point.section,
        "citations": point.citations,
        "title": document.title,
        "outlet": {"name": document.outlet.name, "pinyin": document.outlet.pinyin, "english": document.outlet.english},
        "published": _when(document),
        "topic": document.topics[0] if document.topics else None,
        "topics": document.topics,
        "url": document.url,
        "links": [{"kind": link.kind, "url": link.url} for link in links(document)],
        "also": [
            {"title": other.title, "outlet": other.outlet.name, "published": _when(other), "document": other.id}
            for other in hit.also
        ],
    }


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
                _when(document),
                single_line(document.title),
                single_line(point.text),
                " ".join(f"¶{number}" for number in point.citations),
                point.id,
                document.id,
            )
        )


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


def _when(document: Document) -> str:
    return document.published.astimezone(BEIJING).isoformat()
