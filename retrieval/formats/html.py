"""Web pages: an article's HTML to a Document with headings as sections and paragraphs as points."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from retrieval.formats import publication_date
from retrieval.formats.encoding import decode
from retrieval.formats.page_layout import lay_out, split_paragraph
from retrieval.formats.paywall import find_wall
from retrieval.formats.text_lines import MAX_LINE_BYTES, MalformedError, clean
from retrieval.model.documents import Document
from retrieval.model.factory import Statement, build_document, to_beijing_minute
from retrieval.model.outlets import is_web, outlet_of_host
from retrieval.model.problem import Problem, problem_of

MAX_PAGE_BYTES = 8 << 20  # the largest article seen has 2 MB
MIN_STATEMENT_CHARS = 12  # shorter paragraphs are 'Share' or '责任编辑：王'
MAX_TAG_DEPTH = 400  # nested elements; lxml's own default limit is some 250
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})(?![a-zA-Z0-9])[^<>]*?(/?)>")
VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
UNCLOSED = frozenset(("p", "li", "td", "tr", "th", "dt", "dd", "option"))  # on many pages


def parse_page(
    body: bytes, url: str, topic: str, charset: str | None = None, published: datetime | None = None
) -> Document:
    """A feed's `published` beats the page's date. Raises MalformedError, on line 1, with the reason."""
    if len(body) > MAX_PAGE_BYTES:
        raise MalformedError(1, Problem.of("page-large", megabytes=MAX_PAGE_BYTES >> 20))
    if b"\x00" in body[:8192] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise MalformedError(1, Problem("page-binary"))
    if not topic:
        raise MalformedError(1, Problem("page-topicless"))
    html = decode(body, charset)
    if _depth(html) > MAX_TAG_DEPTH:
        raise MalformedError(1, Problem.of("page-deep", elements=MAX_TAG_DEPTH))
    article = _extract(lay_out(html), url)
    if article is None or article.body is None:
        raise MalformedError(1, Problem("page-no-article"))
    title = clean(article.title or "")
    statements = [
        (section, text, citations)
        for section, text, citations in _statements(article.body, title)
        if text != title and not publication_date.is_byline(text)
    ]
    if not statements:
        raise MalformedError(1, Problem("page-no-article"))
    if not title:
        raise MalformedError(1, Problem("page-untitled"))
    if wall := find_wall(html, [text for _, text, _ in statements]):
        raise MalformedError(1, wall)
    time = published or publication_date.find_published(html, title, statements[0][1])
    if time is None:
        raise MalformedError(1, Problem("page-undated"))
    url = _canonical(url, article.url or "")
    host = (_host(url) or article.hostname or "").removeprefix("www.")
    outlet = outlet_of_host(host) or clean(article.sitename or "") or host
    if not outlet:
        raise MalformedError(1, Problem("page-outletless"))
    try:
        return build_document(
            (title, outlet, topic), to_beijing_minute(time), url if is_web(url) else None, statements, "full"
        )
    except (ValueError, OverflowError) as error:
        raise MalformedError(1, problem_of(error)) from None


def _extract(html: str, url: str) -> Any:
    import trafilatura

    try:
        return trafilatura.bare_extraction(
            html,
            url=url or None,
            with_metadata=True,
            include_comments=False,
            include_tables=False,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except (ValueError, TypeError, AssertionError, RecursionError) as error:
        # lxml and the libraries above it raise these on broken pages
        raise MalformedError(1, Problem.of("page-broken", error=type(error).__name__)) from None


def _statements(body: Any, title: str) -> Iterator[Statement]:
    section, number = "", 0
    for element in body.iter("head", "p", "item", "quote"):
        if element.tag == "head":
            text = clean("".join(element.itertext()))[:MAX_LINE_BYTES]
            section = "" if text == title else text
        elif element.tag != "quote" or element.find(".//p") is None:
            for line in _lines(element):
                if len(line) >= MIN_STATEMENT_CHARS:
                    number += 1
                    yield from ((section, piece, (number,)) for piece in split_paragraph(line))


def _lines(element: Any) -> Iterator[str]:
    """Of one paragraph one line; of a page in which no paragraphs were found, all of its lines."""
    for broken in element.iter("lb"):
        broken.tail = f"\n{broken.tail or ''}"
    for line in "".join(element.itertext()).split("\n"):
        yield clean(line)[:MAX_LINE_BYTES]


def _canonical(url: str, declared: str) -> str:
    """The page's own canonical address if it is on the same site, since a page may claim any other."""
    if not url or not is_web(declared):
        return url or declared
    here, there = (_host(address).removeprefix("www.").removeprefix("m.") for address in (url, declared))
    same_outlet = outlet_of_host(here) is not None and outlet_of_host(here) == outlet_of_host(there)
    return declared if (here == there or same_outlet) and urlsplit(declared).path not in ("", "/") else url


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _depth(html: str) -> int:
    """How deep the tags nest, before any parser has to follow them."""
    depth = deepest = 0
    for match in TAG.finditer(html):
        closing, name, empty = match.groups()
        if empty or name.lower() in VOID | UNCLOSED:
            continue
        depth += -1 if closing else 1
        deepest = max(deepest, depth)
    return deepest
