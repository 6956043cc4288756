"""The reader: a file of any format to Documents, and a Refusal for each part that cannot be kept."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO

from retrieval.formats import html, markdown
from retrieval.formats.export_body import GROUP, is_body, parse_statements
from retrieval.formats.jsonl import parse_lines
from retrieval.formats.problem_texts import describe
from retrieval.formats.text_lines import MAX_LINE_BYTES, Line, MalformedError, read_lines
from retrieval.model.documents import BEIJING, Document
from retrieval.model.factory import build_document, to_beijing_minute
from retrieval.model.problem import Problem

WHOLE_FILE_PROBLEMS = ("no-export", "binary", "empty")  # nothing of the file was read
MAX_EXPORT_LINES = 500_000  # which are held in memory; 20 MB of export have 40,000

OUTLET_LINE = re.compile(r"(.{0,60}?)\s?[·・•‧∙⋅]\s?(\d{4}-\d{1,2}-\d{1,2}) (\d{1,2}:\d\d)(?::\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something left out; the problem says what was expected and what to do."""

    file: str
    line: int
    problem: Problem

    @property
    def message(self) -> str:
        """In English."""
        return describe(self.problem)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def read(path: Path, topic: str = "") -> Iterator[Document | Refusal]:
    """The documents of one file, in its order; `topic` is for pages and for Markdown that names none."""
    try:
        with path.open("rb") as stream:
            yield from parse(stream, str(path), topic)
    except OSError as error:
        yield Refusal(str(path), 1, Problem.of("unreadable", error=str(error.strerror)))


def parse(stream: BinaryIO, file: str, topic: str = "") -> Iterator[Document | Refusal]:
    """As `read`, from a seekable stream. The suffix of `file` tells the format, else a leading '{' means JSON Lines."""
    if parser := SINGLE_DOCUMENT_PARSERS.get(Path(file).suffix.lower()):
        try:
            yield parser(stream, topic)
        except MalformedError as problem:
            yield Refusal(file, problem.line, problem.problem)
        return
    if b"\x00" in stream.read(8192):
        yield Refusal(file, 1, Problem("binary"))
        return
    stream.seek(0)
    first = next(read_lines(stream), None)
    stream.seek(0)
    if first is None:
        yield Refusal(file, 1, Problem("empty"))
    else:
        as_json = file.endswith(".jsonl") or first.text.startswith("{")
        lines = () if as_json else _export_lines(stream)
        if lines and not any(line.problem or line.text == "Search documents" for line in lines):
            yield Refusal(file, lines[0].number, Problem("no-export"))
            return
        for found in parse_lines(read_lines(stream)) if as_json else parse_export(lines):
            yield Refusal(file, found.line, found.problem) if isinstance(found, MalformedError) else found


def _export_lines(stream: BinaryIO) -> Sequence[Line]:
    lines = list(islice(read_lines(stream), MAX_EXPORT_LINES + 1))
    if len(lines) > MAX_EXPORT_LINES:
        return [Line(1, "", Problem.of("many-lines", lines=MAX_EXPORT_LINES))]
    return lines


def _markdown(stream: BinaryIO, topic: str) -> Document:
    return markdown.parse_document(stream.read(markdown.MAX_MARKDOWN_BYTES + 1), topic)


def _page(stream: BinaryIO, topic: str) -> Document:
    return html.parse_page(stream.read(html.MAX_PAGE_BYTES + 1), "", topic)


SINGLE_DOCUMENT_PARSERS = {".md": _markdown, ".markdown": _markdown, ".html": _page, ".htm": _page}


def is_readable(path: Path, topic: str) -> bool:
    """Whether a file found in a folder is meant to be read: not a README, nor a page without a topic."""
    suffix = path.suffix.lower()
    if suffix in (".md", ".markdown"):
        with path.open("rb") as stream:
            return stream.read(8).lstrip(b"\xef\xbb\xbf\r\n").startswith(b"---")
    return suffix in (".txt", ".jsonl") or (bool(topic) and suffix in SINGLE_DOCUMENT_PARSERS)


def parse_export(lines: Sequence[Line]) -> Iterator[Document | MalformedError]:
    for topic, block in split_blocks(lines):
        if isinstance(topic, MalformedError):
            yield topic
        else:
            yield from parse_documents(topic, block)


def split_blocks(lines: Sequence[Line]) -> Iterator[tuple[str | MalformedError, Sequence[Line]]]:
    """The topics of joined exports, each with its lines; lines under a broken header come with an error instead."""
    heads: list[tuple[int, int, str | MalformedError]] = []
    kept = list(lines)
    for i, line in enumerate(lines):
        if line.text != "Search documents":
            continue
        first, topic, icon = ((Line(0, ""),) * 3 + tuple(lines[max(0, i - 3) : i]))[-3:]
        if first.text.endswith("Workflow") and icon.text == "icon" and not topic.problem:
            # exports end without a newline: where two were joined, a body runs into the next 'Workflow'
            body = first.text.removesuffix("Workflow")
            kept[i - 3] = replace(first, text=body)
            heads.append((i - 2 if body else i - 3, i + 1, topic.text))
        else:
            begin = next((k for k in range(i - 1, max(-1, i - 4), -1) if lines[k].text == "Workflow"), i)
            what = topic.problem or Problem("header-topic-missing")
            number = topic.number if topic.problem else lines[begin].number
            heads.append((begin, i + 1, MalformedError(number, Problem.of("header", problem=what))))
    if not heads or heads[0][0] > 0:
        yield MalformedError(lines[0].number, lines[0].problem or Problem("no-header")), ()
    for (_, begin, name), (end, _, _) in pairwise([*heads, (len(kept), 0, "")]):
        yield name, kept[begin:end]


def parse_documents(topic: str, lines: Sequence[Line]) -> Iterator[Document | MalformedError]:
    """A document is a title, an 'Outlet· date' line and a body; an error skips to the next such line."""
    stamps = [i for i, line in enumerate(lines) if OUTLET_LINE.fullmatch(line.text)]
    if not stamps or stamps[0] > 1:
        number = lines[0].number if lines else 1
        yield MalformedError(number, unexpected_lines(lines[: stamps[0] - 1] if stamps else lines))
    taken = -1  # the last line of the document before
    for here, following in pairwise([*stamps, len(lines) + 1]):
        end = following - 1
        if end == here + 1 < len(lines) and is_body(lines[end].text):
            end += 1  # the only line between two stamps is this one's body: the next one's title is missing
        title = lines[here - 1] if here - 1 > taken else Line(lines[here].number, "", Problem("title-missing"))
        body, extra = join_body(lines[here + 1 : end])
        taken = max(here, end - 1)
        try:
            yield parse_block(topic, title, lines[here], body)
        except MalformedError as problem:
            yield problem
        if extra:
            yield MalformedError(extra[0].number, unexpected_lines(extra))


def unexpected_lines(lines: Sequence[Line]) -> Problem:
    return next((line.problem for line in lines if line.problem), Problem("unexpected-lines"))


def join_body(lines: Sequence[Line]) -> tuple[Line, Sequence[Line]]:
    """A body with the lines that continue it, by a dash or a group, and the lines that do not."""
    if not lines:
        return Line(0, "", Problem("body-missing")), ()
    end, length = 1, len(lines[0].text)
    while end < len(lines) and (lines[end].text.startswith("- ") or GROUP.match(lines[end].text)):
        length += len(lines[end].text) + 1
        end += 1
    if length > MAX_LINE_BYTES:
        return replace(lines[0], text="", problem=Problem("body-long")), lines[end:]
    return replace(lines[0], text=" ".join(line.text for line in lines[:end])), lines[end:]


def parse_block(topic: str, title: Line, stamp: Line, body: Line) -> Document:
    for line in (title, body):
        if line.problem:
            raise MalformedError(line.number or stamp.number, line.problem)
    match = OUTLET_LINE.fullmatch(stamp.text)
    if not match or not match[1]:
        raise MalformedError(stamp.number, Problem("outlet-missing"))
    try:
        published = to_beijing_minute(
            datetime.strptime(f"{match[2]} {match[3]}", "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
        )
    except ValueError:
        raise MalformedError(stamp.number, Problem.of("no-such-time", time=f"{match[2]} {match[3]}")) from None
    found = build_document((title.text, match[1], topic), published, None, parse_statements(body.text))
    if not found.points:
        raise MalformedError(body.number, Problem("body-pointless"))
    return found


def find_files(paths: Sequence[Path], topic: str) -> tuple[list[Path], int]:
    """The files to read, in order, and how many others were passed over."""
    found = [file for path in paths for file in _below(path)]
    taken = [file for file in dict.fromkeys(found) if file in paths or is_readable(file, topic)]
    return taken, len(set(found)) - len(taken)


def _below(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file() and not _hidden(file.relative_to(path)))
    else:
        yield path


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
