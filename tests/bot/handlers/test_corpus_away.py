"""A corpus that cannot be reached, through the wire: what people are told, and what becomes of questions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from telegram import Update

from bot.app import application as app
from bot.background.cluster_worker import ClusterWatch
from bot.container import Services
from bot.handlers import errors
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from retrieval.cluster import client
from retrieval.cluster.address import ClusterAddress
from retrieval.library import Library
from tests.bot.handlers.test_errors import ADMIN, RunningBot
from tests.bot.transport.test_webhook import free
from tests.support.telegram import TOKEN, BotApi, Updates, Wire


@pytest.fixture
async def bot(fresh: Path, question_log: QuestionLog, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningBot]:
    monkeypatch.setattr(client, "READ_SECONDS", 0.2)
    monkeypatch.setattr(errors, "CORPUS_RETRY_SECONDS", 0)
    api, settings = BotApi(), Settings(token=SecretStr(TOKEN), data=fresh, admins=frozenset({ADMIN}))
    address = ClusterAddress.parse(f"opensearch+http://{free()}/news")
    with closing(Library(fresh, cluster=address)) as library:
        services = Services.of(settings, library, question_log)
        parts = app.assemble(settings, services, Wire(api), UNLIMITED)
        async with parts.application:
            yield RunningBot(parts, api, Updates())
        parts.inbox.close()
        services.close()


@pytest.mark.parametrize(
    ("text", "said"), [("怀柔科学城有多大？", "已经记下"), ("How large is Huairou?", "I have kept")]
)
async def test_a_question_is_kept_and_that_is_said_once(bot: RunningBot, text: str, said: str) -> None:
    update = bot.updates.private(text, language="zh-hans" if "怀" in text else "en")
    [told] = await bot.receive(update)
    assert said in told.text
    for _ in range(2):
        again = await asyncio.wait_for(bot.parts.inbox.get(), 5)
        assert isinstance(again, Update)
        assert again.update_id == update["update_id"]
        before = len(bot.api.sent())
        await bot.parts.processor.process_update(again, bot.parts.application.process_update(again))
        assert len(bot.api.sent()) == before


@pytest.mark.parametrize("command", ["/status", "/topics"])
async def test_nothing_is_called_empty(bot: RunningBot, command: str) -> None:
    [told] = await bot.receive(bot.updates.private(command, language="en"))
    assert "cannot be reached" in told.text


async def test_operators_are_told_once_and_again_when_it_is_over(bot: RunningBot) -> None:
    troubles = iter(["", "away", "away", "away", "full", "", ""])
    watch = ClusterWatch(lambda: next(troubles), bot.parts.alerts)
    for _ in range(7):
        watch.tick()
    await bot.parts.alerts.settle()
    told = [call.text for call in bot.api.sent() if call.chat == ADMIN]
    assert len(told) == 2
    assert "away" in told[0]
    assert "恢复" in told[1]
