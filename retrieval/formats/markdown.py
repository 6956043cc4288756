"""Markdown: front matter, headings and paragraphs to a Document's fields, sections and points."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from retrieval.formats.jsonl import build_from_fields, parse_time
from retrieval.formats.text_lines import MAX_LINE_BYTES, MalformedError, clean
from retrieval.model.documents import BEIJING, Document
from retrieval.model.factory import Statement
from retrieval.model.problem import Problem, ProblemError, problem_of

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_MARKDOWN_BYTES = 4 << 20
MAX_BLOCK_CHARS = 20_000  # without a blank line: marks that open and never close take quadratic time
FRONT_MATTER = re.compile(r"\s*---[ \t]*\r?\n(.{0,20000}?)\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def parse_document(body: bytes, topic: str = "") -> Document:
    """`topic` is for a file that names none. Raises MalformedError with the reason."""
    if len(body) > MAX_MARKDOWN_BYTES:
        raise MalformedError(1, Problem.of("file-large", megabytes=MAX_MARKDOWN_BYTES >> 20))
    try:
        written = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedError(1, Problem.of("file-no-utf8", byte=error.start + 1)) from None
    fields, content = _split_front_matter(written)
    try:
        found = build_from_fields({"topic": topic} | fields, _time(fields.get("published")), _statements(content))
    except (ValueError, OverflowError) as error:
        raise MalformedError(1, Problem.of("front-matter-field", problem=problem_of(error))) from None
    if not found.points:
        raise MalformedError(1, Problem("no-paragraph"))
    return found


def _split_front_matter(written: str) -> tuple[dict[str, object], str]:
    import yaml

    parts = FRONT_MATTER.match(written)
    if not parts:
        raise MalformedError(1, Problem("front-matter"))
    try:
        # all as strings: yaml would turn a time with an offset into UTC, and a date into another type
        found = yaml.load(parts[1], yaml.BaseLoader)  # noqa: S506  # makes strings, lists and dicts only
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 2
        raise MalformedError(line, Problem("front-matter-no-yaml")) from None
    if not isinstance(found, dict):
        raise MalformedError(1, Problem("front-matter"))
    return {str(name): value for name, value in found.items()}, written[parts.end() :]


def _time(written: object) -> datetime:
    if not isinstance(written, str):
        raise ProblemError(Problem("time-missing"))
    try:
        return datetime.combine(date.fromisoformat(written), time(), BEIJING)
    except ValueError:
        return parse_time(written)


def _statements(content: str) -> Iterator[Statement]:
    from markdown_it import MarkdownIt

    if any(len(block) > MAX_BLOCK_CHARS for block in re.split(r"\n[ \t]*\n", content)):
        raise MalformedError(1, Problem.of("paragraph-long", characters=MAX_BLOCK_CHARS))
    section, at = "", ""
    for token in MarkdownIt("commonmark", {"maxNesting": 20}).parse(content):
        if token.type in ("heading_open", "paragraph_open"):
            at = token.type
        elif token.type == "inline":
            text = clean(_plain_text(token))[:MAX_LINE_BYTES]
            if at == "heading_open":
                section = text
            elif text:
                yield section, text, ()


def _plain_text(token: "Token") -> str:
    """A paragraph without marks, addresses and pictures."""
    pieces = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            pieces.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            pieces.append(" ")
    return "".join(pieces)
