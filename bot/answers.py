"""Records to Telegram HTML, pure. Everything returned is a list of messages, each within Telegram's limits."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.catalogue import Language, Say, say_in
from bot.markup import bold, cut, escape, line, link, pack
from retrieval.documents import BEIJING, Document, Outlet, Point
from retrieval.outlets import Link
from retrieval.results import Hit, Result, Topic

POINTS = 3  # in one answer: what a phone shows without scrolling far

# Longest parts, in UTF-16 units: three points at these lengths still fit into one message.
TEXT = 900
TITLE = 160
NAME = 60
WORDS = 10  # named as missing, and topics listed: more would bury the answer

SUMMARY_TEXT = 3000  # a point of a summary, so that each fits into a message
SUMMARY_MESSAGES = 8  # a burst that Telegram still takes from one chat

Links = Callable[[Document], Iterable[Link]]


@dataclass(frozen=True, slots=True)
class Style:
    """How one reader is answered: in which language, and where their links lead."""

    language: Language
    links: Links

    @property
    def say(self) -> Say:
        return say_in(self.language)


def answer(result: Result, topics: Sequence[Topic], style: Style, points: int = POINTS) -> list[str]:
    blocks = [head for head in (_head(result, topics, style.say), _reading(result, style.say)) if head]
    if result.verdict != "none":
        blocks += [_hit(hit, style) for hit in result.hits[:points]]
    return list(pack(blocks))


def _head(result: Result, topics: Sequence[Topic], say: Say) -> str:
    """What comes before the points; nothing before an answer we stand by."""
    if result.verdict == "answer":
        return ""
    if result.verdict == "maybe":
        missing = _words(result.missing, say)
        return bold(say("maybe-missing", words=missing) if missing else say("maybe"))
    if not topics:
        return escape(say("none-empty"))
    nowhere = _words(result.nowhere, say)
    return "\n".join(
        escape(sentence)
        for sentence in (
            say("none"),
            say("none-nowhere", words=nowhere) if nowhere else "",
            say("topics-there-are", topics=_list([cut(line(topic.name), NAME) for topic in topics], say)),
        )
        if sentence
    )


def _reading(result: Result, say: Say) -> str:
    return escape(say("truncated")) if result.reading.truncated else ""


def _hit(hit: Hit, style: Style) -> str:
    text = f"{hit.rank}. {_paragraphs(cut(line(hit.point.text), TEXT), hit.point, style.say)}"
    lines = [escape(text), source(hit.document, style)]
    if hit.also:
        others = dict.fromkeys(_outlet(document.outlet, style.language) for document in hit.also)
        lines.append(escape(style.say("also", outlets=_list(list(others), style.say))))
    return "\n".join(lines)


def source(document: Document, style: Style) -> str:
    """Title, outlet, date and the way to the whole summary, on two lines."""
    addresses = {link.kind: link.url for link in style.links(document)}
    title = cut(line(document.title), TITLE)
    if "article" in addresses:
        heading = link(title, addresses["article"])
    elif "search" in addresses:
        heading = link(style.say("link-search", title=title), addresses["search"])
    else:
        heading = escape(title)
    if "summary" in addresses:
        summary = link(style.say("link-summary"), addresses["summary"])
    else:
        summary = escape(style.say("link-summary-typed", id=document.id))
    outlet = escape(_outlet(document.outlet, style.language))
    return f"{heading}\n{outlet} · {_day(document)} · {summary}"


def summary(document: Document, style: Style) -> list[str]:
    """A document whole, section by section; messages end between points."""
    blocks = [_title(document, style)]
    section = None
    for point in document.points:
        heading = ""
        if point.section != section:
            section = point.section
            heading = f"{bold(cut(line(section), TITLE))}\n" if section.strip() else ""
        text = _paragraphs(cut(line(point.text), SUMMARY_TEXT), point, style.say)
        blocks.append(f"{heading}• {escape(text)}")
    pages = list(pack(blocks))
    if len(pages) <= SUMMARY_MESSAGES:
        return pages
    shown = pages[: SUMMARY_MESSAGES - 1]
    left = len(document.points) - sum(page.count("\n• ") + page.startswith("• ") for page in shown)
    return [*shown, escape(style.say("summary-cut", points=left))]


def _title(document: Document, style: Style) -> str:
    addresses = {link.kind: link.url for link in style.links(document)}
    title = cut(line(document.title), TITLE)
    if "search" in addresses and "article" not in addresses:
        title = style.say("link-search", title=title)
    heading = link(title, addresses.get("article") or addresses.get("search"))
    topics = _list([cut(line(topic), NAME) for topic in document.topics], style.say)
    outlet = _outlet(document.outlet, style.language)
    return f"<b>{heading}</b>\n{escape(f'{outlet} · {_day(document)} · {topics}')}"


def topics(there: Sequence[Topic], say: Say) -> list[str]:
    if not there:
        return [escape(say("topics-none"))]
    return list(
        pack(
            (
                escape(
                    say(
                        "topic",
                        name=cut(line(topic.name), NAME),
                        documents=topic.documents,
                        newest=f"{topic.newest.astimezone(BEIJING):%Y-%m-%d}",
                    )
                )
                for topic in there
            ),
            separator="\n",
        )
    )


def _outlet(outlet: Outlet, language: Language) -> str:
    names = [outlet.name, outlet.english] if language == "en" and outlet.english != outlet.name else [outlet.name]
    return cut(" ".join(line(name) for name in names if name), NAME)


def _day(document: Document) -> str:
    return f"{document.published.astimezone(BEIJING):%Y-%m-%d}"


def _paragraphs(text: str, point: Point, say: Say) -> str:
    """The text with the paragraphs of the article it comes from: plain, never a link."""
    return " ".join([text, *(say("paragraph", number=str(n)) for n in point.citations[:WORDS])])


def _words(words: Sequence[str], say: Say) -> str:
    return _list([say("in-quotes", word=cut(line(word), NAME)) for word in words], say)


def _list(names: Sequence[str], say: Say) -> str:
    return say("between-words").join(names[:WORDS]) + (" …" if len(names) > WORDS else "")
