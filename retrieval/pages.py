"""An article's page to a Document: its title, date and outlet, headings as sections, paragraphs as points."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from retrieval.charsets import decoded
from retrieval.documents import BEIJING, Document
from retrieval.lines import LONGEST, MalformedError, clean
from retrieval.outlets import is_web, of_site
from retrieval.statements import Statement, moment, record

LARGEST = 8 << 20  # bytes of a page; the largest article seen has 2 MB
SHORTEST = 12  # characters of a paragraph that says anything: 'Share', '责任编辑：王' do not
DEEPEST = 400  # elements within each other; lxml itself ends at some 250 unless told otherwise
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>")
VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
UNCLOSED = frozenset(("p", "li", "td", "tr", "th", "dt", "dd", "option"))  # by many a page


def page(body: bytes, url: str, topic: str, charset: str | None = None, published: datetime | None = None) -> Document:
    """`published` is what a feed says, which beats the page. Raises MalformedError, on line 1, with the reason."""
    if len(body) > LARGEST:
        raise MalformedError(1, f"the page is larger than {LARGEST >> 20} MB")
    if b"\x00" in body[:8192] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise MalformedError(1, "is not a page but a binary file")
    if not topic:
        raise MalformedError(
            1, "a page tells no topic of its own; name one (--topic, the caption of a file, or behind a link)"
        )
    html = decoded(body, charset)
    if _depth(html) > DEEPEST:
        raise MalformedError(1, f"the page nests more than {DEEPEST} elements")
    found = _extracted(html, url)
    if found is None or found.body is None:
        raise MalformedError(1, "no article was found on the page; an index or a page made by scripts holds none")
    title = clean(found.title or "")
    if not title:
        raise MalformedError(1, "the page has no title")
    statements = [statement for statement in _statements(found.body, title) if statement[1] != title]
    if not statements:
        raise MalformedError(1, "the article has no paragraph of text")
    time = published or _date(found.date)
    url = url or found.url or ""
    host = (_host(url) or found.hostname or "").removeprefix("www.")
    outlet = of_site(host) or clean(found.sitename or "") or host
    if not outlet:
        raise MalformedError(1, "the page names no outlet, and has no address to tell it by")
    try:
        return record((title, outlet, topic), moment(time), url if is_web(url) else None, statements, "full")
    except (ValueError, OverflowError) as error:
        raise MalformedError(1, str(error)) from None


def _extracted(html: str, url: str) -> Any:
    import trafilatura

    try:
        return trafilatura.bare_extraction(
            html, url=url or None, with_metadata=True, include_comments=False, include_tables=False
        )
    except (ValueError, TypeError, AssertionError, RecursionError) as error:
        # what lxml and the libraries above it raise on pages that are none
        raise MalformedError(1, f"the page cannot be read ({type(error).__name__})") from None


def _statements(body: Any, title: str) -> Iterator[Statement]:
    section, number = "", 0
    for element in body.iter("head", "p", "item", "quote"):
        text = clean("".join(element.itertext()))[:LONGEST]
        if element.tag == "head":
            section = "" if text == title else text
        elif len(text) >= SHORTEST and not (element.tag == "quote" and element.find(".//p") is not None):
            number += 1
            yield section, text, (number,)


def _date(written: str | None) -> datetime:
    try:
        return datetime.fromisoformat(written or "").replace(tzinfo=BEIJING)
    except ValueError:
        raise MalformedError(1, "the page tells no date of publication") from None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _depth(html: str) -> int:
    """How deep elements stand within each other, as far as their tags tell."""
    depth = deepest = 0
    for match in TAG.finditer(html):
        closing, name, empty = match.groups()
        if empty or name.lower() in VOID | UNCLOSED:
            continue
        depth += -1 if closing else 1
        deepest = max(deepest, depth)
    return deepest
