import gzip
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.parser import ParsedSource, SourceError, parse_source, read_opml
from retrieval.model.documents import BEIJING

URL = "https://news.example/feed"
RSS = """<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><title>新闻</title>
<item><title>怀柔 &amp; 昌平</title><link>/a</link><guid>1</guid><pubDate>Tue, 01 Jul 2025 08:00:00 +0800</pubDate>
<description>&lt;p&gt;两个&lt;b&gt;平台&lt;/b&gt;&lt;/p&gt;</description></item>
<item><title>无链接</title><link>javascript:alert(1)</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id><title>A</title>
<link href="https://news.example/b"/><updated>2025-07-01T00:00:00Z</updated><content>Whole.</content></entry></feed>"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://news.example/old</loc>
<lastmod>2024-01-01</lastmod></url><url><loc>https://news.example/new</loc><n:news>
<n:publication_date>2025-07-01T08:00:00+08:00</n:publication_date><n:title>新</n:title></n:news></url></urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>
<loc>https://news.example/1.xml</loc></sitemap></sitemapindex>"""
LIST = (
    """<title>列表</title><div class=news><a href=/1>一</a><p><a href="2#x">二</a></p></div><a href=/about>关于</a>"""
)


def links(found: ParsedSource) -> list[str]:
    return [entry.link for entry in found.entries]


@pytest.mark.parametrize("held", ["utf-8", "gb18030"])
@pytest.mark.parametrize("said", ["utf-8", "gb2312"])
def test_rss_in_whatever_character_set(held: str, said: str) -> None:
    found = parse_source(RSS.format(said).encode(held), URL)
    first, second = found.entries
    assert (found.title, first.title, first.summary) == ("新闻", "怀柔 & 昌平", "两个 平台")
    assert (first.link, first.key, str(first.published)) == ("https://news.example/a", "1", "2025-07-01 00:00:00+00:00")
    assert (second.link, second.key) == ("", "无链接")


def test_atom() -> None:
    [entry] = parse_source(ATOM.encode(), URL).entries
    assert (entry.key, entry.link, entry.summary) == ("urn:1", "https://news.example/b", "Whole.")


def test_sitemaps_newest_first_also_packed_and_in_others() -> None:
    found = parse_source(gzip.compress(SITEMAP.encode()), URL)
    assert links(found) == ["https://news.example/new", "https://news.example/old"]
    assert found.entries[0].title == "新"
    assert parse_source(INDEX.encode(), URL).nested == ("https://news.example/1.xml",)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("Tue, 01 Jul 2025 08:00:00 +0800", 8),
        ("Tue, 01 Jul 2025 08:00:00 GMT", 16),
        ("2025-07-01T08:00:00Z", 16),
        ("Tue, 01 Jul 2025 08:00:00", 8),
        ("2025-07-01 08:00:00", 8),
        ("2025/7/1 08:00", 8),
        ("2025年07月01日 8:00:00", 8),
        ("Tue, 01 Jul 2025 08:00:00 CST", 8),
        ("Tue Jul 01 08:00:00 CST 2025", 8),
    ],
)
def test_a_time_without_a_zone_is_beijing_s(written: str, hour: int) -> None:
    [entry] = parse_source(
        f"<rss><channel><item><title>a</title><pubDate>{written}</pubDate></item></channel></rss>".encode(), URL
    ).entries
    assert entry.published
    assert f"{entry.published.astimezone(BEIJING):%Y-%m-%d %H}" == f"2025-07-01 {hour:02}"


def test_when_something_changed_is_not_when_it_was_published() -> None:
    new, old = parse_source(SITEMAP.encode(), URL).entries
    assert new.published
    assert (old.published, str(old.updated)) == (None, "2023-12-31 16:00:00+00:00")
    [entry] = parse_source(ATOM.encode(), URL).entries
    assert (entry.published, bool(entry.updated)) == (None, True)


def test_a_list_page_by_a_selector() -> None:
    found = parse_source(LIST.encode(), URL, links=".news")
    assert links(found) == ["https://news.example/1", "https://news.example/2#x"]
    assert [entry.title for entry in found.entries] == ["一", "二"]


BOMB = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 9999 + b'">]><rss><channel><title>&a;&a;</title></channel></rss>'


LATE = b"<!--" + b"x" * (2 << 20) + b'--><!DOCTYPE x [<!ENTITY a "a">]><rss><channel><title>&a;</title></channel></rss>'


@pytest.mark.parametrize(
    ("body", "chosen", "reason"),
    [
        (b"", "", "no feed"),
        (b"<html><body>hello</body></html>", "", "--links"),
        (BOMB, "", "entities"),
        (BOMB.decode().encode("utf-16"), "", "entities"),
        (LATE, "", "entities"),
        (b"<rss>" + b"<a>" * 500_000, "", "nests"),
        (b"<" * 100_000, "", "no XML"),
        (b"\x1f\x8b\x08broken", "", "damaged"),
        (gzip.compress(b" " * (11 << 20)), "", "larger"),
        (LIST.encode(), "a[", "no CSS selector"),
        (LIST.encode(), ".none", "no links"),
        (b"", "a", "no page"),
    ],
)
def test_what_is_no_source_is_refused_with_the_reason(body: bytes, chosen: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        parse_source(body, URL, links=chosen)


def test_opml() -> None:
    opml = b"""<opml><body><outline text="Chips"><outline xmlUrl="https://a.example/f"/></outline>
        <outline xmlUrl="https://b.example/f"/><outline xmlUrl="file:///etc/passwd"/></body></opml>"""
    assert list(read_opml(opml)) == [("https://a.example/f", "Chips"), ("https://b.example/f", "")]
    with pytest.raises(SourceError):
        list(read_opml(b"<opml>"))


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"<rss>", b"<urlset>", b"<feed>", RSS.encode()]), st.text(max_size=9)
)
@example(b"<item><link>http://[</link></item>", b"<rss version='2.0'><channel>", "")
@example(b"<a><&#x" + b"1" * 99 + b";", b"<feed>", "")
def test_anything_is_read_or_refused(body: bytes, head: bytes, chosen: str) -> None:
    for links in ("", chosen):
        with suppress(SourceError):
            assert isinstance(parse_source(head + body, URL, links=links), ParsedSource)
