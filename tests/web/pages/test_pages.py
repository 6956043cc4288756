"""The pages as a browser gets them, without its script."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from retrieval.library import Library
from retrieval.model.factory import build_document
from tests.support.page import NOW, links, news, page_client, parse_page
from tests.support.process import PATIENCE
from web.host import PageOptions
from web.request.reader import read_reader
from web.site.searches import BusyError, PageSearches

TOPIC = "原始创新"
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


def test_the_area_of_huairou_is_found_in_three_clicks(page: TestClient) -> None:
    home = page.get("/").text
    topic = page.get(links(home)[next(text for text in links(home) if text.startswith(TOPIC))]).text
    address = next(href for text, href in links(topic).items() if text.startswith("怀柔科学城将建成"))
    assert "100.9 square kilometers" in page.get(address).text


def test_a_search_shows_the_answer_the_points_and_what_was_understood(page: TestClient) -> None:
    found = page.get("/search", params={"q": "怀柔科学城面积多大? 新京报 2025年"}).text
    elements = parse_page(found)
    assert "100.9 square kilometers" in [one.text for one in elements if one.name == "strong"]
    assert "100.9 square kilometers" in [one.text for one in elements if one.name == "mark"]
    chips = {one.text: one.attributes for one in elements if "chip" in one.attributes.get("class", "")}
    assert any(text.startswith("新京报") for text in chips)
    without = next(attributes["href"] for text, attributes in chips.items() if text.startswith("2025"))
    assert "2025" not in unquote(without)
    assert "新京报" in unquote(without)


def test_a_date_that_does_not_exist_is_refused_or_read_as_its_month(page: TestClient) -> None:
    refused = page.get("/search", params={"q": "date:2025-13 芯片"}).text
    assert "“2025-13”" in refused
    assert "date:2025-07" in refused
    assert "2025-02" in page.get("/search", params={"q": "芯片 2025年2月30日"}).text


def test_a_point_of_a_search_leads_to_its_place_in_the_document(page: TestClient) -> None:
    found = page.get("/search", params={"q": "怀柔科学城面积多大?"}).text
    address = next(href for href in links(found).values() if href.startswith("/d/"))
    document = parse_page(page.get(address).text)
    assert urlsplit(address).fragment in {one.attributes.get("id") for one in document}


def test_what_nothing_answers_is_said(page: TestClient) -> None:
    assert "qwzxv" in next(
        one.text
        for one in parse_page(page.get("/search", params={"q": "qwzxv jkqpt"}, headers=ENGLISH).text)
        if one.attributes.get("role") == "status"
    )


def test_a_search_of_nothing_explains_itself(page: TestClient) -> None:
    for query in ("/search", "/search?q=", "/search?q=%20%E2%80%8B%00"):
        assert page.get(query).status_code == 200


def test_part_of_a_search_is_the_results_alone(page: TestClient) -> None:
    part = page.get("/search", params={"q": "怀柔科学城面积多大?", "part": "1"}).text
    assert "<html" not in part
    assert "100.9" in part


def test_the_search_box_of_a_topic_keeps_to_it(page: TestClient) -> None:
    found = page.get("/search", params={"q": "经费", "topic": TOPIC}).text
    [field] = [one for one in parse_page(found) if one.attributes.get("name") == "q"]
    assert field.attributes["value"] == f"topic:{TOPIC} 经费"


@pytest.mark.parametrize(
    "name", ['the "slow bull" market', '"slow bull" market', "“慢牛” 行情", '"双碳"行动', "a-b -c"]
)
def test_the_search_box_keeps_to_a_topic_with_marks_in_its_name(fresh: Path, name: str) -> None:
    library = Library(fresh)
    library.add([build_document(("消息", "经济日报", name), NOW, None, [("", "It hired 12 engineers.", ())])], "odd")
    library.add([news(1)], "news")
    with page_client(library, fresh) as page:
        elements = parse_page(page.get("/search", params={"q": "hired engineers", "topic": name}).text)
        [chip] = [one.text for one in elements if one.name == "a" and "chip" in one.attributes.get("class", "")]
        assert chip.startswith(f"{name} ×")
        assert [one.text for one in elements if one.name == "mark"]
        assert not [one.text for one in elements if "laboratories" in one.text]
    library.close()


def test_the_filters_of_a_topic_are_links_that_say_what_is_set(page: TestClient) -> None:
    topic = page.get(f"/t/{quote(TOPIC)}").text
    month = next(href for text, href in links(topic).items() if text.startswith("2025-06"))
    june = page.get(month).text
    assert len([one for one in parse_page(june) if one.name == "article"]) == 3
    assert [one.text for one in parse_page(june) if one.attributes.get("aria-current")] == ["2025-06 3"]
    outlet = next(href for text, href in links(june).items() if text.startswith("新京报"))
    both = page.get(outlet).text
    assert [one.text for one in parse_page(both) if one.attributes.get("aria-current")] == ["新京报 1", "2025-06 1"]
    chips = [one.attributes["href"] for one in parse_page(both) if one.attributes.get("class") == "chip"]
    assert month in chips


def test_long_lists_are_paged(fresh: Path) -> None:
    library = Library(fresh)
    library.add([news(n) for n in range(23)], "news")
    with page_client(library, fresh) as page:
        titles, address = [], f"/t/{quote('测试')}"
        for _ in range(3):
            html = page.get(address).text
            titles += [one.text for one in parse_page(html) if one.name == "h2" and one.text.startswith("消息")]
            address = next(
                (one.attributes["href"] for one in parse_page(html) if one.attributes.get("rel") == "next"), ""
            )
        assert titles == [f"消息{n}" for n in range(23)]
        assert not address
        assert page.get(f"/t/{quote('测试')}?page=3").status_code == 404
        assert page.get("/?page=99999999999").status_code == 200  # no number of a page
    library.close()


def test_a_document_has_its_source_versions_and_former_revisions(fresh: Path) -> None:
    library = Library(fresh)
    first = news(1)
    second = replace(news(1, "新京报"), title="换了标题")
    library.add([first, second], "news")
    changed = build_document(
        (first.title, "经济日报", "测试"),
        first.published,
        first.url,
        [("", "Spending rose to 977 million yuan.", (2,))],
    )
    with page_client(library, fresh) as page:
        before = page.get(f"/d/{first.id}")
        assert links(before.text)["换了标题"] == f"/d/{second.id}"
        assert first.url in links(before.text).values()
        assert page.get(f"/d/{first.id}", headers={"If-None-Match": before.headers["etag"]}).status_code == 304
        library.add([changed], "news")
        after = page.get(f"/d/{first.id}", headers={"If-None-Match": before.headers["etag"]})
        assert "977 million" in after.text
        assert "rose to 577 million yuan" in after.text
        [former] = [one.text for one in parse_page(after.text) if one.name == "summary"]
        assert former.startswith("第 1 版")
    library.close()


@pytest.mark.parametrize(
    "path", ["/d/0000000000000000", "/t/none", "/nothing", "/d/..%2f..%2fetc%2fpasswd", "/t/../../x"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_not_there_is_said_in_the_house_s_words(page: TestClient, path: str, language: str) -> None:
    answer = page.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 404
    [heading] = [one.text for one in parse_page(answer.text) if one.name == "h1"]
    assert heading == {"zh": "这里什么也没有", "en": "There is nothing here"}[language]


@pytest.mark.parametrize(
    "path", ["//evil.example", "///evil.example/x", "/%2Fevil.example", "/%5Cevil.example", "/nothing"]
)
def test_the_other_language_is_a_page_of_this_host(page: TestClient, path: str) -> None:
    """Two slashes at the beginning of a link, or a slash and a backslash, begin another host's name."""
    other = links(page.get(f"http://testserver{path}").text)["English"]
    assert urlsplit(other).netloc == ""
    assert not other.startswith(("//", "/\\"))


@pytest.mark.parametrize("name", ["利率3%de", "50%20", "a?b#c", 'a "b" c', "a/b"])
def test_the_other_language_of_a_topic_is_that_topic(name: str) -> None:
    scope = {"type": "http", "path": f"/t/{name}", "query_string": b"page=1", "headers": [], "server": ("host", 80)}
    request = Request(scope | {"state": {"viewer": None, "token": ""}})
    other = urlsplit(read_reader(request, PageOptions()).other_language)
    assert (unquote(other.path), other.query, other.fragment) == (f"/t/{name}", "page=1&lang=en", "")


def test_the_language_is_the_browser_s_or_the_link_s(page: TestClient) -> None:
    assert 'lang="zh-Hans"' in page.get("/").text
    english = page.get("/", headers=ENGLISH).text
    assert '<html lang="en">' in english
    chosen = page.get(links(english)["中文"], headers=ENGLISH).text
    assert '<html lang="zh-Hans">' in chosen
    own = [href for href in links(chosen).values() if href.startswith("/t/")]
    assert own
    assert all("lang=zh" in href for href in own)


HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\u202e\x07javascript:alert(1)"


def test_markup_in_every_field_of_a_document_stays_text(fresh: Path) -> None:
    library = Library(fresh)
    document = build_document(
        (HOSTILE, HOSTILE, HOSTILE),
        NOW,
        "javascript:alert(1)",
        [(HOSTILE, f"{HOSTILE} rose", (1,)), (HOSTILE, "x", ())],
    )
    library.add([document], "hostile")
    with page_client(library, fresh) as page:
        paths = ["/", f"/d/{document.id}", f"/t/{quote(HOSTILE, safe='')}"]
        paths += [f"/search?q={quote(HOSTILE + ' rose')}", f"/search?q={quote('topic:x ' + HOSTILE)}&part=1"]
        for path in paths:
            answer = page.get(path)
            assert answer.status_code == 200, path
            elements = parse_page(answer.text)
            assert all(one.attributes["src"].startswith("/static/page.js") for one in elements if one.name == "script")
            assert not [one for one in elements if one.name == "img"]
            assert not [one for one in elements if any(name.startswith("on") for name in one.attributes)]
            assert not [one for one in elements if one.attributes.get("href", "").startswith("javascript:")]
            assert "\u202e" not in answer.text
    library.close()


def test_topics_and_headings_have_their_names_in_the_reader_s_language(page: TestClient) -> None:
    english = {"accept-language": "en"}
    home, topic = (page.get(path, headers=english).text for path in ("/", f"/t/{quote(TOPIC)}"))
    assert f"{TOPIC} (original innovation)" in home
    assert f"<title>{TOPIC} (original innovation)" in topic
    assert f"{TOPIC} (original innovation)" not in page.get("/", headers={"accept-language": "zh"}).text
    address = next(href for text, href in links(topic).items() if text.startswith("怀柔科学城将建成"))
    assert "Group 1（第 1 组）" in page.get(address, headers={"accept-language": "zh"}).text
    feed = page.get("/feed.xml", params={"topic": TOPIC}, headers=english).text
    assert f"<title>知点 · {TOPIC} (original innovation)</title>" in feed
    assert f'<category term="{TOPIC}" label="{TOPIC} (original innovation)"/>' in feed
    known = next(one for one in page.get("/api/topics").json()["topics"] if one["name"] == TOPIC)
    assert "original innovation" in known["other_names"]


def test_a_search_knows_a_name_that_the_operator_gave_meanwhile(fresh: Path) -> None:
    library = Library(fresh)
    document = build_document(
        ("消息", "经济日报", "测试"), NOW, None, [("", "The Zorbex plant hired 12 engineers.", ())]
    )
    library.add([document, *map(news, range(5))], "news")
    with page_client(library, fresh) as page:
        # twice, since the version of the corpus that is read may still change after the first
        for _ in range(2):
            assert "12 engineers" not in page.get("/search", params={"q": "Qwimble"}).text
        library.aliases.add("Qwimble = Zorbex")
        assert "12 engineers" in page.get("/search", params={"q": "Qwimble"}).text
    library.close()


def test_too_many_waiting_searches_are_refused_and_nothing_else(
    page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.site.searches.MAX_WAITING", 0)
    for path in ("/search", "/search.xml", "/api/search"):
        refused = page.get(path, params={"q": "怀柔科学城有多少个平台"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert refused.json()["error"]["code"] == "busy"
    assert page.get("/").status_code == 200
    monkeypatch.undo()
    assert page.get("/search", params={"q": "怀柔科学城有多少个平台"}).status_code == 200


async def test_who_was_answered_waits_no_longer(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.site.searches.MAX_WAITING", 1)
    searches, begun, go_on = PageSearches(library, lambda: 1, lambda: NOW), threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        return go_on.wait(PATIENCE)

    first = asyncio.create_task(searches.run(work))
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    with pytest.raises(BusyError):
        await searches.run(work)
    go_on.set()
    assert await first
    assert await searches.run(work)
