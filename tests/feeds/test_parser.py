import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.parser import MAX_ITEMS, parse_source
from feeds.source import ParsedSource, SourceError
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


@pytest.mark.parametrize("selector", ["A|A", "x|a.news", ">>"])
def test_a_selector_that_chooses_from_no_page_is_refused(selector: str) -> None:
    with pytest.raises(SourceError, match="is no CSS selector"):
        parse_source(LIST.encode(), URL, links=selector)


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


def rss_of(items: str, head: str = "") -> bytes:
    return f'{head}<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def item(title: str, guid: str = "", link: str = "", date: str = "", more: str = "") -> str:
    parts = {"title": title, "guid": guid, "link": link, "pubDate": date}
    return f"<item>{''.join(f'<{name}>{text}</{name}>' for name, text in parts.items() if text)}{more}</item>"


GOOD, DATE = item("好的", "1", "/1"), "Tue, 01 Jul 2025 {:02}:00:00 +0800"


@pytest.mark.parametrize(
    ("bad", "title"),
    [
        ("火箭&#55357;&#56960;发射&#xD83D;&#xDE80;", "火箭🚀发射🚀"),
        ("一半&#55357;", "一半"),
        ("&#xDE80;&#xD83D;颠倒", "颠倒"),
        ("控制\x0b字符&#x1f;&#0;&#9999999;", "控制字符"),
        ("A&nbsp;B&mdash;C", "A B—C"),
        ("AT&T R&D", "AT&T R&D"),
        ('<![CDATA[写入 <!ENTITY x "y"> 就能]]>', "写入 就能"),
    ],
)
def test_a_bad_entry_costs_no_other(bad: str, title: str) -> None:
    found = parse_source(rss_of(GOOD + item(bad, "2", "/2") + item("末", "3")), URL)
    assert {entry.title for entry in found.entries} >= {"好的", "末"}
    assert title in {entry.title.replace("\ufffd", "") for entry in found.entries}


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>',
        '<!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY copy "&#169;"> <!ELEMENT a ANY>]>',
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x.example/rss-0.91.dtd">',
        '<!DOCTYPE rss [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1//EN" "http://x.example/lat1.ent">\n%HTMLlat1;]>',
        "\n\n<?xml version='1.0'?>",
        "Warning: something in x.php\n<?xml version='1.0'?>",
    ],
)
def test_a_harmless_prologue(head: str) -> None:
    found = parse_source(rss_of(GOOD + item("A&nbsp;B", "2"), head), URL)
    assert [entry.title for entry in found.entries] == ["好的", "A B"]


@pytest.mark.parametrize(
    ("encoding", "slip"), [("gb2312", ""), ("gb2312", "&nbsp;"), ("utf-8", "&nbsp;"), ("utf-8", "&")]
)
def test_many_tags_are_read_in_any_character_set(encoding: str, slip: str) -> None:
    description = f"<description><![CDATA[{'<p><b>怀</b><i>柔</i></p>' * 12_000}]]></description>"
    body = rss_of(item("平台", "1", more=description) + item(f"A{slip}B", "2")).decode()
    found = parse_source(f'<?xml version="1.0" encoding="{encoding}"?>{body}'.encode(encoding), URL)
    assert [entry.key for entry in found.entries] == ["1", "2"]


def test_of_a_long_feed_the_newest_are_taken_whatever_their_order() -> None:
    items = [
        item(f"第{n}号", str(n), f"/{n}", f"2025-07-{1 + n // 24:02} {n % 24:02}:00") for n in range(MAX_ITEMS + 30)
    ]
    for ordered in (items, items[::-1]):
        found = parse_source(rss_of("".join(ordered)), URL)
        assert [entry.key for entry in found.entries] == [str(n) for n in range(MAX_ITEMS + 29, 29, -1)]


@pytest.mark.parametrize("date", ["", DATE.format(8)])
def test_of_a_long_feed_without_times_both_ends_are_taken(date: str) -> None:
    half = MAX_ITEMS // 2
    found = parse_source(rss_of("".join(item(f"第{n}号", str(n), date=date) for n in range(MAX_ITEMS + 30))), URL)
    assert [entry.key for entry in found.entries] == [
        *map(str, range(half)),
        *map(str, range(half + 30, MAX_ITEMS + 30)),
    ]


@pytest.mark.parametrize(
    ("items", "keys"),
    [
        ([("甲", "g", "/1"), ("乙", "g", "/2")], ["g https://news.example/1", "g https://news.example/2"]),
        ([("甲", "", "/"), ("乙", "", "/")], None),
        ([("甲", "g", "/"), ("乙", "g", "/")], None),
        ([("甲", "1", "/"), ("乙", "2", "/")], ["1", "2"]),
    ],
)
def test_entries_that_share_a_guid_or_a_link_are_told_apart(
    items: list[tuple[str, str, str]], keys: list[str] | None
) -> None:
    body = rss_of("".join(item(*one) for one in items) + item("别的", "other"))
    found = [entry.key for entry in parse_source(body, URL).entries]
    assert len(set(found)) == 3
    assert found[-1] == "other"
    assert keys is None or found[:2] == keys


def test_json_feed() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "新闻",
        "items": [
            {
                "id": 7,
                "url": "/a",
                "title": "平台",
                "content_html": "<p>怀柔 &amp; 昌平</p>",
                "date_published": "2025-07-01T08:00:00+08:00",
                "date_modified": "2025-07-02T08:00:00+08:00",
            },
            {"id": "8", "external_url": "https://b.example/b", "content_text": "A < B", "title": None},
            "no object",
            {},
        ],
    }
    found = parse_source(json.dumps(feed).encode(), URL)
    first, second = found.entries
    assert (found.title, first.key, first.link) == ("新闻", "7", "https://news.example/a")
    assert (first.title, first.summary, str(first.published)) == ("平台", "怀柔 & 昌平", "2025-07-01 00:00:00+00:00")
    assert str(first.updated) == "2025-07-02 00:00:00+00:00"
    assert (second.link, second.summary) == ("https://b.example/b", "A < B")


@pytest.mark.parametrize("body", [b"{", b'{"a": 1}', b'{"version": "https://jsonfeed.org/version/1"}', b"{" * 100_000])
def test_what_is_no_json_feed(body: bytes) -> None:
    with pytest.raises(SourceError, match="JSON"):
        parse_source(body, URL)


def test_a_page_that_names_its_feeds() -> None:
    page = """<html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml">
        <link REL="Alternate" type="application/atom+xml" href="https://news.example/atom">
        <link rel="alternate" hreflang="en" href="/en"><link rel=stylesheet href=x></head><body>Hi</body></html>"""
    with pytest.raises(SourceError, match=r"its feed: https://news\.example/rss\.xml, https://news\.example/atom$"):
        parse_source(page.encode(), URL)


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"<rss>", b"<urlset>", b"<feed>", RSS.encode()]), st.text(max_size=9)
)
@example(b"<item><link>http://[</link></item>", b"<rss version='2.0'><channel>", "")
@example(b"<a><&#x" + b"1" * 99 + b";", b"<feed>", "")
def test_anything_is_read_or_refused(body: bytes, head: bytes, chosen: str) -> None:
    for links in ("", chosen):
        with suppress(SourceError):
            assert isinstance(parse_source(head + body, URL, links=links), ParsedSource)
