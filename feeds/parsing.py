"""What a source offers: the entries of a feed, the links of a list page, the addresses of a sitemap."""

import gzip
import io
import re
import zlib
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

from retrieval.charsets import decoded
from retrieval.lines import clean
from retrieval.outlets import is_web

MOST = 100  # entries of one source that are looked at, the newest first
LARGEST = 10 << 20  # bytes of an unpacked sitemap
SUMMARY = 4_000  # characters
DEEPEST = 100  # elements within each other; a feed has six
ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
TAGS = re.compile(r"<[^>]{0,500}>")


class SourceError(Exception):
    """What was fetched is no source of that kind; one line for the operator."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`key` tells it from all others of its source; `link` '' where it has none; `published` where it says so."""

    key: str
    link: str
    title: str
    summary: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Source:
    """`nested` are further sitemaps that one names."""

    title: str
    entries: tuple[Entry, ...]
    nested: tuple[str, ...] = ()


def source(body: bytes, url: str, charset: str | None = None, links: str = "") -> Source:
    """A feed or a sitemap, told by what it holds; with `links`, a CSS selector, a list page. Raises SourceError."""
    if links:
        return _list_page(body, url, charset, links)
    body = _opened(body)
    head = body[:4096].lower()
    if b"<urlset" in head or b"<sitemapindex" in head:
        return _sitemap(body, url)
    return _feed(body, url, charset)


def _feed(body: bytes, url: str, charset: str | None) -> Source:
    import feedparser

    _harmless(body)
    headers = {"content-type": f"application/xml; charset={charset}"} if charset else {}
    # in Chinese, many feeds say one character set and are in another: what fits is found here, and said anew
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded(body, charset))
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
    entries = [entry for one in found.entries[:MOST] if (entry := _entry(one, url))]
    return Source(clean(str(found.feed.get("title", ""))), tuple(dict.fromkeys(entries)))


def _entry(one: Any, url: str) -> Entry | None:
    link = _absolute(url, str(one.get("link") or ""))
    content = one.get("content") or [{}]
    said = str(content[0].get("value") or one.get("summary") or "")
    title = clean(_plain(str(one.get("title") or "")))
    key = str(one.get("id") or link or title)[:1000]
    # its own `get` takes one for the other, and warns that it will not for ever
    parsed = dict.get(one, "published_parsed") or dict.get(one, "updated_parsed")
    try:
        published = datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        published = None
    return Entry(key, link, title, clean(_plain(said))[:SUMMARY], published) if key else None


def _list_page(body: bytes, url: str, charset: str | None, links: str) -> Source:
    from lxml import etree, html
    from lxml.cssselect import CSSSelector, SelectorError

    try:
        chosen = CSSSelector(links)
    except SelectorError as error:
        raise SourceError(f"{links!r} is no CSS selector: {error}") from None
    try:
        page = html.document_fromstring(decoded(body, charset))
    except (etree.LxmlError, ValueError):
        raise SourceError(f"{url} is no page") from None
    entries: dict[str, Entry] = {}
    for element in chosen(page):
        for anchor in [element] if element.tag == "a" else element.iter("a"):
            if link := _absolute(url, anchor.get("href") or ""):
                entries.setdefault(link, Entry(link, link, clean(anchor.text_content()), "", None))
    if not entries:
        raise SourceError(f"{url} has no links that {links!r} chooses")
    return Source(clean(page.findtext(".//title") or ""), tuple(entries.values())[:MOST])


def _sitemap(body: bytes, url: str) -> Source:
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
        when = _when(one.findtext("{*}news/{*}publication_date") or one.findtext("{*}lastmod") or "")
        if link and one.tag.endswith("}sitemap"):
            nested.append((when, link))
        elif link:
            entries.append(Entry(link, link, clean(one.findtext("{*}news/{*}title") or ""), "", when))
    entries.sort(key=lambda entry: entry.published or datetime.min.replace(tzinfo=UTC), reverse=True)
    newest = sorted(nested, key=lambda one: one[0] or datetime.min.replace(tzinfo=UTC), reverse=True)
    return Source("", tuple(entries[:MOST]), tuple(link for _, link in newest[:3]))


def _when(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _opened(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.open(io.BytesIO(body)) as packed:
            found = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise SourceError("its gzip is damaged") from None
    if len(found) > LARGEST:
        raise SourceError(f"unpacked it is larger than {LARGEST >> 20} MB")
    return found


def _harmless(body: bytes) -> None:
    """No entities of its own, of which a few letters may make gigabytes, and no nesting without an end."""
    if ENTITY.search(body[: 1 << 20]):
        raise SourceError("it declares entities, which no feed needs")
    depth = 0
    parser = expat.ParserCreate()

    def begun(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise SourceError(f"it nests more than {DEEPEST} elements")

    def ended(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = begun, ended
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


def addresses(opml: bytes) -> Iterator[tuple[str, str]]:
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
