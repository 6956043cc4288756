"""Feeds and pages served on loopback, and what of them arrives in the corpus."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from feeds import sync as feed_sync
from feeds.fetcher import Fetcher, FetchLimits
from feeds.parser import MAX_ITEMS
from feeds.registry import Feed, FeedRegistry, feed_migrations
from feeds.sync import FeedSync
from retrieval.library import Library
from retrieval.model.documents import Document
from retrieval.runtime.sandbox import Sandbox
from retrieval.storage.store import Store
from tests.support.subscriptions import Life, beijing
from tests.support.web_server import Page, Site, served

PARAGRAPHS = (
    "怀柔科学城今年新增了两个平台，面积达到三万平方米，由中科院负责运营管理。",
    "第二段说明资金来自北京市财政，总额为四十二亿元，分三年拨付给各个项目。",
)


def article(title: str) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    return f"""<html><head><title>{title}</title><meta property="article:published_time" content="2025-07-01"></head>
        <body><article><h1>{title}</h1>{paragraphs}</article></body></html>"""


def rss(*items: tuple[str, str]) -> str:
    listed = "".join(
        f"<item><title>{title}</title><link>{link}</link><guid>{title}</guid><description>{title}的摘要</description>"
        "<pubDate>Tue, 01 Jul 2025 08:00:00 +0800</pubDate></item>"
        for title, link in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>新闻</title>{listed}</channel></rss>'


def forever(write: Callable[[bytes], Any]) -> None:
    while True:
        write(b"x" * 10_000)


@dataclass
class Place:
    folder: Path
    site: Site
    library: Library
    feeds: FeedRegistry
    sync: FeedSync
    clock: list[datetime] = field(default_factory=lambda: [datetime(2025, 7, 2, tzinfo=UTC)])

    def add(self, path: str, topic: str = "原始创新", links: str = "") -> Feed:
        url = self.site.url + path
        self.feeds.add(url, topic, timedelta(minutes=30), links, self.clock[0])
        return self.feed(url)

    def feed(self, url: str) -> Feed:
        return next(one for one in self.feeds.all() if one.url == url)

    def titles(self) -> dict[str, str]:
        return {document.title: document.kind for document in self.library.recent(100)}


@pytest.fixture
def place(fresh: Path, sandbox: Sandbox) -> Iterator[Place]:
    library, feeds = Library(fresh), FeedRegistry(Store(None, feed_migrations))
    web = Fetcher(frozenset({"127.0.0.1"}), limits=FetchLimits(max_bytes=200_000, total_seconds=1.0, pause_seconds=0.0))
    with served() as site:
        clock = [datetime(2025, 7, 2, tzinfo=UTC)]
        place = Place(fresh, site, library, feeds, FeedSync(library, feeds, web, sandbox, lambda: clock[0]), clock)
        yield place
    web.close()
    feeds.close()
    place.library.close()


def test_pages_come_in_once(place: Place) -> None:
    place.site.pages |= {
        "/rss": Page(rss(("平台", "/a"), ("无页", "/gone")), "application/rss+xml", headers={"ETag": '"1"'}),
        "/a": Page(article("怀柔平台").encode("gb18030"), "text/html; charset=gb2312"),
    }
    feed = place.add("/rss")
    visit = place.sync.sync(feed)
    assert ([document.kind for document in visit.documents], visit.refused) == (["full", "summary"], ())
    assert place.titles() == {"怀柔平台": "full", "无页": "summary"}
    assert place.library.search("四十二亿元", now=place.clock[0]).hits[0].point.text == PARAGRAPHS[1]
    assert place.sync.sync(place.feed(feed.url)).unchanged
    place.site.pages["/rss"] = Page(rss(("平台", "/a"), ("无页", "/gone")), "application/rss+xml")
    asked = len(place.site.asked)
    assert place.sync.sync(place.feed(feed.url)).documents == ()
    assert len(place.site.asked) == asked + 1


def test_a_page_that_fails_is_tried_again_and_at_last_its_summary_does(place: Place) -> None:
    place.site.pages |= {"/rss": Page(rss(("平台", "/a")), headers={"ETag": '"1"'}), "/a": Page(status=503)}
    feed = place.add("/rss")
    for _ in range(3):
        visit = place.sync.sync(place.feed(feed.url))
        assert (visit.documents, len(visit.refused)) == ((), 1)
    place.sync.sync(place.feed(feed.url))
    assert place.titles() == {"平台": "summary"}


def test_list_pages_and_sitemaps(place: Place) -> None:
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    inner = f'<urlset xmlns="{namespace}"><url><loc>{place.site.url}/b</loc></url></urlset>'
    index = f'<sitemapindex xmlns="{namespace}"><sitemap><loc>{place.site.url}/1.xml</loc></sitemap></sitemapindex>'
    place.site.pages |= {
        "/list": Page('<div class="news"><a href="/a">甲</a></div><a href="/about">about</a>'),
        "/map.xml": Page(index, "text/xml"),
        "/1.xml": Page(inner, "text/xml"),
        "/a": Page(article("甲")),
        "/b": Page(article("乙")),
    }
    place.sync.sync(place.add("/list", links=".news"))
    place.sync.sync(place.add("/map.xml"))
    assert place.titles() == {"甲": "full", "乙": "full"}


def test_a_moved_feed_is_followed_to_where_it_went(place: Place) -> None:
    place.site.pages |= {"/old": Page(status=301, headers={"Location": "/new"}), "/new": Page(rss())}
    place.sync.sync(place.add("/old"))
    assert place.feed(f"{place.site.url}/new").failures == 0


@pytest.mark.parametrize(
    "page",
    [
        Page(status=410),
        Page(status=500),
        Page("no feed at all"),
        Page("x" * 300_000),
        Page('<!DOCTYPE x [<!ENTITY a "aa">]><rss/>'),
        Page(pieces=forever),
    ],
    ids=["gone", "broken", "no feed", "huge", "entities", "endless"],
)
def test_what_fails_is_noted_and_asked_less_and_less(place: Place, page: Page) -> None:
    place.site.pages["/rss"] = page
    feed, pauses = place.add("/rss"), []
    for _ in range(3):
        visit = place.sync.sync(feed)
        assert visit.error
        assert not visit.documents
        feed = place.feed(feed.url)
        pauses.append(feed.due - place.clock[0].timestamp())
    assert pauses == sorted(pauses)
    assert pauses[2] > 2 * pauses[0]
    assert (feed.failures, place.feeds.failing(), place.feeds.all_failing("原始创新", place.clock[0])) == (
        3,
        [feed],
        True,
    )
    day = place.clock[0] + timedelta(days=1)
    assert [one.id for one in place.feeds.take_unreported(day)] == [feed.id]
    assert place.feeds.take_unreported(day) == []
    place.site.pages["/rss"] = Page(rss())
    place.sync.sync(feed)
    assert place.feeds.failing() == []


def test_retry_after_is_waited_for(place: Place) -> None:
    place.site.pages["/rss"] = Page(status=429, headers={"Retry-After": "90000"})
    feed = place.add("/rss")
    place.sync.sync(feed)
    assert place.feed(feed.url).due - place.clock[0].timestamp() >= 90_000


def stamped(title: str, link: str, minute: int, guid: str = "") -> str:
    """A feed of one item, published at that minute."""
    return (
        rss((title, link)).replace("08:00:00", f"08:{minute:02}:00").replace(f"<guid>{title}", f"<guid>{guid or title}")
    )


def test_what_was_removed_is_not_brought_back(place: Place) -> None:
    """Neither by another feed that says another time, nor in a corpus made anew."""
    place.site.pages |= {"/rss": Page(stamped("平台", "/a", 0)), "/a": Page(article("怀柔平台"))}
    place.sync.sync(place.add("/rss"))
    [document] = place.library.recent(5)
    place.library.remove([document.id])
    place.site.pages["/b"] = Page(stamped("平台", "/a", 7))
    place.sync.sync(place.add("/b"))
    assert place.titles() == {}
    place.sync.sync(place.add("/b", links=""))
    with made_anew(place) as again:
        assert again.recent(5) == []
    assert place.feeds.remove("1")
    assert not place.feeds.remove("1")


@contextmanager
def made_anew(place: Place) -> Iterator[Library]:
    """What comes of the folder without its corpus and its index."""
    place.library.close()
    for name in ("corpus.db", "corpus.db-wal", "corpus.db-shm"):
        (place.folder / name).unlink(missing_ok=True)
    shutil.rmtree(place.folder / "index", ignore_errors=True)
    place.library = Library(place.folder)
    place.library.rebuild()
    yield place.library


def test_one_article_of_two_feeds_or_addresses_comes_once(place: Place) -> None:
    """Their times differ by minutes, one leads there by a redirect, and the page tells its address."""
    body = article("怀柔平台").replace("<head>", f'<head><link rel="canonical" href="{place.site.url}/a">')
    place.site.pages |= {
        "/rss": Page(stamped("平台", "/a?from=rss", 0)),
        "/b": Page(stamped("怀柔的平台", "/short", 7)),
        "/list": Page('<a class="news" href="/a">甲</a>'),
        "/short": Page(status=302, headers={"Location": "/a"}),
        **dict.fromkeys(("/a", "/a?from=rss"), Page(body)),
    }
    for path, links in (("/rss", ""), ("/b", ""), ("/list", ".news")):
        assert len(place.sync.sync(place.add(path, path, links)).documents) == 1
    [document] = place.library.recent(5)
    assert (document.url, document.topics) == (f"{place.site.url}/a", ("/rss", "/b", "/list"))
    assert f"{document.published:%H:%M}" == "08:00"


def test_an_article_that_changed_is_a_revision_also_in_a_corpus_made_anew(place: Place) -> None:
    place.site.pages |= {"/rss": Page(stamped("平台", "/a", 0)), "/a": Page(article("怀柔平台"))}
    feed = place.add("/rss")
    place.sync.sync(feed)
    [(number, before)] = place.library.after(0)
    place.site.pages |= {
        "/rss": Page(stamped("平台（更新）", "/a", 30, "平台")),
        "/a": Page(article("怀柔平台（更新）").replace("四十二亿元", "四十三亿元")),
    }
    place.sync.sync(place.feed(feed.url))
    assert place.sync.sync(place.feed(feed.url)).documents == ()
    assert len(place.site.asked) == 5  # the feed three times, the article twice
    for library in (place.library, None):
        if library is None:
            with made_anew(place) as again:
                [(same, after)] = again.after(0)
        else:
            [(same, after)] = library.after(0)
        assert (same, after.id, after.kind) == (number, before.id, "full")
        assert "四十三亿元" in after.points[1].text


def test_what_is_left_of_a_long_feed_comes_the_next_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the feed itself did not change since."""
    monkeypatch.setattr(feed_sync, "MAX_ENTRIES_PER_VISIT", 2)
    items = [(f"第{n}篇", f"/{n}") for n in range(3)]
    place.site.pages["/rss"] = Page(rss(*items), headers={"Last-Modified": "Tue, 01 Jul 2025 00:00:00 GMT"})
    place.site.pages |= {link: Page(article(title)) for title, link in items}
    feed = place.add("/rss")
    assert len(place.sync.sync(feed).documents) == 2
    assert len(place.sync.sync(place.feed(feed.url)).documents) == 1
    assert place.sync.sync(place.feed(feed.url)).unchanged
    assert place.sync.sync(place.feed(feed.url)).unchanged


def test_a_feed_that_moved_to_where_another_is_waits_like_any(place: Place) -> None:
    place.site.pages |= {"/old": Page(status=301, headers={"Location": "/new"}), "/new": Page(rss())}
    place.add("/new")
    old = place.add("/old")
    place.sync.sync(old)
    assert place.feed(old.url).due > place.clock[0].timestamp()


def test_a_server_that_asks_for_patience_without_end_gets_a_week(place: Place) -> None:
    place.site.pages["/rss"] = Page(status=503, headers={"Retry-After": "9" * 400})
    feed = place.add("/rss")
    place.sync.sync(feed)
    assert place.feed(feed.url).due - place.clock[0].timestamp() == 7 * 86_400


def test_what_would_keep_the_reader_busy_is_refused(place: Place) -> None:
    """The feed with its reason; an entry whose page is like that comes as its summary. Both take over 0.3 s."""
    long = "<p>x<b>y</b></p>" * 9_000
    place.site.pages |= {
        "/rss": Page(rss(*[("平台", "/a")] * 1_200)),
        "/a": Page(article("怀柔平台").replace("</article>", f"{long}</article>")),
    }
    hasty = Sandbox(seconds=0.01)
    busy = replace(place.sync, sandbox=hasty)
    feed = place.add("/rss")
    assert "longer" in busy.sync(feed).error
    assert place.feed(feed.url).failures == 1
    [entry] = place.sync.preview(place.sync.web.get(feed.url), "").entries
    read = busy.read_entry(entry, "t", "新闻")
    hasty.close()
    assert isinstance(read, Document)
    assert (read.title, read.kind) == ("平台", "summary")


def test_the_commands(fresh: Path) -> None:
    def zhidian(*arguments: str) -> tuple[int, str]:
        environ = {"ZHIDIAN_DATA": str(fresh), "ZHIDIAN_FEED_HOSTS": "127.0.0.1", "TELEGRAM_BOT_TOKEN": ""}
        result = CliRunner(env=environ).invoke(main, ["feed", *arguments])
        return result.exit_code, result.output

    with served() as site:
        site.pages |= {"/rss": Page(rss(("平台", "/a"))), "/a": Page(article("怀柔平台")), "/page": Page("<p>no feed")}
        tried = zhidian("test", f"{site.url}/rss", "--topic", "T")
        assert tried[0] == 0
        assert f"- {PARAGRAPHS[1]}" in tried[1]
        assert f"• {PARAGRAPHS[1]}" in tried[1]  # as a digest would have it
        assert "原文" in tried[1] or "full text" in tried[1]
        assert not list((fresh / "sources").glob("*"))
        assert zhidian("list") == (0, "")
        assert zhidian("add", f"{site.url}/rss", "--every", "1h")[1] == (
            f"following {site.url}/rss: 1 entries now, for the topic 新闻\n"
        )
        assert zhidian("fetch") == (0, f"{site.url}/rss: 1 came in, 0 refused\n")
        assert f"\t新闻\t{site.url}/rss\t60m\t" in zhidian("list")[1]
        code, said = zhidian("add", f"{site.url}/page")
        assert (code, "--links" in said) == (1, True)
        assert zhidian("add", f"{site.url}/rss", "--every", "1m")[0] == 2
        before = CliRunner().invoke(main, ["--data", str(fresh), "feed", "list"])
        assert f"\t新闻\t{site.url}/rss\t" in before.output  # `--data` may stand before a command of a command
        opml = fresh / "feeds.opml"
        opml.write_text(f'<opml><body><outline xmlUrl="{site.url}/other"/></body></opml>', "utf-8")
        assert zhidian("import", str(opml)) == (0, "1 new, 0 changed\n")
        assert zhidian("fetch", "2")[0] == 1
        assert zhidian("remove", "2")[0] == 0
        assert zhidian("remove", "2")[0] == 1


async def test_from_a_feed_to_an_answer_to_tomorrow_s_digest(fresh: Path, sandbox: Sandbox) -> None:
    life = Life(fresh, beijing("2025-07-01T09:00"))
    life.follow("原始创新")
    feeds = FeedRegistry(Store(fresh / "bot.db", feed_migrations))
    web = Fetcher(frozenset({"127.0.0.1"}), limits=FetchLimits(pause_seconds=0.0))
    with served() as site:
        site.pages |= {"/rss": Page(rss(("平台", "/a"))), "/a": Page(article("怀柔平台"))}
        feeds.add(f"{site.url}/rss", "原始创新", timedelta(minutes=30), "", life.now)
        sync = FeedSync(life.library, feeds, web, sandbox, lambda: life.now)
        [feed] = feeds.due(life.now)
        sync.sync(feed)
        assert feeds.due(life.now) == []
    result = life.library.search("北京市财政拨了多少钱？", now=life.now)
    assert result.hits[0].point.text == PARAGRAPHS[1]
    [(at, message)] = await life.until(beijing("2025-07-02T12:00"))
    assert at == beijing("2025-07-02T07:30")
    assert all(text in message.text for text in PARAGRAPHS)
    assert "原文" in message.text
    web.close()
    feeds.close()
    life.stop()


@pytest.mark.parametrize("slip", ["Thu, 01 Jan 1970 00:00:00 GMT", "Tue, 01 Jul 2099 08:00:00 GMT", "07/01/2025 08:00"])
def test_a_date_that_cannot_be_gives_way_to_the_page_s(place: Place, slip: str) -> None:
    listed = rss(("平台", "/a"), ("无页", "/gone")).replace("Tue, 01 Jul 2025 08:00:00 +0800", slip)
    place.site.pages |= {"/rss": Page(listed), "/a": Page(article("怀柔平台"))}
    visit = place.sync.sync(place.add("/rss"))
    assert [f"{document.published:%Y-%m-%d}" for document in visit.documents] == ["2025-07-01"]
    assert [why for _, why in visit.refused] == [
        f"{place.site.url}/gone: the server answered 404; nor has its entry a title and a date"
    ]


def dated(*items: tuple[str, str, str, str]) -> str:
    """An Atom feed of items with id, title, link and the time of their last change."""
    listed = "".join(
        f'<entry><id>{id}</id><title>{title}</title><link href="{link}"/><updated>{updated}</updated></entry>'
        for id, title, link, updated in items
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>新闻</title>{listed}</feed>'


def test_a_feed_that_dates_everything_anew_is_read_once_a_day(place: Place) -> None:
    place.site.pages |= {"/1": Page(article("怀柔平台")), "/2": Page(article("昌平基金"))}
    feed = place.add("/atom")

    def visit(minute: int) -> list[str]:
        now = place.clock[0] = datetime(2025, 7, 2, tzinfo=UTC) + timedelta(minutes=minute)
        stamp = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        place.site.pages["/atom"] = Page(dated(("1", "怀柔平台", "/1", stamp), ("2", "昌平基金", "/2", stamp)))
        del place.site.asked[:]
        place.sync.sync(place.feed(feed.url))
        return sorted(place.site.asked)

    assert visit(0) == ["/1", "/2", "/atom"]
    assert visit(30) == visit(60) == ["/atom"]
    assert visit(2000) == ["/1", "/2", "/atom"]


def test_of_one_entry_that_changed_the_page_is_read_again_at_once(place: Place) -> None:
    old, new = "2025-07-01T00:00:00Z", "2025-07-01T09:00:00Z"
    place.site.pages |= {"/1": Page(article("怀柔平台")), "/2": Page(article("昌平基金"))}
    feed = place.add("/atom")
    for stamp in (old, new):
        place.site.pages["/atom"] = Page(dated(("1", "怀柔平台", "/1", stamp), ("2", "昌平基金", "/2", old)))
        place.sync.sync(place.feed(feed.url))
    assert sorted(place.site.asked) == ["/1", "/1", "/2", "/atom", "/atom"]


@pytest.mark.parametrize(
    "items",
    [
        [("同", "怀柔平台", "/1"), ("同", "昌平基金", "/2")],
        [("1", "怀柔平台", "/all"), ("2", "昌平基金", "/all")],
        [("同", "怀柔平台", "/all"), ("同", "昌平基金", "/all")],
    ],
    ids=["guid", "link", "both"],
)
def test_shared_guids_and_links_are_read_once(place: Place, items: list[tuple[str, str, str]]) -> None:
    listed = "".join(
        f"<item><guid>{guid}</guid><title>{title}</title><link>{link}</link><description>{title}的摘要</description>"
        "<pubDate>Tue, 01 Jul 2025 08:00:00 +0800</pubDate></item>"
        for guid, title, link in items
    )
    place.site.pages |= {"/rss": Page(f'<rss version="2.0"><channel><title>新闻</title>{listed}</channel></rss>')}
    place.site.pages |= {"/1": Page(article("怀柔平台")), "/2": Page(article("昌平基金"))}
    feed = place.add("/rss")
    assert place.sync.sync(feed).refused == ()
    assert place.titles().keys() == {"怀柔平台", "昌平基金"}
    asked = len(place.site.asked)
    assert place.sync.sync(place.feed(feed.url)).documents == ()
    assert len(place.site.asked) == asked + 1


def test_what_is_appended_to_a_long_feed_comes_in(place: Place) -> None:
    feed = place.add("/rss")
    for last in (MAX_ITEMS + 30, MAX_ITEMS + 31):
        listed = "".join(
            f"<item><title>第{n}号平台</title><guid>{n}</guid><description>第{n}号平台今天开放。</description>"
            f"<pubDate>2025-06-01 {n // 60:02}:{n % 60:02}</pubDate></item>"
            for n in range(last)
        )
        place.site.pages["/rss"] = Page(f'<rss version="2.0"><channel><title>新闻</title>{listed}</channel></rss>')
        place.sync.sync(place.feed(feed.url))
        assert f"第{last - 1}号平台" in place.titles()


def test_adding_a_known_feed_keeps_what_is_not_named(fresh: Path) -> None:
    def zhidian(*arguments: str) -> str:
        environ = {"ZHIDIAN_DATA": str(fresh), "ZHIDIAN_FEED_HOSTS": "127.0.0.1", "TELEGRAM_BOT_TOKEN": ""}
        return CliRunner(env=environ).invoke(main, ["feed", *arguments]).output

    with served() as site:
        site.pages["/list"] = Page('<title>列表</title><div class=news><a href="/a">甲</a></div>')
        url = f"{site.url}/list"
        zhidian("add", url, "--topic", "甲", "--every", "2h", "--links", ".news")
        assert "changed" in zhidian("add", url)
        assert f"\t甲\t{url}\t120m\t" in zhidian("list")
        zhidian("add", url, "--topic", "乙")
        assert f"\t乙\t{url}\t120m\t" in zhidian("list")
        written = zhidian("export")
        zhidian("remove", url)
        opml = fresh / "feeds.opml"
        opml.write_text(written, "utf-8")
        assert zhidian("import", str(opml)) == "1 new, 0 changed\n"
        assert f"\t乙\t{url}\t120m\t" in zhidian("list")
        assert zhidian("export") == written
        assert zhidian("import", str(opml)) == "0 new, 1 changed\n"
        assert "no http or https address" in zhidian("add", "ftp://a.example/f")
        assert "is no address" in zhidian("add", "http://a.example:0/f")


def test_a_block_page_is_tried_again_and_gives_way_to_the_article_or_the_summary(place: Place) -> None:
    notice = (
        "<html><title>安全中心</title><body><p>系统监测到您的网络环境存在异常，请点击按钮进行确认。</p></body></html>"
    )
    place.site.pages |= {
        "/rss": Page(rss(("怀柔科学城新平台", "/a"), ("昌平基金规模扩大", "/b"), ("科创板改革新规", "/c"))),
        "/a": Page(notice),
        "/b": Page(notice),
        "/c": Page(status=302, headers={"Location": "/"}),
        "/": Page(article("新闻网")),
    }
    feed = place.add("/rss")
    visit = place.sync.sync(feed)
    reasons = sorted(why for _, why in visit.refused)
    assert reasons == ["its address leads to a front page", *["the page has other words than its entry"] * 2]
    place.site.pages["/a"] = Page(article("怀柔科学城新平台"))
    for _ in range(3):
        place.sync.sync(place.feed(feed.url))
    assert place.titles() == {"怀柔科学城新平台": "full", "昌平基金规模扩大": "summary", "科创板改革新规": "summary"}


def test_a_long_summary_is_cut_into_sentences(place: Place) -> None:
    whole = "".join(f"第{n}号平台今天在怀柔科学城开放，面向高校和企业，预计持续三年时间。" for n in range(40))
    place.site.pages["/rss"] = Page(rss(("平台", "/gone")).replace("平台的摘要", whole))
    [document] = place.sync.sync(place.add("/rss")).documents
    assert "".join(point.text for point in document.points) == whole
    assert all(len(point.text) <= 400 for point in document.points)
