"""/feeds in Telegram, and the feeds that are visited beside the answers."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import application as app
from bot.background.feed_worker import FeedWorker
from bot.container import Services
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.admin_alerts import AdminAlerts
from bot.transport.send_scheduler import UNLIMITED
from retrieval.library import Library
from tests.conftest import Chat
from tests.feeds.test_sync import article, rss
from tests.support.telegram import TOKEN, Updates
from tests.support.telegram_screen import Screen, ScreenWire
from tests.support.web_server import Page, Site, served

ADMIN = 7
STRANGER: dict[str, Any] = {
    "from": {"id": 8, "is_bot": False, "first_name": "x", "language_code": "zh"},
    "chat": {"id": 8, "type": "private"},
}


@pytest.fixture
async def run(fresh: Path, question_log: QuestionLog, tmp_path: Path) -> AsyncIterator[tuple[Chat, Services, Site]]:
    library = Library(fresh)
    settings = Settings(
        token=SecretStr(TOKEN), data=tmp_path, admins=frozenset({ADMIN}), feed_hosts=frozenset({"127.0.0.1"})
    )
    services = Services.of(settings, library, question_log)
    api = Screen()
    application = app.assemble(settings, services, ScreenWire(api), UNLIMITED).application
    with served() as site:
        async with application:
            yield Chat(application, api, Updates()), services, site
    services.close()
    library.close()


async def told(chat: Chat, text: str, /, **extra: Any) -> str:
    [message] = await chat.private(text, **extra)
    return str(message.text)


async def test_who_runs_the_bot_follows_and_sees_what_fails(run: tuple[Chat, Services, Site]) -> None:
    chat, services, site = run
    assert await told(chat, "/feeds", **STRANGER) == "这个命令只供运营者使用。"
    assert "还没有" in await told(chat, "/feeds")
    site.pages |= {"/rss": Page(rss(("平台", "/a"))), "/a": Page(article("怀柔平台"))}
    assert "1 条" in await told(chat, f"/feeds add {site.url}/rss 原始创新")
    assert "没有添加" in await told(chat, f"/feeds add {site.url}/none")
    feeding = FeedWorker(services, services.feed_sync(), AdminAlerts(lambda: chat.application.bot, [ADMIN]))
    await feeding.tick()
    assert [document.title for document in services.answers.library.recent(5)] == ["怀柔平台"]
    assert "0 分钟前" in await told(chat, "/feeds")
    del site.pages["/rss"]
    services.feeds.add(f"{site.url}/rss", "原始创新", timedelta(minutes=30), "", datetime.now(UTC))
    await feeding.tick()
    assert "answered 404" in await told(chat, "/feeds")
    assert "answered 404" in await told(chat, "/status")
    assert "已移除" in await told(chat, f"/feeds remove {site.url}/rss")
    assert "没有关注" in await told(chat, "/feeds remove 1")


async def test_a_day_of_failures_is_told_once(run: tuple[Chat, Services, Site]) -> None:
    chat, services, site = run
    services.feeds.add(f"{site.url}/none", "原始创新", timedelta(minutes=30), "", datetime.now(UTC))
    alerts = AdminAlerts(lambda: chat.application.bot, [ADMIN])
    feeding = FeedWorker(services, services.feed_sync(), alerts)
    await feeding.tick()
    [feed] = services.feeds.failing()
    services.feeds._store.write("UPDATE feeds SET failing_since = failing_since - 90000, due = due + 90000")
    await sent(chat, "a.jsonl", line("A", "Kites fly.").replace(b'"T"', '"原始创新"'.encode()))
    assert "所有来源都已失败" in await told(chat, "/subscribe 原始创新")
    assert "以上的主题：原始创新" in await told(chat, "/subscriptions")
    for _ in range(2):
        await feeding.tick()
        await alerts.settle()
    said = [call.text for call in chat.api.sent() if feed.url in call.text]
    assert len(said) == 1


def file(chat: Chat, name: str, body: bytes, /, **extra: Any) -> dict[str, Any]:
    chat.api.files[name] = body
    sent = {"file_id": name, "file_unique_id": name, "file_name": name, "file_size": len(body)}
    return {"document": sent} | extra


def line(title: str, text: str) -> bytes:
    fields = {"title": title, "outlet": "新京报", "published": "2025-07-01T08:00", "topic": "T"}
    return json.dumps(fields | {"points": [{"section": "", "text": text}]}).encode() + b"\n"


async def sent(chat: Chat, name: str, body: bytes, /, **extra: Any) -> str:
    [message] = await chat.private(None, **file(chat, name, body, **extra))
    return str(message.text)


async def test_a_file_comes_in_and_is_taken_back(run: tuple[Chat, Services, Site]) -> None:
    chat, services, _ = run
    library = services.answers.library
    assert await sent(chat, "a.jsonl", line("A", "Kites fly.") + b"no json\n") == (
        "新增 1，更新 0，未变 0，拒收 1\n2: 不是 JSON（Expecting value）；每一行应是一个文档对象"
    )
    assert await chat.press("撤回", user=8) == "这个命令只供运营者使用。"
    assert await chat.press("撤回") == ""
    assert "已撤回 1 篇" in chat.last()[1].text
    assert library.recent(5) == []
    assert "新增 1" in await sent(chat, "a.jsonl", line("A", "Kites fly."))
    assert await sent(chat, "a.jsonl", line("A", "Kites fly.")) == "新增 0，更新 0，未变 1，拒收 0"
    assert "拒收 1" in await sent(chat, "a.html", article("怀柔平台").encode())
    assert "新增 1" in await sent(
        chat, "a.html", article("怀柔平台").replace("<head>", CANONICAL).encode(), caption="原始创新"
    )
    assert {document.topics for document in library.recent(5)} == {("T",), ("原始创新",)}


async def test_what_a_file_changed_is_taken_back_too(run: tuple[Chat, Services, Site]) -> None:
    chat, services, _ = run
    library = services.answers.library
    await sent(chat, "a.jsonl", line("A", "Kites fly."))
    assert "更新 1" in await sent(chat, "a.jsonl", line("A", "Kites do not fly.") + line("B", "Hens neither."))
    await chat.press("撤回")
    assert "已撤回 1 篇，恢复前一版 1 篇" in chat.last()[1].text
    assert [[point.text for point in document.points] for document in library.recent(5)] == [["Kites fly."]]
    library.remove([library.recent(5)[0].id])
    assert "新增 1" in await sent(chat, "a" * 300 + ".jsonl", line("A", "Kites fly."))


CANONICAL = '<head><link rel="canonical" href="https://www.bjnews.com.cn/1.html">'


async def test_what_is_not_taken_is_told_why(run: tuple[Chat, Services, Site]) -> None:
    chat, services, _ = run
    assert "运营者" in await sent(chat, "a.jsonl", line("A", "Kites fly."), **STRANGER)
    assert ".jsonl" in await sent(chat, "a.pdf", b"%PDF")
    large = file(chat, "a.txt", b"x")
    large["document"]["file_size"] = 20_000_001
    [message] = await chat.private(None, **large)
    assert "20 MB" in message.text
    gone = file(chat, "b.txt", b"x")
    del chat.api.files["b.txt"]
    [message] = await chat.private(None, **gone)
    assert "没能" in message.text
    assert services.answers.library.recent(5) == []


async def test_a_link_comes_in(run: tuple[Chat, Services, Site]) -> None:
    chat, services, site = run
    site.pages["/a"] = Page(article("怀柔平台"))
    assert "拒收 1" in await told(chat, f"{site.url}/a")
    assert "新增 1" in await told(chat, f"{site.url}/a 原始创新")
    assert "运营者" in await told(chat, f"{site.url}/a", **STRANGER)
    [document] = services.answers.library.recent(5)
    assert (document.title, document.kind, document.topics) == ("怀柔平台", "full", ("原始创新",))


async def test_an_alias_is_in_force_at_once(run: tuple[Chat, Services, Site]) -> None:
    chat, services, _ = run
    await sent(chat, "a.jsonl", line("A", "3SBio sold a licence for a tumour drug."))
    library = services.answers.library
    now = datetime.now(UTC)
    assert "鸢尾" in library.search("鸢尾制药卖了什么许可？", now=now).missing
    assert "鸢尾制药 = 3sbio" in await told(chat, "/alias 鸢尾制药 = 3SBio")
    assert library.search("鸢尾制药卖了什么许可？", now=now).missing == ()
    assert "/alias" in await told(chat, "/alias 鸢尾制药")
    assert "没有" in await told(chat, "/alias remove 海棠制药")
    assert "鸢尾制药 = 3sbio" in await told(chat, "/alias remove 3SBio")
    assert "鸢尾" in library.search("鸢尾制药卖了什么许可？", now=now).missing
    assert "3sbio" not in await told(chat, "/alias x = y", **STRANGER)
