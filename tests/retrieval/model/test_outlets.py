"""The outlet registry and the links made from it."""

import re
from collections import Counter
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.model.documents import BEIJING, Document, Outlet
from retrieval.model.outlets import all_names, document_links, home_site, is_web, outlet


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("经济日报", "经济日报"),
        ("Jing Ji Ri Bao", "经济日报"),
        ("jingjiribao", "经济日报"),
        (" JING  JI RI BAO ", "经济日报"),
        ("economic daily", "经济日报"),
        ("Jing Ji Guan Cha Wang", "经济观察报"),
        ("经济观察网", "经济观察报"),
        ("21 Shi Ji Jing Ji Bao Dao", "21世纪经济报道"),
        ("２１世纪经济报道", "21世纪经济报道"),
        ("36Kr", "36氪"),
        ("IT Zhi Jia", "IT之家"),
        ("The Paper", "澎湃新闻"),
        ("Foo  Bar Bao", "Foo Bar Bao"),
        ("Shan Xi Ri Bao", "Shan Xi Ri Bao"),  # 山西日报 or 陕西日报: not for us to say
    ],
)
def test_outlet(printed: str, name: str) -> None:
    assert outlet(printed).name == name


def test_known_outlets_come_with_all_their_names() -> None:
    assert outlet("第一财经") == Outlet("第一财经", "Di Yi Cai Jing", "Yicai")
    assert outlet("Foo Bao") == Outlet("Foo Bao")


@pytest.mark.parametrize("spelling", ["经济日报", "jing ji ri bao", "jingjiribao", "economic daily", "经济观察网"])
def test_names_are_what_a_question_may_say(spelling: str) -> None:
    assert all_names()[spelling] == outlet(spelling)


@pytest.mark.parametrize("word", ["财经", "量子位", "the paper", "synced", "caijing", "cai jing"])
def test_everyday_words_are_no_names(word: str) -> None:
    assert word not in all_names()


def test_the_registry_is_consistent() -> None:
    known = {found.name: found for found in all_names().values()}
    assert len(known) > 150
    assert [
        name for name, count in Counter(found.pinyin for found in known.values()).items() if name and count > 1
    ] == []
    for spelling, found in all_names().items():
        assert spelling == spelling.casefold()
        assert outlet(spelling) == found, f"{spelling} is claimed twice"
    for name in known:
        assert re.fullmatch(r"[a-z0-9.-]+\.[a-z]+", home_site(name) or "a.cn"), name


@given(st.text())
def test_any_name_gives_an_outlet_that_is_its_own(printed: str) -> None:
    assert outlet(outlet(printed).name) == outlet(printed)


def document(outlet: str, url: str | None = None, title: str = "AT&T “5%” 涨了? 100%+") -> Document:
    return Document("0" * 16, title, Outlet(outlet), datetime(2025, 8, 12, tzinfo=BEIJING), ("t",), url, ())


def test_an_address_is_linked_as_it_is() -> None:
    (link,) = document_links(document("经济日报", "https://www.ce.cn/a?b=1&c=2"))
    assert (link.kind, link.url) == ("article", "https://www.ce.cn/a?b=1&c=2")


@pytest.mark.parametrize(
    ("name", "query"),
    [("经济日报", "site:ce.cn AT&T “5%” 涨了? 100%+"), ("某某报", "AT&T “5%” 涨了? 100%+ 某某报")],
)
def test_without_one_the_title_is_searched(name: str, query: str) -> None:
    (link,) = document_links(document(name), "https://search.example/find?a=1&q={query}&b={x}")
    assert link.kind == "search"
    assert parse_qs(urlsplit(link.url).query) == {"a": ["1"], "q": [query], "b": ["{x}"]}


def test_the_summary_is_linked_once_the_bot_has_a_name() -> None:
    assert [link.kind for link in document_links(document("经济日报"))] == ["search"]
    source, summary = document_links(document("经济日报", "http://ce.cn/"), bot="zhidian_bot")
    assert (source.kind, summary.kind) == ("article", "summary")
    assert summary.url == "https://t.me/zhidian_bot?start=d_0000000000000000"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://a.cn/", "https://", "http:///x", "//a.cn", "ce.cn", "https://a.cn/b c", "http://["],
)
def test_only_web_addresses_are_addresses(url: str) -> None:
    assert not is_web(url)
    assert document_links(document("经济日报", url))[0].kind == "search"


@given(st.text(max_size=50), st.text(max_size=50))
def test_links_are_always_plain_ascii(name: str, title: str) -> None:
    (link,) = document_links(document(name, title=title))
    assert re.fullmatch(r"https://www\.bing\.com/search\?q=[A-Za-z0-9%_.~-]+", link.url)
