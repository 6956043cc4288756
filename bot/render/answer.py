"""An answered question as one message in Telegram's HTML, pure; always within Telegram's limits."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from bot.render.emphasis import annotations, find_emphasis
from bot.render.html import bold, clean, escape, link, paginate, quote, single_line, take_fitting, truncate, utf16_len
from bot.render.i18n import Language, Say, say_in
from bot.render.query_echo import excluded_and_phrases, outlet_name, render_days, render_echo
from retrieval.model.documents import BEIJING, Document, Point
from retrieval.model.outlets import Link
from retrieval.model.results import Hit, Match, Result, Topic

POINTS_SHOWN = 3  # on a page: what a phone shows without scrolling far
MOST_POINTS = 10  # that paging leads to: nobody looks further

# Longest parts, in UTF-16 units: a page of three points at these lengths still fits into one message.
FIRST_PAGE_CHARS = 1400
POINT_TEXT_CHARS = 450
MAX_TITLE_CHARS = 120
MAX_NAME_CHARS = 40
MAX_MISSING_WORDS = 8  # named as missing, and topics listed: more would bury the answer
MAX_ASKED_CHARS = 200  # of the question when it is said again

MAX_COPIED_CHARS = 256  # characters that a copy button takes
OLD_AFTER_DAYS = 90  # days after which an answer says its age

DocumentLinks = Callable[[Document], Iterable[Link]]


@dataclass(frozen=True, slots=True)
class RenderContext:
    """How one reader is answered: in which language, where their links lead, what day it is, and how briefly."""

    language: Language
    links: DocumentLinks
    today: date
    compact: bool = False

    @property
    def say(self) -> Say:
        return say_in(self.language)


@dataclass(frozen=True, slots=True)
class CorpusSummary:
    """What there was to be searched: for an answer that found nothing."""

    documents: int
    oldest: date | None
    newest: date | None
    topics: Sequence[Topic]


def render_answer(
    result: Result, style: RenderContext, searched: CorpusSummary, page: int = 0, inherited: bool = False
) -> str:
    """`inherited`: the question was completed from the one before it, and is said again so that one sees how."""
    heads = [
        escape(style.say("inherited", question=truncate(single_line(result.question), MAX_ASKED_CHARS)))
        if inherited
        else "",
        render_head(result, searched, style.say),
        render_echo(result, style.say),
    ]
    blocks = ["\n".join(filter(None, heads))]
    if result.verdict != "none":
        shown = on_page(result, page, style.compact)
        first = page == 0
        blocks += [
            _point(hit, style, result.question, FIRST_PAGE_CHARS if first else POINT_TEXT_CHARS)
            for hit in shown[: 1 if first else None]
        ]
        if first and shown[1:]:
            rest = (_point(hit, style, result.question, POINT_TEXT_CHARS) for hit in shown[1:])
            blocks.append(quote(list(take_fitting(rest, blocks))))
    return "\n\n".join(take_fitting(filter(None, blocks)))


def on_page(result: Result, page: int, short: bool) -> tuple[Hit, ...]:
    """The first page has one point when it is to be short; all others have POINTS."""
    first = 1 if short else POINTS_SHOWN
    start = 0 if page == 0 else first + (page - 1) * POINTS_SHOWN
    return result.hits[:MOST_POINTS][start : start + (first if page == 0 else POINTS_SHOWN)]


def render_pages(result: Result, short: bool) -> int:
    found = len(result.hits[:MOST_POINTS])
    first = 1 if short else POINTS_SHOWN
    return 1 if result.verdict == "none" else 1 + max(0, -(-(found - first) // POINTS_SHOWN))


def render_listing(result: Result, searched: CorpusSummary, style: RenderContext, points: int) -> list[str]:
    """A terminal's answer: all points, numbered, in as many messages as they take."""
    blocks = [block for block in (render_head(result, searched, style.say), render_echo(result, style.say)) if block]
    if result.verdict != "none":
        blocks += [
            f"{hit.rank}. {_point(hit, style, result.question, FIRST_PAGE_CHARS)}" for hit in result.hits[:points]
        ]
    return list(paginate(blocks))


def render_single(hit: Hit, question: str, style: RenderContext) -> str:
    """One point as a message that stands for itself, in somebody else's chat."""
    return _point(hit, style, question, FIRST_PAGE_CHARS)


def render_head(result: Result, searched: CorpusSummary, say: Say) -> str:
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
    days = render_days(searched.oldest, searched.newest, say)
    lines = [
        bold(say("none")),
        escape(say("none-searched", documents=searched.documents, days=days)),
        escape(say("none-nowhere", words=nowhere)) if nowhere else "",
        escape(excluded_and_phrases(result.reading, say)),
        escape(say("topics-there-are", topics=_topics(searched.topics, say))),
    ]
    return "\n".join(filter(None, lines))


def _point(hit: Hit, style: RenderContext, question: str, longest: int) -> str:
    text = mark_matches(hit.point, hit.matches, question, style, longest)
    lines = [
        " ".join([text, *map(escape, paragraph_numbers(hit.point, style.say))]),
        render_source(hit.document, style),
    ]
    # One outlet that printed it twice is no second witness.
    others = [document.outlet for document in hit.also if document.outlet.name != hit.document.outlet.name]
    if others:
        names = list(dict.fromkeys(outlet_name(outlet, style.language) for outlet in others))
        lines.append(escape(style.say("also", outlets=_list(names[:3], style.say))))
    return "\n".join(lines)


def mark_matches(point: Point, matches: Sequence[Match], question: str, style: RenderContext, longest: int) -> str:
    """The point's text with what answers in bold and, for a Chinese reader, what foreign words stand for."""
    text = truncate(point.text, longest)
    kept = len(text) if text == point.text else len(text) - 1  # spans end before the ellipsis
    inside = [match for match in matches if 0 <= match.start < match.end <= kept]
    spans = [span for span in find_emphasis(question, text, inside) if text[slice(*span)].strip()]
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
            yield escape(say("annotation", word=truncate(single_line(behind[end]), MAX_NAME_CHARS)))


def _spaced(text: str) -> str:
    """Every run of blanks as one space, those at the ends too: pieces are put side by side."""
    cleaned = clean(text)
    inner = " ".join(cleaned.split())
    if not inner:
        return " " if cleaned else ""
    return (" " if cleaned[0].isspace() else "") + inner + (" " if cleaned[-1].isspace() else "")


def render_source(document: Document, style: RenderContext) -> str:
    """Title, outlet, date, age and the way to the whole summary, on two lines."""
    addresses = {link.kind: link.url for link in style.links(document)}
    summary = style.say("link-summary", kind=document.kind)
    if "summary" in addresses:
        summary = link(summary, addresses["summary"])
    else:
        summary = escape(style.say("link-summary-typed", summary=summary, id=document.id))
    return f"{render_title(document, style)}\n{escape(render_date(document, style))} · {summary}"


def render_title(document: Document, style: RenderContext) -> str:
    """As a link: to the article or, said so, to a search for it."""
    addresses = {link.kind: link.url for link in style.links(document)}
    name = truncate(single_line(document.title), MAX_TITLE_CHARS)
    if "article" not in addresses and "search" in addresses:
        name = style.say("link-search", title=name)
    return link(name, addresses.get("article") or addresses.get("search"))


def render_date(document: Document, style: RenderContext) -> str:
    """Outlet, date and, for what is not of these days, the age; that it is the full text, where it is no summary."""
    published = document.published.astimezone(BEIJING).date()
    parts = [outlet_name(document.outlet, style.language), f"{published:%Y-%m-%d}"]
    if (days := (style.today - published).days) > OLD_AFTER_DAYS:
        months = round(days / 30.44)
        parts.append(
            style.say("age-months", months=months) if months < 24 else style.say("age-years", years=days // 365)
        )
    if document.kind == "full":
        parts.append(style.say("kind-full"))
    return " · ".join(parts)


def plain_citation(hit: Hit, style: RenderContext) -> str:
    """Point, outlet, date and title as plain text; a copy button takes 256 characters, of which the point gives way."""
    document = hit.document
    published = document.published.astimezone(BEIJING).date()
    name = truncate(single_line(document.title), 60)
    behind = style.say(
        "citation", outlet=outlet_name(document.outlet, style.language), date=f"{published:%Y-%m-%d}", title=name
    )
    return f"{truncate(single_line(hit.point.text), MAX_COPIED_CHARS - utf16_len(behind) - 1)} {behind}"


def paragraph_numbers(point: Point, say: Say) -> list[str]:
    """The paragraphs of the article that the point comes from: plain, never a link."""
    return [say("paragraph", number=str(number)) for number in point.citations[:MAX_MISSING_WORDS]]


def _topics(topics: Sequence[Topic], say: Say) -> str:
    return _list([truncate(single_line(topic.name), MAX_NAME_CHARS) for topic in topics], say)


def _words(words: Sequence[str], question: str, say: Say) -> str:
    """As they were written: the search knows them in small letters only."""
    written = [found[0] if (found := re.search(re.escape(word), question, re.I)) else word for word in words]
    return _list([say("in-quotes", word=truncate(single_line(word), MAX_NAME_CHARS)) for word in written], say)


def _list(names: Sequence[str], say: Say) -> str:
    return say("between-words").join(names[:MAX_MISSING_WORDS]) + (" …" if len(names) > MAX_MISSING_WORDS else "")
