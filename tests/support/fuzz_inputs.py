"""Whatever comes in from outside, cut up and put together wrongly: parsers read or refuse it, and do nothing else."""

import io
import random
import time
from collections.abc import Callable
from contextlib import suppress

from feeds.fetcher import FetchError, check_address
from feeds.opml import read_opml
from feeds.parser import parse_source
from feeds.source import SourceError
from retrieval.formats import markdown, reader
from retrieval.formats.encoding import decode
from retrieval.formats.html import parse_page
from retrieval.formats.text_lines import MalformedError
from tests.feeds.test_parser import ATOM, INDEX, LIST, SITEMAP
from tests.feeds.test_sync import article, rss
from tests.retrieval.formats.test_markdown import WHOLE

URL = "https://www.bjnews.com.cn/a"
EXPORT = (
    "Workflow\n原始创新\nicon\nSearch documents\n怀柔\nXin Jing Bao· 2025-08-12 22:44\n"
    "Core Viewpoint - A point [1]. Group 1: Money - The fund grew [2][3]. - 42 billion [4].\n"
)
JSON = (
    '{"title": "A", "outlet": "B", "published": "2025-07-01", "topic": "T", "points": [{"section": "", "text": "x"}]}'
)
SAMPLES = [
    text.encode()
    for text in (EXPORT, JSON, WHOLE + "# H\n\n- one\n- two\n", article("怀柔"), rss(("平台", "/a")), ATOM, SITEMAP,
                 INDEX, LIST, '<opml><body><outline text="a"><outline xmlUrl="https://a.b/c"/></outline></body></opml>')
]  # fmt: skip
SAMPLES += [article("怀柔").encode("gb18030"), rss(("平台", "/a")).encode("big5", "ignore")]
PIECES = [
    b"<![CDATA[", b"]]>", b"<!--", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#x110000;", b"\x00", b"\xff\xfe",
    b"\n---\n", b"{" * 50, b"[" * 50, b"<div>" * 60, b"</p>", b"a" * 3000, b"\xe6\x80", b"- [x](", b"9" * 400,
    b"charset=utf-7", "Workflow\n· 2025-02-30 25:61\n".encode(),
]  # fmt: skip

Reader = Callable[[bytes], object]
READERS: dict[str, tuple[Reader, type[Exception]]] = {
    "page": (lambda body: parse_page(body, URL, "t"), MalformedError),
    "markdown": (lambda body: markdown.parse_document(body, "t"), MalformedError),
    "export": (lambda body: list(reader.parse(io.BytesIO(body), "a.txt")), MalformedError),
    "json lines": (lambda body: list(reader.parse(io.BytesIO(body), "a.jsonl")), MalformedError),
    "feed": (lambda body: parse_source(body, URL), SourceError),
    "list page": (lambda body: parse_source(body, URL, links="a"), SourceError),
    "opml": (lambda body: list(read_opml(body)), SourceError),
    "charset": (lambda body: decode(body, body[:8].decode("latin-1")), MalformedError),
    "address": (lambda body: check_address(body[:200].decode("utf-8", "replace")), FetchError),
}


def mutated(chance: random.Random) -> bytes:
    body = bytearray(chance.choice(SAMPLES))
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(body) + 1), chance.randrange(40)
        match chance.randrange(5):
            case 0:
                body[at : at + length] = b""
            case 1:
                body[at:at] = chance.choice(PIECES)
            case 2:
                body[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                body[at:at] = body[at : at + length] * chance.randrange(1, 30)
            case _:
                other = chance.choice(SAMPLES)
                body[at:] = other[chance.randrange(len(other)) :]
    return bytes(body)


def fuzzed(seconds: float, seed: int) -> int:
    """Inputs that every reader read or refused in that time; what one does besides is raised, with the input."""
    chance, end, count = random.Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        body = mutated(chance)
        for name, (read, refusal) in READERS.items():
            try:
                with suppress(refusal):
                    read(body)
            except Exception as error:
                raise AssertionError(f"{name} of {body!r}") from error
        count += 1
    return count
