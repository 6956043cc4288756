"""Atom feeds: documents or hits go in, a feed by RFC 4287 comes out, whose ids stay over all revisions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from retrieval.language.plain_text import clean
from retrieval.model.documents import BEIJING, Document, Point

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class AtomHead:
    """`here` is the feed's own address, `page` the one that it is the feed of."""

    title: str
    id: str
    here: str
    page: str


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """The points of `document` are shown; `revised` is when its present version came in, if there was another."""

    document: Document
    address: str
    revised: datetime | None = None

    @property
    def updated(self) -> datetime:
        return max(self.document.published, self.revised) if self.revised else self.document.published


def render_atom(
    head: AtomHead, entries: Sequence[FeedEntry], now: datetime, named: Callable[[str], str] = str
) -> bytes:
    """An empty feed is as new as `now`; `named` gives topics and headings with their other name."""
    feed = etree.Element(_tag("feed"), nsmap={None: ATOM})
    _add(feed, "id", head.id)
    _add(feed, "title", head.title)
    _add(feed, "updated", _time(max((entry.updated for entry in entries), default=now)))
    _add(feed, "link", rel="self", href=head.here, type="application/atom+xml")
    _add(feed, "link", rel="alternate", href=head.page, type="text/html")
    _add(_add(feed, "author"), "name", "知点 Zhidian")
    for entry in entries:
        _add_entry(feed, entry, named)
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8"))


def _add_entry(feed: etree._Element, entry: FeedEntry, named: Callable[[str], str]) -> None:
    document, node = entry.document, _add(feed, "entry")
    _add(node, "id", entry_id(document))
    _add(node, "title", document.title)
    _add(node, "published", _time(document.published))
    _add(node, "updated", _time(entry.updated))
    _add(node, "link", rel="alternate", href=entry.address, type="text/html")
    _add(_add(node, "author"), "name", document.outlet.name)
    for topic in document.topics:
        _add(node, "category", term=topic, label=named(topic))
    _add(node, "content", _html(document.points, named), type="html")


def entry_id(document: Document) -> str:
    """The same at every address of the page, and after a revision."""
    return f"urn:zhidian:document:{document.id}"


def _html(points: Iterable[Point], named: Callable[[str], str]) -> str:
    """Serialized by lxml, which escapes the texts."""
    body, section = etree.Element("div"), None
    for point in points:
        if point.section != section and point.section.strip():
            etree.SubElement(body, "h4").text = _xml(named(point.section))
        section = point.section
        numbers = " ".join(f"¶{number}" for number in point.citations)
        etree.SubElement(body, "p").text = _xml(f"{point.text} {numbers}".strip())
    return str(etree.tostring(body, encoding="unicode", method="html"))


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, _tag(name), {key: _xml(value) for key, value in attributes.items()})
    node.text = None if text is None else _xml(text)
    return node


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _xml(text: str) -> str:
    """Without the characters that XML has not."""
    return "".join(one for one in clean(text) if one not in "\ufffe\uffff")


def _time(time: datetime) -> str:
    return time.astimezone(BEIJING).isoformat(timespec="seconds")
