"""Answers: a search result goes in, messages in Telegram's HTML within Telegram's limits come out."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise, takewhile, zip_longest

from bot.render.elsewhere import elsewhere
from bot.render.html import (
    bold,
    clean,
    escape,
    italic,
    link,
    paginate,
    quote,
    single_line,
    take_fitting,
    truncate,
)
from bot.render.i18n import Language, Say, say_in
from bot.render.localized_name import ShownName, as_written
from bot.render.paragraphs import MAX_NAMES_LISTED, render_paragraphs
from bot.render.point_subject import bracketed_subject
from bot.render.query_echo import excluded_and_phrases, outlet_name, render_days, render_echo
from bot.render.translation import TranslatedLine, no_translation
from retrieval.model.documents import BEIJING, Document, Point
from retrieval.model.outlets import Link
from retrieval.model.results import Hit, Match, Result, Topic
from retrieval.search.direct_answer import find_answer
from retrieval.search.emphasis import CharSpan, annotations, find_emphasis
from web.addresses import Addresses

POINTS_SHOWN = 3  # on a page: what a phone shows without scrolling far
MOST_POINTS = 10  # that paging leads to: nobody looks further

# Limits in UTF-16 units: a page of three points at these lengths still fits into one message.
FIRST_POINT_CHARS = 1400
POINT_TEXT_CHARS = 450
MAX_TITLE_CHARS = 120
MAX_NAME_CHARS = 40
MAX_MISSING_NAMED = 2  # words that no point has
MAX_ASKED_CHARS = 200  # of a question that is repeated in its answer
OLD_AFTER_DAYS = 90  # after which an answer states its age

DocumentLinks = Callable[[Document], Iterable[Link]]


@dataclass(frozen=True, slots=True)
class RenderContext:
    """How one reader is answered; `compact` shows one point first, as in groups.

    `translated` gives the line below a text in another language; `named` a topic or heading with its name in the
    reader's; `numbered` puts [1] before the first point shown;
    `page` has the addresses of the public page, where there is one.
    """

    language: Language
    links: DocumentLinks
    today: date
    compact: bool = False
    translated: TranslatedLine = no_translation
    named: ShownName = as_written
    numbered: bool = False
    page: Addresses | None = None

    @property
    def say(self) -> Say:
        return say_in(self.language)

    @property
    def translates(self) -> bool:
        return self.translated is not no_translation

    def address(self, document: Document, kind: str) -> str | None:
        return self.addresses(document).get(kind)

    def addresses(self, document: Document) -> Mapping[str, str]:
        """By their kinds."""
        return {link.kind: link.url for link in self.links(document)}


@dataclass(frozen=True, slots=True)
class CorpusSummary:
    documents: int
    oldest: date | None
    newest: date | None
    topics: Sequence[Topic]


def render_answer(
    result: Result, style: RenderContext, searched: CorpusSummary, page: int = 0, inherited: bool = False
) -> str:
    """`inherited`: the question was completed from the one before it, so the answer repeats it."""
    repeated = style.say("inherited", question=truncate(single_line(result.question), MAX_ASKED_CHARS))
    heads = [escape(repeated) if inherited else "", _verdict(result, searched, style)]
    heads.append(render_echo(result, style.say, style.named))
    blocks = ["\n".join(filter(None, heads))]
    hits = hits_on_page(result, page, style.compact) if result.verdict != "none" else ()
    if page:
        blocks += [_numbered(block, n, style) for n, block in enumerate(_points(hits, style), 1)]
    elif hits:
        value = find_answer(result)
        first = _numbered(_point(hits[0], style, FIRST_POINT_CHARS, value, result.question), 1, style)
        blocks.append(f"{bold(single_line(hits[0].point.text[slice(*value)]))}\n{first}" if value else first)
        blocks.append(missing_note(result, style))
        others = (_numbered(block, n, style) for n, block in enumerate(_points(hits[1:], style, hits[0].document), 2))
        blocks.append(quote(list(take_fitting(others, blocks))))
    return "\n\n".join(take_fitting(filter(None, blocks)))


def hits_on_page(result: Result, page: int, compact: bool) -> tuple[Hit, ...]:
    """The first page has one point when `compact`, else those near the first one; every other page POINTS_SHOWN."""
    first = _count_first(result, compact)
    start = 0 if page == 0 else first + (page - 1) * POINTS_SHOWN
    return result.hits[:MOST_POINTS][start : start + (first if page == 0 else POINTS_SHOWN)]


def most_shown(page: int) -> int:
    """At most how many hits stand on that page and on those before it."""
    return min((page + 1) * POINTS_SHOWN, MOST_POINTS)


def count_pages(result: Result, compact: bool) -> int:
    further = len(result.hits[:MOST_POINTS]) - _count_first(result, compact)
    return 1 if result.verdict == "none" else 1 + max(0, -(-further // POINTS_SHOWN))


def _count_first(result: Result, compact: bool) -> int:
    return 1 if compact else len(list(takewhile(lambda hit: hit.near, result.hits[:POINTS_SHOWN]))) or 1


def render_listing(result: Result, searched: CorpusSummary, style: RenderContext, points: int) -> list[str]:
    """All points numbered, for a terminal, in as many messages as they take."""
    heads = _verdict(result, searched, style), render_echo(result, style.say, style.named)
    blocks = [block for block in heads if block]
    if result.verdict != "none":
        hits = result.hits[:points]
        blocks += [f"{hit.rank}. {_point(hit, style, FIRST_POINT_CHARS)}" for hit in hits]
    return list(paginate(blocks))


def render_single(hit: Hit, style: RenderContext) -> str:
    return _point(hit, style, FIRST_POINT_CHARS)


def _numbered(point: str, number: int, style: RenderContext) -> str:
    return f"[{number}] {point}" if style.numbered else point


def _verdict(result: Result, searched: CorpusSummary, style: RenderContext) -> str:
    """Empty for a confident answer."""
    say = style.say
    if result.verdict == "answer":
        return ""
    if result.verdict == "maybe":
        return italic(say("maybe"))
    if result.reading.is_refused:
        return ""  # the echo says why
    if not searched.documents:
        return escape(say("none-empty"))
    nowhere = _words(result.nowhere, result.question, say)
    days = render_days(searched.oldest, searched.newest, say)
    topics = _list([truncate(single_line(style.named(topic.name)), MAX_NAME_CHARS) for topic in searched.topics], say)
    lines = [
        escape(say("none")),
        escape(say("none-searched", documents=searched.documents, days=days)),
        escape(say("none-nowhere", words=nowhere)) if nowhere else "",
        escape(excluded_and_phrases(result.reading, say)),
        escape(say("topics-there-are", topics=topics)),
    ]
    return "\n".join(filter(None, lines))


def missing_note(result: Result, style: RenderContext) -> str:
    """What none of the points of the first page has; below a confident answer only what no point at all has."""
    hits = hits_on_page(result, 0, style.compact) if result.verdict != "none" else ()
    lacking = [word for word in hits[0].lacks if all(word in hit.lacks for hit in hits[1:])] if hits else []
    nowhere = [word for word in lacking if word in result.nowhere]
    named = nowhere if result.verdict == "answer" else lacking
    return italic(style.say("missing", words=_words(named, result.question, style.say))) if named else ""


def _points(hits: Sequence[Hit], style: RenderContext, before: Document | None = None) -> Iterator[str]:
    """Points in short, with one source below several of one document; `before` is the document named above them."""
    for hit, following in zip_longest(hits, hits[1:]):
        if hit.document == before:
            yield f"{_text(hit, style, POINT_TEXT_CHARS)}\n{escape(style.say('same-document'))}"
        elif following and following.document == hit.document and not hit.also:
            yield _text(hit, style, POINT_TEXT_CHARS)
        else:
            yield _point(hit, style, POINT_TEXT_CHARS)


def _point(
    hit: Hit, style: RenderContext, longest: int, value: CharSpan | None = None, question: str | None = None
) -> str:
    lines = [_text(hit, style, longest, value, question), render_source(hit.document, style)]
    lines += elsewhere(hit, style.language, partial(style.address, kind="summary"))
    return "\n".join(lines)


def _text(
    hit: Hit, style: RenderContext, longest: int, value: CharSpan | None = None, question: str | None = None
) -> str:
    text = mark_matches(hit.point, hit.matches, style, longest, value, question)
    named = escape(bracketed_subject(hit.point, hit.document))
    line = " ".join(filter(None, [named, text, render_paragraphs(hit.point, hit.document, style.page, style.say)]))
    return "\n".join(filter(None, [line, style.translated(hit.point.text)]))


def mark_matches(
    point: Point,
    matches: Sequence[Match],
    style: RenderContext,
    longest: int,
    value: CharSpan | None = None,
    question: str | None = None,
) -> str:
    """The point's text with the answer in bold and, for a Chinese reader of the answer to `question`, translations."""
    text = truncate(point.text, longest)
    length = len(text) if text == point.text else len(text) - 1  # spans end before the ellipsis
    inside = [match for match in matches if 0 <= match.start < match.end <= length]
    shown = value if value and value[1] <= length else None
    spans = [span for span in find_emphasis(text, inside, shown) if text[slice(*span)].strip()]
    notes = annotations(inside, text, question) if question is not None and style.language == "zh" else []
    return "".join(_pieces(text, spans, notes, style.say)).strip() or escape("…")


def _pieces(text: str, spans: Sequence[tuple[int, int]], notes: Sequence[tuple[int, str]], say: Say) -> Iterator[str]:
    note_at = dict(notes)
    strong = {at for start, end in spans for at in range(start, end)}
    borders = sorted({0, len(text), *(border for span in spans for border in span), *note_at})
    for start, end in pairwise(borders):
        piece = _spaced(text[start:end])
        yield f"<b>{escape(piece)}</b>" if start in strong and piece.strip() else escape(piece)
        if end in note_at:
            yield escape(say("annotation", word=truncate(single_line(note_at[end]), MAX_NAME_CHARS)))


def _spaced(text: str) -> str:
    """Every run of blanks as one space, also at the ends: pieces stand side by side."""
    if text.isprintable() and "  " not in text:
        return text
    cleaned = clean(text)
    inner = " ".join(cleaned.split())
    if not inner:
        return " " if cleaned else ""
    return (" " if cleaned[0].isspace() else "") + inner + (" " if cleaned[-1].isspace() else "")


def render_source(document: Document, style: RenderContext) -> str:
    summary, addresses = style.say("link-summary", kind=document.kind), style.addresses(document)
    if address := addresses.get("summary"):
        summary = link(summary, address)
    else:
        summary = escape(style.say("link-summary-typed", summary=summary, id=document.id))
    lines = (
        _title(document, style, addresses),
        style.translated(document.title),
        f"{escape(render_date(document, style))} · {summary}",
    )
    return "\n".join(filter(None, lines))


def render_title(document: Document, style: RenderContext) -> str:
    return _title(document, style, style.addresses(document))


def _title(document: Document, style: RenderContext, addresses: Mapping[str, str]) -> str:
    article, search = addresses.get("article"), addresses.get("search")
    name = truncate(single_line(document.title), MAX_TITLE_CHARS)
    return link(name if article or not search else style.say("link-search", title=name), article or search)


def render_date(document: Document, style: RenderContext) -> str:
    published = document.published.astimezone(BEIJING).date()
    parts = [outlet_name(document.outlet, style.language), published.isoformat()]
    if (days := (style.today - published).days) > OLD_AFTER_DAYS:
        months = round(days / 30.44)
        parts.append(
            style.say("age-months", months=months) if months < 24 else style.say("age-years", years=days // 365)
        )
    if document.kind == "full":
        parts.append(style.say("kind-full"))
    return " · ".join(parts)


def _words(words: Sequence[str], question: str, say: Say) -> str:
    """Spelled as in the question: the search knows them in lower case only."""
    spelled = [match[0] if (match := re.search(re.escape(word), question, re.I)) else word for word in words]
    shown = spelled[:MAX_MISSING_NAMED]
    return _list([say("in-quotes", word=truncate(single_line(word), MAX_NAME_CHARS)) for word in shown], say)


def _list(names: Sequence[str], say: Say) -> str:
    return say("between-words").join(names[:MAX_NAMES_LISTED]) + (" …" if len(names) > MAX_NAMES_LISTED else "")
