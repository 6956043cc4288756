"""Feeds and pages served on loopback, and what of them arrives in the corpus."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.database import Store
from bot.feeds import Feed, Feeds, migrations
from bot.gathering import Gathering
from feeds.fetching import Fetcher, Limits
from retrieval.library import Library
from tests.following import Life, beijing
from tests.web import Page, Site, served

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
    site: Site
    library: Library
    feeds: Feeds
    gathering: Gathering
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
def place(fresh: Path) -> Iterator[Place]:
    library, feeds = Library(fresh), Feeds(Store(None, migrations))
    web = Fetcher(frozenset({"127.0.0.1"}), limits=Limits(size=200_000, whole=1.0, pause=0.0))
    with served() as site:
        clock = [datetime(2025, 7, 2, tzinfo=UTC)]
        yield Place(site, library, feeds, Gathering(library, feeds, web, lambda: clock[0]), clock)
    web.close()
    feeds.close()
    library.close()


def test_pages_come_in_once(place: Place) -> None:
    place.site.pages |= {
        "/rss": Page(rss(("平台", "/a"), ("无页", "/gone")), "application/rss+xml", headers={"ETag": '"1"'}),
        "/a": Page(article("怀柔平台").encode("gb18030"), "text/html; charset=gb2312"),
    }
    feed = place.add("/rss")
    visit = place.gathering.visit(feed)
    assert ([document.kind for document in visit.documents], visit.refused) == (["full", "summary"], ())
    assert place.titles() == {"怀柔平台": "full", "无页": "summary"}
    assert place.library.search("四十二亿元", now=place.clock[0]).hits[0].point.text == PARAGRAPHS[1]
    assert place.gathering.visit(place.feed(feed.url)).unchanged
    place.site.pages["/rss"] = Page(rss(("平台", "/a"), ("无页", "/gone")), "application/rss+xml")
    asked = len(place.site.asked)
    assert place.gathering.visit(place.feed(feed.url)).documents == ()
    assert len(place.site.asked) == asked + 1


def test_a_page_that_fails_is_tried_again_and_at_last_its_summary_does(place: Place) -> None:
    place.site.pages |= {"/rss": Page(rss(("平台", "/a")), headers={"ETag": '"1"'}), "/a": Page(status=503)}
    feed = place.add("/rss")
    for _ in range(3):
        visit = place.gathering.visit(place.feed(feed.url))
        assert (visit.documents, len(visit.refused)) == ((), 1)
    place.gathering.visit(place.feed(feed.url))
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
    place.gathering.visit(place.add("/list", links=".news"))
    place.gathering.visit(place.add("/map.xml"))
    assert place.titles() == {"甲": "full", "乙": "full"}


def test_a_moved_feed_is_followed_to_where_it_went(place: Place) -> None:
    place.site.pages |= {"/old": Page(status=301, headers={"Location": "/new"}), "/new": Page(rss())}
    place.gathering.visit(place.add("/old"))
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
        visit = place.gathering.visit(feed)
        assert visit.error
        assert not visit.documents
        feed = place.feed(feed.url)
        pauses.append(feed.due - place.clock[0].timestamp())
    assert pauses == sorted(pauses)
    assert pauses[2] > 2 * pauses[0]
    assert (feed.failures, place.feeds.failing(), place.feeds.dead("原始创新", place.clock[0])) == (3, [feed], True)
    day = place.clock[0] + timedelta(days=1)
    assert [one.id for one in place.feeds.untold(day)] == [feed.id]
    assert place.feeds.untold(day) == []
    place.site.pages["/rss"] = Page(rss())
    place.gathering.visit(feed)
    assert place.feeds.failing() == []


def test_retry_after_is_waited_for(place: Place) -> None:
    place.site.pages["/rss"] = Page(status=429, headers={"Retry-After": "90000"})
    feed = place.add("/rss")
    place.gathering.visit(feed)
    assert place.feed(feed.url).due - place.clock[0].timestamp() >= 90_000


def test_what_was_removed_is_not_brought_back(place: Place) -> None:
    place.site.pages |= {"/rss": Page(rss(("平台", "/a"))), "/a": Page(article("怀柔平台"))}
    feed = place.add("/rss")
    place.gathering.visit(feed)
    assert place.feeds.remove(str(feed.id))
    assert not place.feeds.remove(str(feed.id))
    assert place.titles() == {"怀柔平台": "full"}


def test_the_commands(fresh: Path) -> None:
    def zhidian(*arguments: str) -> tuple[int, str]:
        environ = {"ZHIDIAN_DATA": str(fresh), "ZHIDIAN_FEED_HOSTS": "127.0.0.1", "TELEGRAM_BOT_TOKEN": ""}
        result = CliRunner(env=environ).invoke(main, ["feed", *arguments])
        return result.exit_code, result.output

    with served() as site:
        site.pages |= {"/rss": Page(rss(("平台", "/a"))), "/a": Page(article("怀柔平台")), "/page": Page("<p>no feed")}
        tried = zhidian("test", f"{site.url}/rss", "--topic", "T")
        assert tried[0] == 0
        assert PARAGRAPHS[1] in tried[1]
        assert zhidian("list") == (0, "")
        assert zhidian("add", f"{site.url}/rss", "--every", "1h")[1] == (
            f"following {site.url}/rss: 1 entries now, for the topic 新闻\n"
        )
        assert zhidian("fetch") == (0, f"{site.url}/rss: 1 came in, 0 refused\n")
        assert f"\t新闻\t{site.url}/rss\t60m\t" in zhidian("list")[1]
        code, said = zhidian("add", f"{site.url}/page")
        assert (code, "--links" in said) == (1, True)
        assert zhidian("add", f"{site.url}/rss", "--every", "1m")[0] == 2
        opml = fresh / "feeds.opml"
        opml.write_text(f'<opml><body><outline xmlUrl="{site.url}/other"/></body></opml>', "utf-8")
        assert zhidian("import", str(opml)) == (0, "1 new, 0 changed\n")
        assert zhidian("fetch", "2")[0] == 1
        assert zhidian("remove", "2")[0] == 0
        assert zhidian("remove", "2")[0] == 1


async def test_from_a_feed_to_an_answer_to_tomorrow_s_digest(fresh: Path) -> None:
    life = Life(fresh, beijing("2025-07-01T09:00"))
    life.follow("原始创新")
    feeds = Feeds(Store(fresh / "bot.db", migrations))
    web = Fetcher(frozenset({"127.0.0.1"}), limits=Limits(pause=0.0))
    with served() as site:
        site.pages |= {"/rss": Page(rss(("平台", "/a"))), "/a": Page(article("怀柔平台"))}
        feeds.add(f"{site.url}/rss", "原始创新", timedelta(minutes=30), "", life.now)
        gathering = Gathering(life.library, feeds, web, lambda: life.now)
        [feed] = feeds.due(life.now)
        gathering.visit(feed)
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
