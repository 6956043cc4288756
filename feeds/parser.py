"""What a source offers: the entries of a feed, the links of a list page, the addresses of a sitemap."""

import gzip
import io
import re
import zlib
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

from retrieval.formats.encoding import decode
from retrieval.formats.text_lines import clean
from retrieval.model.documents import BEIJING
from retrieval.model.factory import PLAUSIBLE_YEARS
from retrieval.model.outlets import is_web

MAX_ITEMS = 100  # entries of one source that are looked at, the newest first
MAX_FEED_BYTES = 10 << 20  # bytes of an unpacked sitemap
MAX_SUMMARY_CHARS = 4_000  # characters
HAS_ENTITIES = "it declares entities, which no feed needs"
MAX_XML_DEPTH = 100  # elements within each other; a feed has six
CHINA = re.compile(r"\bCST\b")  # here that is China's standard time
DATE_NUMBERS = re.compile(r"(\d{4})\s?[-/.年]\s?(\d\d?)\s?[-/.月]\s?(\d\d?)\s?日?(?:\s*(\d\d?):(\d\d)(?::(\d\d))?)?")
ZONE = re.compile(r"(?:[+-]\d\d:?\d\d|(?<=\d)Z|\b(?!AM|PM)[A-Z]{1,5})\s*$")
ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
TAGS = re.compile(r"<[^>]{0,500}>")


class SourceError(Exception):
    """What was fetched is no source of that kind; one line for the operator."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """`key` tells it from all others of its source; `link` '' where it has none; times where it says so."""

    key: str
    link: str
    title: str
    summary: str
    published: datetime | None
    updated: datetime | None = None

    @property
    def edition(self) -> str:
        """Another one where the article changed, as far as its source tells."""
        return f"{self.published or ''} {self.updated or ''} {self.title}"[:300]


@dataclass(frozen=True, slots=True)
class ParsedSource:
    """`nested` are further sitemaps that one names."""

    title: str
    entries: tuple[FeedItem, ...]
    nested: tuple[str, ...] = ()


def parse_source(body: bytes, url: str, charset: str | None = None, links: str = "") -> ParsedSource:
    """A feed or a sitemap, told by what it holds; with `links`, a CSS selector, a list page. Raises SourceError."""
    if links:
        return _list_page(body, url, charset, links)
    body = _opened(body)
    head = body[:4096].lower()
    if b"<urlset" in head or b"<sitemapindex" in head:
        return _sitemap(body, url)
    return _feed(body, url, charset)


def _feed(body: bytes, url: str, charset: str | None) -> ParsedSource:
    import feedparser

    _harmless(body)
    headers = {"content-type": f"application/xml; charset={charset}"} if charset else {}
    # in Chinese, many feeds say one character set and are in another: what fits is found here, and said anew
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decode(body, charset))
    try:
        found = feedparser.parse(io.BytesIO(text.encode()), response_headers=headers | {"content-type": "text/xml"})
    except (
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        RecursionError,
        AssertionError,
    ) as error:
        raise SourceError(f"{url} cannot be read as a feed ({type(error).__name__})") from None
    if not found.get("version") and not found.entries:
        raise SourceError(f"{url} is no feed, and no sitemap; a list page needs a selector for its links (--links)")
    entries = [entry for one in found.entries[:MAX_ITEMS] if (entry := _entry(one, url))]
    return ParsedSource(clean(str(found.feed.get("title", ""))), tuple(dict.fromkeys(entries)))


def _entry(one: Any, url: str) -> FeedItem | None:
    link = _absolute(url, str(one.get("link") or ""))
    content = one.get("content") or [{}]
    said = str(content[0].get("value") or one.get("summary") or "")
    title = clean(_plain(str(one.get("title") or "")[:MAX_SUMMARY_CHARS]))
    key = str(one.get("id") or link or title)[:1000]
    summary = clean(_plain(said[: 4 * MAX_SUMMARY_CHARS]))[:MAX_SUMMARY_CHARS]
    return FeedItem(key, link, title, summary, _time(one, "published"), _time(one, "updated")) if key else None


def _time(one: Any, name: str) -> datetime | None:
    """In Beijing where no zone is said; none where it can only be guessed at, as feedparser does."""
    # its own `get` takes one time for the other, and warns that it will not for ever
    parsed, written = dict.get(one, f"{name}_parsed"), CHINA.sub("+0800", str(dict.get(one, name) or "").strip()[:80])
    for read in (datetime.fromisoformat, parsedate_to_datetime, _plain_time):
        try:
            time = read(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        if time.year not in PLAUSIBLE_YEARS:
            return None
        return (time if time.tzinfo else time.replace(tzinfo=BEIJING)).astimezone(UTC)
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed and ZONE.search(written) else None
    except (ValueError, OverflowError, OSError):
        return None


def _plain_time(written: str) -> datetime:
    """2025/7/1 8:00, 2025年7月1日."""
    if not (found := DATE_NUMBERS.fullmatch(written)):
        raise ValueError(written)
    year, month, day, hour, minute, second = (int(number or 0) for number in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=BEIJING)


def _list_page(body: bytes, url: str, charset: str | None, links: str) -> ParsedSource:
    from lxml import etree, html
    from lxml.cssselect import CSSSelector, SelectorError

    try:
        chosen = CSSSelector(links)
    except (SelectorError, ValueError) as error:
        raise SourceError(f"{links!r} is no CSS selector: {error}") from None
    try:
        page = html.document_fromstring(decode(body, charset))
    except (etree.LxmlError, ValueError):
        raise SourceError(f"{url} is no page") from None
    entries: dict[str, FeedItem] = {}
    for element in chosen(page):
        for anchor in [element] if element.tag == "a" else element.iter("a"):
            if link := _absolute(url, anchor.get("href") or ""):
                entries.setdefault(link, FeedItem(link, link, clean(anchor.text_content()), "", None))
    if not entries:
        raise SourceError(f"{url} has no links that {links!r} chooses")
    return ParsedSource(clean(page.findtext(".//title") or ""), tuple(entries.values())[:MAX_ITEMS])


def _sitemap(body: bytes, url: str) -> ParsedSource:
    from lxml import etree

    _harmless(body)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        raise SourceError(f"{url} cannot be read as a sitemap") from None
    if root is None:
        raise SourceError(f"{url} cannot be read as a sitemap")
    nested, entries = [], []
    for one in root.iter("{*}sitemap", "{*}url"):
        link = _absolute(url, clean(one.findtext("{*}loc") or ""))
        published = _when(one.findtext("{*}news/{*}publication_date") or "")
        updated = _when(one.findtext("{*}lastmod") or "")
        if link and one.tag.endswith("}sitemap"):
            nested.append((updated, link))
        elif link:
            entries.append(FeedItem(link, link, clean(one.findtext("{*}news/{*}title") or ""), "", published, updated))
    entries.sort(key=lambda entry: entry.published or entry.updated or datetime.min.replace(tzinfo=UTC), reverse=True)
    newest = sorted(nested, key=lambda one: one[0] or datetime.min.replace(tzinfo=UTC), reverse=True)
    return ParsedSource("", tuple(entries[:MAX_ITEMS]), tuple(link for _, link in newest[:3]))


def _when(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def _opened(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.open(io.BytesIO(body)) as packed:
            found = packed.read(MAX_FEED_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise SourceError("its gzip is damaged") from None
    if len(found) > MAX_FEED_BYTES:
        raise SourceError(f"unpacked it is larger than {MAX_FEED_BYTES >> 20} MB")
    return found


def _harmless(body: bytes) -> None:
    """No entities of its own, of which a few letters may make gigabytes, and no nesting without an end."""
    if ENTITY.search(decode(body)):
        raise SourceError(HAS_ENTITIES)
    depth = 0
    parser = expat.ParserCreate()

    def begun(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_XML_DEPTH:
            raise SourceError(f"it nests more than {MAX_XML_DEPTH} elements")

    def ended(*_: object) -> None:
        nonlocal depth
        depth -= 1

    def declared(*_: object) -> None:
        raise SourceError(HAS_ENTITIES)

    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = begun, ended, declared
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        if body.count(b"<") > 50_000:
            raise SourceError("it is no XML") from None  # a few slips are forgiven: feedparser reads those


def _absolute(url: str, link: str) -> str:
    try:
        found = urljoin(url, link.strip())
    except ValueError:
        return ""
    return found if link.strip() and is_web(found) else ""


def _plain(markup: str) -> str:
    from html import unescape

    return unescape(TAGS.sub(" ", markup))


def sitemap_addresses(opml: bytes) -> Iterator[tuple[str, str]]:
    """The feeds of an OPML file, each with the name of the outline around it, or ''. Raises SourceError."""
    from lxml import etree

    _harmless(opml)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(opml, parser)
    except (etree.LxmlError, ValueError):
        raise SourceError("it is no OPML") from None
    for outline in root.iter("outline"):
        url = outline.get("xmlUrl") or ""
        if is_web(url):
            around = outline.getparent()
            yield url, clean((around.get("title") or around.get("text") or "") if around is not None else "")
