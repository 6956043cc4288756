"""With a public page, answers link there, and /web leads there."""

import re
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import feedparser
import pytest
from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.question_log.log import LoggedAnswer, QuestionLog
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from retrieval.library import Library
from tests.bot.page.test_init_data import signed
from tests.conftest import Chat
from tests.support.page import NOW, news, page_client, page_host, parse_page
from tests.support.telegram import TOKEN, Updates
from tests.support.telegram_screen import Screen, ScreenWire

PAGE = "https://news.example.org"
QUESTION = "怀柔科学城面积多大?"


@pytest.fixture(params=["open", "invite"])
async def published(
    request: pytest.FixtureRequest, library: Library, question_log: QuestionLog, tmp_path: Path
) -> AsyncIterator[tuple[Chat, Services]]:
    settings = Settings(
        token=SecretStr(TOKEN), data=tmp_path, web_url=PAGE, access=request.param, admins=frozenset({7})
    )
    services, api = Services.of(settings, library, question_log), Screen()
    async with app.assemble(settings, services, ScreenWire(api), UNLIMITED).application as application:
        yield Chat(application, api, Updates()), services
    services.close()


async def test_each_point_links_to_its_place_on_the_page(
    published: tuple[Chat, Services], library: Library, data: Path
) -> None:
    chat, _ = published
    await chat.private(QUESTION)
    shown = chat.last()[1]
    addresses = re.findall(rf'<a href="{PAGE}(/d/[0-9a-f]+)#p-([0-9a-f]+)">¶', shown.html)
    assert addresses
    assert shown.html.count(f"{PAGE}/d/") == len(addresses)
    with page_client(library, data) as page:
        for path, point in addresses:
            assert f'id="p-{point}"' in page.get(path).text


async def test_the_page_opens_as_a_mini_app_in_private_and_as_a_link_in_groups(
    published: tuple[Chat, Services],
) -> None:
    chat, services = published
    services.access.allow_chat(-100, "G", 7)
    await chat.private(QUESTION)
    [button] = [one for row in chat.last()[1].rows for one in row if one["text"] == "网页"]
    opened = urlsplit(button["web_app"]["url"])
    assert opened.path == "/search"
    assert parse_qs(opened.query)["q"] == [QUESTION]
    await chat.group(f"/ask {QUESTION}")
    where = min(chat.api.shown)[0]
    [button] = [one for row in chat.last(where)[1].rows for one in row if one["text"] == "网页"]
    assert button["url"].startswith(f"{PAGE}/search?")
    await chat.private(f"/start d_{library_id(chat)}")
    assert [one for row in chat.last()[1].rows for one in row if one.get("web_app", {}).get("url", "").startswith(PAGE)]


def library_id(chat: Chat) -> str:
    return str(re.findall(r"/d/([0-9a-f]+)", chat.last()[1].html)[0])


async def test_web_leads_to_the_page_and_a_signed_link_opens_it_once(
    published: tuple[Chat, Services], library: Library, data: Path
) -> None:
    chat, services = published
    await chat.private("/web")
    [[button]] = chat.last()[1].rows
    if services.access.policy == "open":
        assert button["url"] == f"{PAGE}/"
        return
    host = page_host(services, services.answers.now)
    key = parse_qs(urlsplit(button["url"]).query)["key"][0]
    own = {"Origin": "http://testserver"}
    with page_client(library, data, host, open=False) as page:
        assert page.get("/").status_code == 403
        assert page.get(f"/enter?key={key}").status_code == 200  # a preview uses nothing up
        entered = page.post("/enter", data={"key": key}, headers=own)
        assert entered.status_code == 303
        stolen = page.post("/enter", data={"key": key}, headers=own)
        assert stolen.status_code == 403
        cookie = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
        page.cookies.clear()
        assert page.get("/", headers=cookie).status_code == 200
        assert "1" in (await chat.private("/web off"))[0].parameters["text"]
        assert page.get("/", headers=cookie).status_code == 403


async def test_a_person_whose_access_is_taken_back_sees_nothing_more(
    library: Library, question_log: QuestionLog, tmp_path: Path, data: Path
) -> None:
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, access="invite", admins=frozenset({7}))
    services = Services.of(settings, library, question_log)
    services.access.accept(services.access.invite(7), 8, "B")
    host = page_host(services, services.answers.now)
    session, _ = services.page_sessions.open_mini_app(8, "en", "signature") or ("", 0)
    with page_client(library, data, host, open=False) as page:
        cookie = {"Cookie": f"zhidian={session}"}
        assert '<html lang="en"' in page.get("/", headers=cookie).text
        services.access.revoke(8)
        assert page.get("/", headers=cookie).status_code == 403
    services.close()


async def test_without_a_page_nothing_links_there(chat: Chat) -> None:
    await chat.private(QUESTION)
    shown = chat.last()[1]
    assert "/d/" not in shown.html
    assert not [label for row in shown.labels for label in row if label == "网页"]
    await chat.private("/web")
    assert "没有公开的网页" in chat.last()[1].text


async def test_what_is_new_lists_documents_on_the_page_too(
    library: Library, question_log: QuestionLog, tmp_path: Path, data: Path
) -> None:
    services = Services.of(Settings(token=SecretStr(TOKEN), data=tmp_path), library, question_log)
    host = page_host(services, lambda: NOW)
    newest = library.recent(1)[0].title
    with page_client(library, data, host) as page:
        for question in ("最近有什么新消息？", "what's new?"):
            elements = parse_page(page.get("/search", params={"q": question}).text)
            assert next(one.text for one in elements if one.name == "h2") == newest
            feed = feedparser.parse(page.get("/search.xml", params={"q": question}).content)
            assert feed.entries[0].title == newest
        assert "100.9" in page.get("/search", params={"q": QUESTION}).text
    services.close()


@pytest.mark.parametrize("question", ["compare Huairou Science City with Changping", "怀柔科学城和昌平对比"])
async def test_the_feed_of_a_comparison_has_the_documents_of_its_page(
    library: Library, question_log: QuestionLog, tmp_path: Path, data: Path, question: str
) -> None:
    services = Services.of(Settings(token=SecretStr(TOKEN), data=tmp_path), library, question_log)
    with page_client(library, data, page_host(services, lambda: NOW)) as page:
        elements = parse_page(page.get("/search", params={"q": question}).text)
        shown = {urlsplit(one.attributes["href"]).path for one in elements if one.name == "a"}
        feed = feedparser.parse(page.get("/search.xml", params={"q": question}).content)
        told = {urlsplit(entry.link).path for entry in feed.entries}
        assert told == {path for path in shown if path.startswith("/d/")}
        assert len(told) == 2
    services.close()


async def test_a_long_list_of_news_is_paged(fresh: Path, question_log: QuestionLog, tmp_path: Path) -> None:
    with closing(Library(fresh)) as library:
        library.add([news(n) for n in range(23)], "news")
        services = Services.of(Settings(token=SecretStr(TOKEN), data=tmp_path), library, question_log)
        logged: list[LoggedAnswer] = []
        question_log.listeners.append(logged.append)
        with page_client(library, fresh, page_host(services, lambda: NOW)) as page:
            address, titles = "/search?q=" + quote("最近有什么新消息"), list[str]()
            while address:
                elements = parse_page(page.get(address).text)
                titles += [one.text for one in elements if one.name == "h2" and one.text.startswith("消息")]
                turned = (one.attributes["href"] for one in elements if one.attributes.get("rel") == "next")
                address = next(turned, "")
            assert titles == [f"消息{n}" for n in range(23)]
            assert page.get("/search", params={"q": "最近有什么新消息", "page": "3"}).status_code == 404
        services.close()
    assert len(logged) == 1  # the list, and not each of its pages


ASKED = (
    *("最近有什么新消息？", "any news from Beijing News", "给我讲讲怀柔科学城", "news about qwzxv", QUESTION),
    *("compare Huairou Science City with Zhangjiang", "新京报有什么新闻"),
)


async def test_requests_on_the_page_are_answered_and_logged_as_in_telegram(
    chat: Chat, services: Services, library: Library, data: Path
) -> None:
    logged: list[LoggedAnswer] = []
    services.answers.question_log.listeners.append(logged.append)
    with page_client(library, data, page_host(services, services.answers.now), now=services.answers.now) as page:
        for question in ASKED:
            assert page.get("/search", params={"q": question, "part": "1"}).status_code == 200  # while typing
            assert page.get("/search", params={"q": question, "part": "1", "settled": "1"}).status_code == 200
    for question in ASKED:
        await chat.private(question)
    on_page, told = logged[: len(ASKED)], logged[len(ASKED) :]
    assert [(one.asker.place, one.asker.user, one.asker.chat) for one in on_page] == [("web", None, None)] * len(ASKED)
    assert [one.asker.place for one in told] == ["private"] * len(ASKED)
    for here, there in zip(on_page, told, strict=True):
        assert (here.text, here.verdict, here.searched) == (there.text, there.verdict, there.searched)
        assert here.points[:1] == list(there.points[:1]), here.text


async def test_a_mini_app_opens_an_invite_only_page_for_who_telegram_names(
    library: Library, question_log: QuestionLog, tmp_path: Path, data: Path
) -> None:
    now = datetime.now(UTC)
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, access="invite", admins=frozenset({7}))
    services = Services.of(settings, library, question_log)
    host = page_host(services, lambda: now)
    own = {"Origin": "http://testserver"}
    with page_client(library, data, host, open=False) as page:
        stranger = signed(at=now, user='{"id": 9}')
        old, forged = signed(at=now - timedelta(hours=2)), signed(token="1:other", at=now)
        for init_data in (stranger, old, forged, ""):
            answer = page.post("/session", data={"init_data": init_data}, headers=own)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
        entered = page.post("/session", data={"init_data": signed(at=now)}, headers=own)
        assert entered.status_code == 204
        page.cookies.clear()
        replayed = page.post("/session", data={"init_data": signed(at=now)}, headers=own)  # in a second browser
        assert replayed.status_code == 403
        cookie = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
        shown = page.get("/", headers=cookie)
        assert shown.status_code == 200
        assert 'data-viewer="1"' in shown.text
    services.close()
