"""Files in, Documents out: the topic export and JSON Lines (design.md, 1). What cannot be kept comes out as a Refusal.

How the body of a topic export falls into points:
- ' - ' divides. It belongs to a point only where the text before it stopped in mid-sentence: it ends in neither
  citation nor stop, but in a comma, an open bracket or a word like 'of', or the dash stands between two figures, or
  a small letter follows it in a body that has citations. So a point without stop and citation still ends at its dash.
- A heading ends at a dash: 'Group 3: …' and well-known ones (Industry Trends) anywhere, '第三组：…' too; others
  in Title Case or in Chinese at the start of the body, or after a citation or stop.
- `[n]` leaves the text wherever it stands; a stop beside it stays: 'up 5% [1][2].' and 'up 5%.[1]' give 'up 5%.'.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from retrieval.documents import BEIJING, Document, Point, document_id, point_id
from retrieval.outlets import is_web, outlet

LINE = 1 << 20  # bytes of a line; the longest body seen has 7,000
YEARS = range(1900, 2200)  # beyond them a date is a slip, and some have no ISO form
HEADING = 200  # characters: what is longer is a point that happens to say 'Group 2'

STAMP = re.compile(r"(.{0,60}?)\s?[·・•‧∙⋅]\s?(\d{4}-\d{1,2}-\d{1,2}) (\d{1,2}:\d\d)(?::\d\d)?", re.ASCII)
CITATION = re.compile(r"\[\d{1,3}(?: ?[,，、] ?\d{1,3})*]")
CITATIONS = re.compile(rf"([.。!?！？]?) ?((?:{CITATION.pattern}(?: ?[,，]? ?(?=\[\d))?)+)([.。]?)")
SEPARATOR = re.compile(r"^- |(?: -)+(?: |$)|(?<=[].。!?！？”\"])- ")
ENDED = re.compile(r"""(?:\[[\d ,，、]+]|[.。!?！？;；…])["”'’)）]*$""")
DANGLING = re.compile(r"(?:[,，、:：(（\[“]|\w (?:of|to|at|by|from|with|and|or|the|an?|in|on|for|than|about|vs))$")
GROUP = re.compile(r"(?:(?<![A-Za-z])Group ?\d+|第[一二三四五六七八九十百\d]+(?:组|部分)) ?(?=$|[:：])")
KNOWN = re.compile(
    r"\b(?:(?:Core|Key|Main) (?:View|Viewpoint|Insight|Point|Finding|Takeaway)"
    r"|(?:Industry|Market|Company|Policy) (?:Trend|Insight|Dynamic|Outlook|Overview))s?$"
)
TITLE_CASE = re.compile(
    r"[A-Z\d][\w/&'’-]*"
    r"(?:,? (?:[A-Z\d(&][\w/&'’)-]*|of|and|the|in|for|to|on|from|with|an?|by|at|vs\.?|as|or|into)){0,9}:?"
)
CHINESE = re.compile(
    r"[一-鿿]{0,6}(?:观点|要点|看点|洞察|见解|趋势|动态|影响|分析|展望|前景|建议|风险|表现|概览|总结|背景)[:：]?"
)
LAST_END = re.compile(rf"""(?s:.*)(?:{CITATION.pattern} ?[.。;；]?|[。！？][”’）]?|(?<![A-Z])[.!?]["”')]? ) ?""")
UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was left out: the message says what was expected and what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class MalformedError(Exception):
    """Stays in this module: one document cannot be kept."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str
    problem: str = ""


def read(path: Path) -> Iterator[Document | Refusal]:
    """The documents of one file in its order; `.jsonl` is JSON Lines, as is any file that begins with '{'."""
    try:
        with path.open("rb") as stream:
            yield from parse(stream, str(path))
    except OSError as error:
        yield Refusal(str(path), 1, f"cannot be read: {error.strerror}")


def parse(stream: BinaryIO, file: str) -> Iterator[Document | Refusal]:
    """As `read`, of an open file that can seek; `file` is its name in refusals."""
    binary = b"\x00" in stream.read(8192)
    stream.seek(0)
    first = None if binary else next(lines(stream), None)
    stream.seek(0)
    if binary:
        yield Refusal(file, 1, "is a binary or UTF-16 file; expected UTF-8 text")
    elif first is None:
        yield Refusal(file, 1, "is empty; expected a topic export or JSON Lines")
    else:
        as_json = file.endswith(".jsonl") or first.text.startswith("{")
        for found in json_lines(lines(stream)) if as_json else topic_export(list(lines(stream))):
            yield Refusal(file, found.line, str(found)) if isinstance(found, MalformedError) else found


def lines(stream: BinaryIO) -> Iterator[Line]:
    """The lines that hold anything, cleaned; of a line past 1 MB and of undecodable ones only what is wrong."""
    number = 0
    while raw := stream.readline(LINE + 2):
        number += 1
        if len(raw.rstrip(b"\r\n")) > LINE:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LINE)
            yield Line(number, "", "the line is longer than 1 MB; a body or a JSON document must fit into that")
            continue
        try:
            text = clean((raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw).decode())
        except UnicodeDecodeError as error:
            yield Line(number, "", f"byte {error.start + 1} of the line is not UTF-8; save the file as UTF-8")
        else:
            if text:
                yield Line(number, text)


def clean(text: str) -> str:
    """One line of visible text: white space becomes single spaces, control characters and lone surrogates go."""
    return " ".join(UNSEEN.sub("", text).split())


def topic_export(lines: Sequence[Line]) -> Iterator[Document | MalformedError]:
    for topic, block in blocks(lines):
        if isinstance(topic, MalformedError):
            yield topic
        else:
            yield from documents(topic, block)


def blocks(lines: Sequence[Line]) -> Iterator[tuple[str | MalformedError, Sequence[Line]]]:
    """The topics of a file with the lines under their headers; a file may hold several exports, one after the other.

    Under a header that is not one nothing can be kept: a document needs a topic.
    """
    expected = "expected the four header lines Workflow, the topic, icon, Search documents"
    heads: list[tuple[int, int, str | MalformedError]] = []
    kept = list(lines)
    for i, line in enumerate(lines):
        if line.text != "Search documents":
            continue
        first, topic, icon = ((Line(0, ""),) * 3 + tuple(lines[max(0, i - 3) : i]))[-3:]
        if first.text.endswith("Workflow") and icon.text == "icon" and not topic.problem:
            # exports have no newline at their end: where two were joined, a body runs into the next 'Workflow'
            body = first.text.removesuffix("Workflow")
            kept[i - 3] = replace(first, text=body)
            heads.append((i - 2 if body else i - 3, i + 1, topic.text))
        else:
            begin = next((k for k in range(i - 1, max(-1, i - 4), -1) if lines[k].text == "Workflow"), i)
            what = topic.problem or "the topic's line may be missing; the documents below it are left out"
            heads.append((begin, i + 1, MalformedError(lines[begin].number, f"{expected}: {what}")))
    if not heads or heads[0][0] > 0:
        yield MalformedError(lines[0].number, lines[0].problem or f"{expected}; is this a topic export?"), ()
    for (_, begin, name), (end, _, _) in pairwise([*heads, (len(kept), 0, "")]):
        yield name, kept[begin:end]


def documents(topic: str, lines: Sequence[Line]) -> Iterator[Document | MalformedError]:
    """A document is a title, an 'Outlet· date' line and a body; what does not fit ends at the next such line."""
    stamps = [i for i, line in enumerate(lines) if STAMP.fullmatch(line.text)]
    if not stamps or stamps[0] > 1:
        number = lines[0].number if lines else 1
        yield MalformedError(number, stray(lines[: stamps[0] - 1] if stamps else lines))
    taken = -1  # the last line that an earlier document holds
    for here, following in pairwise([*stamps, len(lines) + 1]):
        end = following - 1
        if end == here + 1 < len(lines) and is_body(lines[end]):
            end += 1  # one line between two stamps, and it is this one's body: the next one's title is missing
        title = lines[here - 1] if here - 1 > taken else Line(lines[here].number, "", "a title is missing above")
        body, extra = whole(lines[here + 1 : end])
        taken = max(here, end - 1)
        try:
            yield document(topic, title, lines[here], body)
        except MalformedError as problem:
            yield problem
        if extra:
            yield MalformedError(extra[0].number, stray(extra))


def stray(lines: Sequence[Line]) -> str:
    problem = next((line.problem for line in lines if line.problem), "")
    return problem or "expected a title, a line 'Outlet· YYYY-MM-DD HH:MM' and a body on one line; mend or delete this"


def is_body(line: Line) -> bool:
    begin, *rest = SEPARATOR.split(line.text)
    return bool(CITATION.search(line.text) or (rest and heading(begin, first=True)[1]))


def whole(lines: Sequence[Line]) -> tuple[Line, Sequence[Line]]:
    """A body and what is none of it: lines that go on with a dash or a group belong to it."""
    body, *rest = lines or [Line(0, "", "the body is missing below the 'Outlet· date' line")]
    while rest and (rest[0].text.startswith("- ") or GROUP.match(rest[0].text)):
        body = replace(body, text=f"{body.text} {rest.pop(0).text}")
    return body, rest


def document(topic: str, title: Line, stamp: Line, body: Line) -> Document:
    for line in (title, body):
        if line.problem:
            raise MalformedError(line.number or stamp.number, line.problem)
    match = STAMP.fullmatch(stamp.text)
    if not match or not match[1]:
        raise MalformedError(stamp.number, "the outlet is missing; expected 'Outlet· YYYY-MM-DD HH:MM'")
    try:
        published = moment(datetime.strptime(f"{match[2]} {match[3]}", "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING))
    except ValueError:
        raise MalformedError(stamp.number, f"there is no {match[2]} {match[3]}; expected YYYY-MM-DD HH:MM") from None
    found = record((title.text, match[1], topic), published, None, statements(body.text))
    if not found.points:
        raise MalformedError(body.number, "the body holds no point; expected 'Core Viewpoint - a point [1]. …'")
    return found


Statement = tuple[str, str, tuple[int, ...]]  # section, text, citations


def record(
    names: tuple[str, str, str], published: datetime, url: str | None, statements: Iterable[Statement]
) -> Document:
    """`names` are title, outlet as printed and topic. A text that stands twice is one point: points are told by it."""
    title, printed, topic = names
    publisher = outlet(printed)
    id = document_id(publisher.name, title, published)
    points: dict[str, Point] = {}
    for section, text, citations in statements:
        points.setdefault(text, Point(point_id(id, text), text, section, citations))
    return Document(id, title, publisher, published, (topic,), url, tuple(points.values()))


def moment(time: datetime) -> datetime:
    """The minute in Beijing."""
    if time.year not in YEARS:
        raise ValueError(f"the year must lie between {YEARS.start} and {YEARS.stop - 1}")
    return time.astimezone(BEIJING).replace(second=0, microsecond=0)


def statements(body: str) -> Iterator[Statement]:
    pieces = SEPARATOR.split(body)
    cites = bool(CITATION.search(body))
    section = ""
    point: list[str] = []
    for i, piece in enumerate(pieces):
        if point and not goes_on(point[-1], piece, cites):
            yield from stated(section, point)
            point = []
        point.append(piece)
        rest, head = heading(piece, first=i == 0)
        if head and (i + 1 < len(pieces) or (GROUP.match(head) and ENDED.search(rest))):
            yield from stated(section, [*point[:-1], rest])
            section, point = head, []
    yield from stated(section, point)


def stated(section: str, parts: Sequence[str]) -> Iterator[Statement]:
    joined = " - ".join(parts)
    text = CITATIONS.sub(lambda match: match[1] or match[3], joined).strip()
    if any(map(str.isalnum, text)):
        numbers = (int(n) for run in CITATION.findall(joined) for n in re.findall(r"\d+", run))
        yield section, text, tuple(dict.fromkeys(numbers))


def goes_on(left: str, right: str, cites: bool) -> bool:
    """Whether the dash between two pieces stands inside a point."""
    if not left or not right or ENDED.search(left[-HEADING:]):
        return False
    figures = re.search(r"\d[%℃]?$", left[-3:]) and right[0].isdigit()
    bracketed = any(left.count(opening) > left.count(closing) for opening, closing in ("()", "（）", "“”"))
    return bool(
        DANGLING.search(left[-HEADING:]) or bracketed or figures or (cites and re.match(r"[a-z](?![A-Z])", right))
    )


def heading(piece: str, first: bool) -> tuple[str, str]:
    """What stands before a dash, cut where the heading begins that leads to it; '' where there is none."""
    begin = max((match.start() for match in GROUP.finditer(piece)), default=-1)
    if begin < 0 and (known := KNOWN.search(piece)):
        begin = known.start()
    if begin < 0:
        end = LAST_END.match(piece)
        start = end.end() if end else 0
        tail, opening = piece[start:], first and not end
        named = CHINESE.fullmatch(tail) or (TITLE_CASE.fullmatch(tail) and (opening or " " in tail))
        short = len(tail) <= 30 and tail.count(" ") < 4 and not re.search(r"\d", tail)
        if (end and named) or (opening and (named or short)):
            begin = start
    if begin < 0 or len(piece) - begin > HEADING or CITATION.search(piece, begin):
        return piece, ""
    return piece[:begin].rstrip(), piece[begin:].rstrip(" :：")


def json_lines(lines: Iterable[Line]) -> Iterator[Document | MalformedError]:
    for line in lines:
        try:
            yield json_document(line)
        except MalformedError as problem:
            yield problem


def json_document(line: Line) -> Document:
    try:
        if line.problem:
            raise ValueError(line.problem)
        fields = mapping(json.loads(line.text), "the line")
        published = moment(iso(text(fields, "published")))
        url = fields.get("url")
        if url is not None and not (isinstance(url, str) and is_web(url)):
            raise ValueError("'url' must be an http or https address, or be left out")
        points = fields.get("points")
        if not isinstance(points, list) or not points:
            raise ValueError("'points' must be a list of at least one point")
        names = (text(fields, "title"), text(fields, "outlet"), text(fields, "topic"))
        return record(names, published, url, [statement(mapping(point, "a point")) for point in points])
    except RecursionError:
        raise MalformedError(line.number, "the JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise MalformedError(line.number, f"is not JSON ({error.msg}); expected one document as an object") from None
    except (ValueError, OverflowError) as error:
        raise MalformedError(line.number, str(error)) from None


def statement(point: dict[str, object]) -> Statement:
    citations = point.get("citations", [])
    if not isinstance(citations, list) or not all(type(n) is int and 0 <= n < 1_000_000 for n in citations):
        raise ValueError("'citations' must be a list of paragraph numbers")
    section = point.get("section")
    if not isinstance(section, str):
        raise ValueError("'section' must be a string; '' where there is none")
    return clean(section), text(point, "text"), tuple(dict.fromkeys(citations))


def mapping(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be a JSON object")
    return value


def text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not (cleaned := clean(value)):
        raise ValueError(f"'{name}' must be a string that is not empty")
    return cleaned


def iso(value: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"'published' must be ISO 8601 like 2025-08-12T22:44+08:00, not '{value[:40]}'") from None
    return time if time.tzinfo else time.replace(tzinfo=BEIJING)
