"""An answered question as one message in Telegram's HTML, pure; always within Telegram's limits."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from bot.render.emphasis import annotations, emphasised
from bot.render.html import bold, clean, cut, escape, fitting, line, link, pack, quote, units
from bot.render.i18n import Language, Say, say_in
from bot.render.query_echo import excluded_and_phrases, outlet_name, reading_line, span_of_days
from retrieval.model.documents import BEIJING, Document, Point
from retrieval.model.outlets import Link
from retrieval.model.results import Hit, Match, Result, Topic

POINTS = 3  # on a page: what a phone shows without scrolling far
MOST_POINTS = 10  # that paging leads to: nobody looks further

# Longest parts, in UTF-16 units: a page of three points at these lengths still fits into one message.
FIRST = 1400
TEXT = 450
TITLE = 120
NAME = 40
WORDS = 8  # named as missing, and topics listed: more would bury the answer
ASKED = 200  # of the question when it is said again

COPIED = 256  # characters that a copy button takes
OLD = 90  # days after which an answer says its age

Links = Callable[[Document], Iterable[Link]]


@dataclass(frozen=True, slots=True)
class Style:
    """How one reader is answered: in which language, where their links lead, what day it is, and how briefly."""

    language: Language
    links: Links
    today: date
    short: bool = False

    @property
    def say(self) -> Say:
        return say_in(self.language)


@dataclass(frozen=True, slots=True)
class Searched:
    """What there was to be searched: for an answer that found nothing."""

    documents: int
    oldest: date | None
    newest: date | None
    topics: Sequence[Topic]


def answer(result: Result, style: Style, searched: Searched, page: int = 0, inherited: bool = False) -> str:
    """`inherited`: the question was completed from the one before it, and is said again so that one sees how."""
    heads = [
        escape(style.say("inherited", question=cut(line(result.question), ASKED))) if inherited else "",
        head(result, searched, style.say),
        reading_line(result, style.say),
    ]
    blocks = ["\n".join(filter(None, heads))]
    if result.verdict != "none":
        shown = on_page(result, page, style.short)
        first = page == 0
        blocks += [
            _point(hit, style, result.question, FIRST if first else TEXT) for hit in shown[: 1 if first else None]
        ]
        if first and shown[1:]:
            rest = (_point(hit, style, result.question, TEXT) for hit in shown[1:])
            blocks.append(quote(list(fitting(rest, blocks))))
    return "\n\n".join(fitting(filter(None, blocks)))


def on_page(result: Result, page: int, short: bool) -> tuple[Hit, ...]:
    """The first page has one point when it is to be short; all others have POINTS."""
    first = 1 if short else POINTS
    start = 0 if page == 0 else first + (page - 1) * POINTS
    return result.hits[:MOST_POINTS][start : start + (first if page == 0 else POINTS)]


def pages(result: Result, short: bool) -> int:
    found = len(result.hits[:MOST_POINTS])
    first = 1 if short else POINTS
    return 1 if result.verdict == "none" else 1 + max(0, -(-(found - first) // POINTS))


def listing(result: Result, searched: Searched, style: Style, points: int) -> list[str]:
    """A terminal's answer: all points, numbered, in as many messages as they take."""
    blocks = [block for block in (head(result, searched, style.say), reading_line(result, style.say)) if block]
    if result.verdict != "none":
        blocks += [f"{hit.rank}. {_point(hit, style, result.question, FIRST)}" for hit in result.hits[:points]]
    return list(pack(blocks))


def single(hit: Hit, question: str, style: Style) -> str:
    """One point as a message that stands for itself, in somebody else's chat."""
    return _point(hit, style, question, FIRST)


def head(result: Result, searched: Searched, say: Say) -> str:
    """What comes before the points; nothing before an answer we stand by."""
    if result.verdict == "answer":
        return ""
    if result.verdict == "maybe":
        missing = _words(result.missing, result.question, say)
        if missing and set(result.missing) <= set(result.nowhere):
            return bold(say("maybe-nowhere", words=missing))
        return bold(say("maybe-missing", words=missing) if missing else say("maybe"))
    if not searched.documents:
        return escape(say("none-empty"))
    nowhere = _words(result.nowhere, result.question, say)
    days = span_of_days(searched.oldest, searched.newest, say)
    lines = [
        bold(say("none")),
        escape(say("none-searched", documents=searched.documents, days=days)),
        escape(say("none-nowhere", words=nowhere)) if nowhere else "",
        escape(excluded_and_phrases(result.reading, say)),
        escape(say("topics-there-are", topics=_topics(searched.topics, say))),
    ]
    return "\n".join(filter(None, lines))


def _point(hit: Hit, style: Style, question: str, longest: int) -> str:
    text = marked(hit.point, hit.matches, question, style, longest)
    lines = [" ".join([text, *map(escape, paragraphs(hit.point, style.say))]), source(hit.document, style)]
    # One outlet that printed it twice is no second witness.
    others = [document.outlet for document in hit.also if document.outlet.name != hit.document.outlet.name]
    if others:
        names = list(dict.fromkeys(outlet_name(outlet, style.language) for outlet in others))
        lines.append(escape(style.say("also", outlets=_list(names[:3], style.say))))
    return "\n".join(lines)


def marked(point: Point, matches: Sequence[Match], question: str, style: Style, longest: int) -> str:
    """The point's text with what answers in bold and, for a Chinese reader, what foreign words stand for."""
    text = cut(point.text, longest)
    kept = len(text) if text == point.text else len(text) - 1  # spans end before the ellipsis
    inside = [match for match in matches if 0 <= match.start < match.end <= kept]
    spans = [span for span in emphasised(question, text, inside) if text[slice(*span)].strip()]
    notes = annotations(inside, text) if style.language == "zh" else []
    return "".join(_pieces(text, spans, notes, style.say)).strip() or escape("…")


def _pieces(text: str, spans: Iterable[tuple[int, int]], notes: Sequence[tuple[int, str]], say: Say) -> Iterator[str]:
    behind = dict(notes)
    ends = {end for span in spans for end in span}
    strong = {at for start, end in spans for at in range(start, end)}
    borders = sorted({0, len(text), *ends, *behind})
    for start, end in pairwise(borders):
        piece = _spaced(text[start:end])
        yield f"<b>{escape(piece)}</b>" if start in strong and piece.strip() else escape(piece)
        if end in behind:
            yield escape(say("annotation", word=cut(line(behind[end]), NAME)))


def _spaced(text: str) -> str:
    """Every run of blanks as one space, those at the ends too: pieces are put side by side."""
    cleaned = clean(text)
    inner = " ".join(cleaned.split())
    if not inner:
        return " " if cleaned else ""
    return (" " if cleaned[0].isspace() else "") + inner + (" " if cleaned[-1].isspace() else "")


def source(document: Document, style: Style) -> str:
    """Title, outlet, date, age and the way to the whole summary, on two lines."""
    addresses = {link.kind: link.url for link in style.links(document)}
    summary = style.say("link-summary", kind=document.kind)
    if "summary" in addresses:
        summary = link(summary, addresses["summary"])
    else:
        summary = escape(style.say("link-summary-typed", summary=summary, id=document.id))
    return f"{title(document, style)}\n{escape(dated(document, style))} · {summary}"


def title(document: Document, style: Style) -> str:
    """As a link: to the article or, said so, to a search for it."""
    addresses = {link.kind: link.url for link in style.links(document)}
    name = cut(line(document.title), TITLE)
    if "article" not in addresses and "search" in addresses:
        name = style.say("link-search", title=name)
    return link(name, addresses.get("article") or addresses.get("search"))


def dated(document: Document, style: Style) -> str:
    """Outlet, date and, for what is not of these days, the age; that it is the full text, where it is no summary."""
    published = document.published.astimezone(BEIJING).date()
    parts = [outlet_name(document.outlet, style.language), f"{published:%Y-%m-%d}"]
    if (days := (style.today - published).days) > OLD:
        months = round(days / 30.44)
        parts.append(
            style.say("age-months", months=months) if months < 24 else style.say("age-years", years=days // 365)
        )
    if document.kind == "full":
        parts.append(style.say("kind-full"))
    return " · ".join(parts)


def citation(hit: Hit, style: Style) -> str:
    """Point, outlet, date and title as plain text; a copy button takes 256 characters, of which the point gives way."""
    document = hit.document
    published = document.published.astimezone(BEIJING).date()
    name = cut(line(document.title), 60)
    behind = style.say(
        "citation", outlet=outlet_name(document.outlet, style.language), date=f"{published:%Y-%m-%d}", title=name
    )
    return f"{cut(line(hit.point.text), COPIED - units(behind) - 1)} {behind}"


def paragraphs(point: Point, say: Say) -> list[str]:
    """The paragraphs of the article that the point comes from: plain, never a link."""
    return [say("paragraph", number=str(number)) for number in point.citations[:WORDS]]


def _topics(topics: Sequence[Topic], say: Say) -> str:
    return _list([cut(line(topic.name), NAME) for topic in topics], say)


def _words(words: Sequence[str], question: str, say: Say) -> str:
    """As they were written: the search knows them in small letters only."""
    written = [found[0] if (found := re.search(re.escape(word), question, re.I)) else word for word in words]
    return _list([say("in-quotes", word=cut(line(word), NAME)) for word in written], say)


def _list(names: Sequence[str], say: Say) -> str:
    return say("between-words").join(names[:WORDS]) + (" …" if len(names) > WORDS else "")
