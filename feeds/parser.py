"""Feeds, list pages and sitemaps to entries: the bytes of a source go in, links, titles and times come out."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

from feeds.timestamp import parse_timestamp
from retrieval.formats.encoding import decode
from retrieval.formats.text_lines import clean
from retrieval.model.outlets import is_web

MAX_ITEMS = 100  # of one source, the newest first
MAX_FEED_BYTES = 10 << 20  # decompressed
MAX_SUMMARY_CHARS = 4_000
EARLIEST = datetime.min.replace(tzinfo=UTC)
ENTITIES_REFUSED = "it declares entities, which no feed needs"
MAX_XML_DEPTH = 100  # a feed has six
ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
TAGS = re.compile(r"<[^>]{0,500}>")
# all that feedparser was seen to raise
FEED_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError, AssertionError)


class SourceError(Exception):
    """The bytes are no source of that kind; one line for the operator."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """`key` is unique within the source; `link` is '' if it has none."""

    key: str
    link: str
    title: str
    summary: str
    published: datetime | None
    updated: datetime | None = None

    @property
    def edition(self) -> str:
        """Changes with the article, as far as the source tells."""
        return f"{self.published or ''} {self.updated or ''} {self.title}"[:300]


@dataclass(frozen=True, slots=True)
class ParsedSource:
    """`nested` are the URLs of further sitemaps, the newest first."""

    title: str
    entries: tuple[FeedItem, ...]
    nested: tuple[str, ...] = ()


def parse_source(body: bytes, url: str, charset: str | None = None, links: str = "") -> ParsedSource:
    """A feed or a sitemap, by its content; with `links`, a CSS selector, a list page. Raises SourceError."""
    if links:
        return _parse_list_page(body, url, charset, links)
    body = _decompress(body)
    head = body[:4096].lower()
    if b"<urlset" in head or b"<sitemapindex" in head:
        return _parse_sitemap(body, url)
    return _parse_feed(body, url, charset)


def _parse_feed(body: bytes, url: str, charset: str | None) -> ParsedSource:
    import feedparser

    _check_xml(body)
    # many Chinese feeds declare one character set and use another: decoded here, without the declaration
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decode(body, charset))
    try:
        feed = feedparser.parse(io.BytesIO(text.encode()), response_headers={"content-type": "text/xml"})
    except FEED_ERRORS as error:
        raise SourceError(f"{url} cannot be read as a feed ({type(error).__name__})") from None
    if not feed.get("version") and not feed.entries:
        raise SourceError(f"{url} is no feed, and no sitemap; a list page needs a selector for its links (--links)")
    items = [item for entry in feed.entries[:MAX_ITEMS] if (item := _parse_entry(entry, url))]
    return ParsedSource(clean(str(feed.feed.get("title", ""))), tuple(dict.fromkeys(items)))


def _parse_entry(entry: Any, url: str) -> FeedItem | None:
    link = _resolve_link(url, str(entry.get("link") or ""))
    title = clean(_strip_tags(str(entry.get("title") or "")[:MAX_SUMMARY_CHARS]))
    if not (key := str(entry.get("id") or link or title)[:1000]):
        return None
    content = entry.get("content") or [{}]
    body = str(content[0].get("value") or entry.get("summary") or "")
    summary = clean(_strip_tags(body[: 4 * MAX_SUMMARY_CHARS]))[:MAX_SUMMARY_CHARS]
    return FeedItem(key, link, title, summary, _entry_time(entry, "published"), _entry_time(entry, "updated"))


def _entry_time(entry: Any, name: str) -> datetime | None:
    # not the entry's own `get`, which falls back from one time to the other; nor feedparser's reading, which guesses
    return parse_timestamp(str(dict.get(entry, name) or ""))


def _parse_list_page(body: bytes, url: str, charset: str | None, links: str) -> ParsedSource:
    from lxml import etree, html
    from lxml.cssselect import CSSSelector, SelectorError

    try:
        select = CSSSelector(links)
    except (SelectorError, ValueError) as error:
        raise SourceError(f"{links!r} is no CSS selector: {error}") from None
    try:
        page = html.document_fromstring(decode(body, charset))
    except (etree.LxmlError, ValueError):
        raise SourceError(f"{url} is no page") from None
    entries: dict[str, FeedItem] = {}
    for element in select(page):
        for anchor in [element] if element.tag == "a" else element.iter("a"):
            if link := _resolve_link(url, anchor.get("href") or ""):
                entries.setdefault(link, FeedItem(link, link, clean(anchor.text_content()), "", None))
    if not entries:
        raise SourceError(f"{url} has no links that {links!r} chooses")
    return ParsedSource(clean(page.findtext(".//title") or ""), tuple(entries.values())[:MAX_ITEMS])


def _parse_sitemap(body: bytes, url: str) -> ParsedSource:
    root = _parse_xml(body, f"{url} cannot be read as a sitemap", recover=True)
    nested, entries = [], []
    for node in root.iter("{*}sitemap", "{*}url"):
        link = _resolve_link(url, clean(node.findtext("{*}loc") or ""))
        published = parse_timestamp(node.findtext("{*}news/{*}publication_date") or "")
        updated = parse_timestamp(node.findtext("{*}lastmod") or "")
        if link and node.tag.endswith("}sitemap"):
            nested.append((updated, link))
        elif link:
            entries.append(FeedItem(link, link, clean(node.findtext("{*}news/{*}title") or ""), "", published, updated))
    entries.sort(key=lambda entry: entry.published or entry.updated or EARLIEST, reverse=True)
    newest = sorted(nested, key=lambda pair: pair[0] or EARLIEST, reverse=True)
    return ParsedSource("", tuple(entries[:MAX_ITEMS]), tuple(link for _, link in newest[:3]))


def _decompress(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.open(io.BytesIO(body)) as packed:
            content = packed.read(MAX_FEED_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise SourceError("its gzip is damaged") from None
    if len(content) > MAX_FEED_BYTES:
        raise SourceError(f"unpacked it is larger than {MAX_FEED_BYTES >> 20} MB")
    return content


def _parse_xml(body: bytes, refusal: str, *, recover: bool = False) -> Any:
    from lxml import etree

    _check_xml(body)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover)
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None:
        raise SourceError(refusal)
    return root


def _check_xml(body: bytes) -> None:
    """Refuse entity declarations, of which a few letters may make gigabytes, and endless nesting."""
    if ENTITY.search(decode(body)):
        raise SourceError(ENTITIES_REFUSED)
    depth = 0
    parser = expat.ParserCreate()

    def on_start(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_XML_DEPTH:
            raise SourceError(f"it nests more than {MAX_XML_DEPTH} elements")

    def on_end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    def on_entity(*_: object) -> None:
        raise SourceError(ENTITIES_REFUSED)

    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = on_start, on_end, on_entity
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        if body.count(b"<") > 50_000:  # a few slips are forgiven: feedparser reads those
            raise SourceError("it is no XML") from None


def _resolve_link(url: str, link: str) -> str:
    try:
        target = urljoin(url, link.strip())
    except ValueError:
        return ""
    return target if link.strip() and is_web(target) else ""


def _strip_tags(markup: str) -> str:
    return unescape(TAGS.sub(" ", markup))


def read_opml(opml: bytes) -> Iterator[tuple[str, str]]:
    """The feeds of an OPML file, each with the name of the outline around it, or ''. Raises SourceError."""
    for outline in _parse_xml(opml, "it is no OPML").iter("outline"):
        url = outline.get("xmlUrl") or ""
        if is_web(url):
            around = outline.getparent()
            yield url, clean((around.get("title") or around.get("text") or "") if around is not None else "")
