"""JSON Lines: a line of JSON to a Document, and a Document to such a line."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from retrieval.formats.text_lines import Line, MalformedError, clean
from retrieval.model.documents import BEIJING, Document
from retrieval.model.factory import Statement, build_document, to_beijing_minute
from retrieval.model.outlets import is_web
from retrieval.model.problem import Problem, ProblemError, problem_of


def parse_lines(lines: Iterable[Line]) -> Iterator[Document | MalformedError]:
    for line in lines:
        try:
            yield parse_document(line)
        except MalformedError as problem:
            yield problem


def parse_document(line: Line) -> Document:
    try:
        if line.problem:
            raise ProblemError(line.problem)
        fields = parse_mapping(json.loads(line.text), "line")
        points = fields.get("points")
        if not isinstance(points, list) or not points:
            raise ProblemError(Problem("points-missing"))
        statements = [parse_statement(parse_mapping(point, "point")) for point in points]
        return build_from_fields(fields, parse_time(parse_text(fields, "published")), statements)
    except RecursionError:
        raise MalformedError(line.number, Problem("json-deep")) from None
    except json.JSONDecodeError as error:
        raise MalformedError(line.number, Problem.of("no-json", error=error.msg)) from None
    except (ValueError, OverflowError) as error:
        raise MalformedError(line.number, problem_of(error)) from None


def build_from_fields(fields: dict[str, object], published: datetime, statements: Iterable[Statement]) -> Document:
    """ProblemError for a field that is missing or wrong; None in an optional one is as if it were left out."""
    names = (parse_text(fields, "title"), parse_text(fields, "outlet"), parse_text(fields, "topic"))
    url = fields.get("url")
    if url is not None and not (isinstance(url, str) and is_web(url)):
        raise ProblemError(Problem("url"))
    kind = _optional(fields, "kind", "summary")
    if kind not in ("summary", "full"):
        raise ProblemError(Problem("kind"))
    return build_document(names, to_beijing_minute(published), url, statements, kind)


def to_json(document: Document) -> str:
    """Reads back as the same document, except for topics after the first."""
    points = [
        {"section": point.section, "text": point.text, "citations": list(point.citations)} for point in document.points
    ]
    fields = {
        "title": document.title,
        "outlet": document.outlet.name,
        "published": document.published.isoformat(timespec="minutes"),
        "topic": document.topics[0],
        "url": document.url,
        "kind": document.kind,
        "points": points,
    }
    return json.dumps(fields, ensure_ascii=False)


def parse_statement(point: dict[str, object]) -> Statement:
    citations = _optional(point, "citations", [])
    if not isinstance(citations, list) or not all(type(n) is int and 0 <= n < 1_000_000 for n in citations):
        raise ProblemError(Problem("citations"))
    section = _optional(point, "section", "")
    if not isinstance(section, str):
        raise ProblemError(Problem("section"))
    return clean(section), parse_text(point, "text"), tuple(dict.fromkeys(citations))


def _optional(fields: dict[str, object], name: str, absent: object) -> object:
    value = fields.get(name)
    return absent if value is None else value


def parse_mapping(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ProblemError(Problem.of("no-object", what=what))
    return value


def parse_text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not (cleaned := clean(value)):
        raise ProblemError(Problem.of("text-missing", field=name))
    return cleaned


def parse_time(value: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise ProblemError(Problem.of("time-form", time=value[:40])) from None
    return time if time.tzinfo else time.replace(tzinfo=BEIJING)
