"""/feeds in Telegram, and the feeds that are visited beside the answers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot import app
from bot.alarms import Alarms
from bot.desk import Desk
from bot.feeding import Feeding
from bot.journal import Journal
from bot.settings import Settings
from bot.turns import UNLIMITED
from retrieval.library import Library
from tests.conftest import Chat
from tests.telegram import TOKEN, Updates
from tests.telegram_screen import Screen, ScreenWire
from tests.test_gathering import article, rss
from tests.web import Page, Site, served

ADMIN = 7


@pytest.fixture
async def run(fresh: Path, journal: Journal, tmp_path: Path) -> AsyncIterator[tuple[Chat, Desk, Site]]:
    library = Library(fresh)
    settings = Settings(
        token=SecretStr(TOKEN), data=tmp_path, admins=frozenset({ADMIN}), feed_hosts=frozenset({"127.0.0.1"})
    )
    desk = Desk.of(settings, library, journal)
    api = Screen()
    application = app.build(settings, desk, ScreenWire(api), UNLIMITED)
    with served() as site:
        async with application:
            yield Chat(application, api, Updates()), desk, site
    desk.close()
    library.close()


async def told(chat: Chat, text: str, /, **extra: Any) -> str:
    [message] = await chat.private(text, **extra)
    return str(message.text)


async def test_who_runs_the_bot_follows_and_sees_what_fails(run: tuple[Chat, Desk, Site]) -> None:
    chat, desk, site = run
    stranger = {"id": 8, "is_bot": False, "first_name": "x"}
    assert "who run the bot" in await told(chat, "/feeds", **{"from": stranger, "chat": {"id": 8, "type": "private"}})
    assert "还没有" in await told(chat, "/feeds")
    site.pages |= {"/rss": Page(rss(("平台", "/a"))), "/a": Page(article("怀柔平台"))}
    assert "1 条" in await told(chat, f"/feeds add {site.url}/rss 原始创新")
    assert "没有添加" in await told(chat, f"/feeds add {site.url}/none")
    feeding = Feeding(desk, desk.gathering(), Alarms(lambda: chat.application.bot, [ADMIN]))
    await feeding.tick()
    assert [document.title for document in desk.replies.library.recent(5)] == ["怀柔平台"]
    assert "0 分钟前" in await told(chat, "/feeds")
    del site.pages["/rss"]
    desk.feeds.add(f"{site.url}/rss", "原始创新", timedelta(minutes=30), "", datetime.now(UTC))
    await feeding.tick()
    assert "answered 404" in await told(chat, "/feeds")
    assert "answered 404" in await told(chat, "/status")
    assert "已移除" in await told(chat, f"/feeds remove {site.url}/rss")
    assert "没有关注" in await told(chat, "/feeds remove 1")


async def test_a_day_of_failures_is_told_once(run: tuple[Chat, Desk, Site]) -> None:
    chat, desk, site = run
    desk.feeds.add(f"{site.url}/none", "原始创新", timedelta(minutes=30), "", datetime.now(UTC))
    alarms = Alarms(lambda: chat.application.bot, [ADMIN])
    feeding = Feeding(desk, desk.gathering(), alarms)
    await feeding.tick()
    [feed] = desk.feeds.failing()
    desk.feeds._store.write("UPDATE feeds SET failing_since = failing_since - 90000")
    for _ in range(2):
        await feeding.tick()
        await alarms.settle()
    said = [call.text for call in chat.api.sent() if feed.url in call.text]
    assert len(said) == 1
