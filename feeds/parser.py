"""Feeds, list pages and sitemaps to entries: the bytes of a source go in, links, titles and times come out."""

import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin

from feeds.source import FeedItem, ParsedSource, SourceError
from feeds.timestamp import parse_timestamp
from feeds.xml_repair import parse_xml, repair_xml
from retrieval.formats.encoding import decode
from retrieval.formats.text_lines import clean
from retrieval.model.outlets import is_web

MAX_ITEMS = 300  # of one source, the newest first
MAX_FEED_BYTES = 10 << 20  # decompressed
MAX_SUMMARY_CHARS = 4_000
MAX_KEY_CHARS = 1_000
MAX_NAMED_FEEDS = 5  # of a page that is none itself
EARLIEST = datetime.min.replace(tzinfo=UTC)
TAGS = re.compile(r"<[^>]{0,500}>")
FEED_TYPES = re.compile(r"^application/(?:rss\+xml|atom\+xml|feed\+json)$", re.IGNORECASE)
# all that feedparser was seen to raise
FEED_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError, AssertionError)


def parse_source(body: bytes, url: str, charset: str | None = None, links: str = "") -> ParsedSource:
    """A feed or a sitemap, by its content; with `links`, a CSS selector, a list page. Raises SourceError."""
    if links:
        return _parse_list_page(body, url, charset, links)
    body = _decompress(body)
    head = body[:4096].lower()
    if b"<urlset" in head or b"<sitemapindex" in head:
        return _parse_sitemap(body, url)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _parse_json_feed(body, url, charset)
    return _parse_feed(body, url, charset)


def _parse_feed(body: bytes, url: str, charset: str | None) -> ParsedSource:
    import feedparser

    text = repair_xml(body, charset)
    try:
        feed = feedparser.parse(io.BytesIO(text.encode()), response_headers={"content-type": "text/xml; charset=utf-8"})
    except FEED_ERRORS as error:
        raise SourceError(f"{url} cannot be read as a feed ({type(error).__name__})") from None
    if not feed.get("version") and not feed.entries:
        raise SourceError(f"{url} is no feed, and no sitemap; {_advice(body, url, charset)}")
    return ParsedSource(clean(str(feed.feed.get("title", ""))), _newest(_parse_entries(feed.entries, url)))


def _advice(body: bytes, url: str, charset: str | None) -> str:
    """The feeds that a page names as its own, else what a list page needs."""
    from lxml import etree, html

    try:
        page = html.document_fromstring(decode(body, charset))
    except (etree.LxmlError, ValueError, AssertionError):
        page = None
    named = [
        _resolve_link(url, link.get("href") or "")
        for link in (page.iter("link") if page is not None else ())
        if "alternate" in (link.get("rel") or "").casefold().split()
        and FEED_TYPES.match((link.get("type") or "").strip())
    ]
    if feeds := list(dict.fromkeys(filter(None, named)))[:MAX_NAMED_FEEDS]:
        return f"the page names as its feed: {', '.join(feeds)}"
    return "a list page needs a selector for its links (--links)"


def _parse_entries(entries: Iterable[Any], url: str) -> list[FeedItem]:
    """An entry that cannot be read is left out."""
    items = []
    for entry in entries:
        try:
            item = _parse_entry(entry, url)
        except FEED_ERRORS:
            continue
        if item:
            items.append(item)
    return items


def _newest(items: Sequence[FeedItem]) -> tuple[FeedItem, ...]:
    """The newest entries first, each with a key of its own; of a source without different times, those of both ends."""
    items = _with_unique_keys(list(dict.fromkeys(items)))
    if len({_time_of(item) for item in items}) > 1:
        return tuple(sorted(items, key=_time_of, reverse=True)[:MAX_ITEMS])
    if len(items) > MAX_ITEMS:  # where new ones are put cannot be told
        half = MAX_ITEMS // 2
        items = [*items[:half], *items[-half:]]
    return tuple(items)


def _time_of(item: FeedItem) -> datetime:
    return item.published or item.updated or EARLIEST


def _with_unique_keys(items: list[FeedItem]) -> list[FeedItem]:
    """Where several entries share a key, their links, and if need be their titles, are added to it."""
    for part in ("link", "title"):
        shared = Counter(item.key for item in items)
        items = [
            replace(item, key=f"{item.key} {getattr(item, part)}"[-MAX_KEY_CHARS:]) if shared[item.key] > 1 else item
            for item in items
        ]
    return list({item.key: item for item in reversed(items)}.values())[::-1]


def _parse_entry(entry: Any, url: str) -> FeedItem | None:
    link = _resolve_link(url, str(entry.get("link") or ""))
    title = clean(_strip_tags(str(entry.get("title") or "")[:MAX_SUMMARY_CHARS]))
    content = entry.get("content") or [{}]
    body = str(content[0].get("value") or entry.get("summary") or "")
    # not the entry's own `get`, which falls back from one time to the other; nor feedparser's reading, which guesses
    published, updated = (parse_timestamp(str(dict.get(entry, name) or "")) for name in ("published", "updated"))
    return _build_item(str(entry.get("id") or ""), link, title, body, (published, updated))


def _build_item(
    id: str, link: str, title: str, markup: str, times: tuple[datetime | None, datetime | None]
) -> FeedItem | None:
    if not (key := clean(id or link or title)[:MAX_KEY_CHARS]):
        return None
    summary = clean(_strip_tags(markup[: 4 * MAX_SUMMARY_CHARS]))[:MAX_SUMMARY_CHARS]
    return FeedItem(key, link, title, summary, *times)


def _parse_json_feed(body: bytes, url: str, charset: str | None) -> ParsedSource:
    try:
        feed = json.loads(decode(body, charset).lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise SourceError(f"{url} begins like a JSON Feed, but is no JSON") from None
    if "jsonfeed.org/version/" not in str(feed.get("version")) or not isinstance(feed.get("items"), list):
        raise SourceError(f"{url} is JSON, but no JSON Feed (https://www.jsonfeed.org)")
    items = []
    for one in feed["items"]:
        if not isinstance(one, dict):
            continue
        text = {name: value for name, value in one.items() if isinstance(value, (str, int, float))}
        link = _resolve_link(url, str(text.get("url") or text.get("external_url") or ""))
        markup = str(text.get("content_html") or "") or str(text.get("content_text") or text.get("summary") or "")
        title = clean(_strip_tags(str(text.get("title") or "")[:MAX_SUMMARY_CHARS]))
        times = tuple(parse_timestamp(str(text.get(f"date_{name}") or "")) for name in ("published", "modified"))
        if item := _build_item(str(text.get("id") or ""), link, title, markup, (times[0], times[1])):
            items.append(item)
    return ParsedSource(clean(str(feed.get("title") or "")), _newest(items))


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
    try:
        chosen = select(page)
    except etree.XPathError as error:  # a namespace, say, which no page declares
        raise SourceError(f"{links!r} is no CSS selector for a page: {error}") from None
    entries: dict[str, FeedItem] = {}
    for element in chosen:
        for anchor in [element] if element.tag == "a" else element.iter("a"):
            if link := _resolve_link(url, anchor.get("href") or ""):
                entries.setdefault(link, FeedItem(link, link, clean(anchor.text_content()), "", None))
    if not entries:
        raise SourceError(f"{url} has no links that {links!r} chooses")
    return ParsedSource(clean(page.findtext(".//title") or ""), tuple(entries.values())[:MAX_ITEMS])


def _parse_sitemap(body: bytes, url: str) -> ParsedSource:
    root = parse_xml(body, f"{url} cannot be read as a sitemap")
    nested, entries = [], []
    for node in root.iter("{*}sitemap", "{*}url"):
        link = _resolve_link(url, clean(node.findtext("{*}loc") or ""))
        published = parse_timestamp(node.findtext("{*}news/{*}publication_date") or "")
        updated = parse_timestamp(node.findtext("{*}lastmod") or "")
        if link and node.tag.endswith("}sitemap"):
            nested.append((updated, link))
        elif link:
            entries.append(FeedItem(link, link, clean(node.findtext("{*}news/{*}title") or ""), "", published, updated))
    newest = sorted(nested, key=lambda pair: pair[0] or EARLIEST, reverse=True)
    return ParsedSource("", _newest(entries), tuple(link for _, link in newest[:3]))


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


def _resolve_link(url: str, link: str) -> str:
    try:
        target = urljoin(url, link.strip())
    except ValueError:
        return ""
    return target if link.strip() and is_web(target) else ""


def _strip_tags(markup: str) -> str:
    return unescape(TAGS.sub(" ", markup))
