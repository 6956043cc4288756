"""Failures in handlers, through the wire: who is told what, and what is tried again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from telegram import Update

from bot.app import application as app
from bot.container import Services
from bot.monitoring.logging import RedactingFormatter
from bot.settings import Settings
from bot.transport import update_inbox
from bot.transport.send_scheduler import UNLIMITED
from tests.support.telegram import TOKEN, BotApi, Call, Updates, Wire

ADMIN = 99
QUESTION = "怀柔科学城面积多大?"


@dataclass
class RunningBot:
    """The bot with its inbox and its order, behind the double of the wire."""

    parts: app.AppParts
    api: BotApi
    updates: Updates

    async def receive(self, update: dict[str, Any]) -> list[Call]:
        """What was tried to be sent."""
        application, before = self.parts.application, len(self.api.sent())
        await self.parts.inbox.put(Update.de_json(update, application.bot))
        read = self.parts.inbox.get_nowait()
        await self.parts.processor.process_update(read, application.process_update(read))
        await self.parts.alerts.settle()
        return self.api.sent()[before:]


@pytest.fixture
async def bot(services: Services, tmp_path: Path) -> AsyncIterator[RunningBot]:
    api = BotApi()
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, admins=frozenset({ADMIN}))
    parts = app.assemble(settings, services, Wire(api), UNLIMITED)
    async with parts.application:
        yield RunningBot(parts, api, Updates())
    parts.inbox.close()


async def test_the_log_gets_the_trace_the_user_an_id_the_administrators_both(
    bot: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.api.refuse("sendMessage", 400, f"Bad Request: something odd <at> bot{TOKEN}")
    with caplog.at_level(logging.ERROR):
        _, *told = await bot.receive(bot.updates.private(QUESTION, language="en"))
    sorry, report = sorted(told, key=lambda call: call.chat)
    assert sorry.text.startswith("Something went wrong; it has been logged as ")
    number = sorry.text.split()[8].rstrip(".")
    shown = "".join(map(RedactingFormatter([TOKEN]).format, caplog.records))
    assert number in shown
    assert "Traceback" in shown
    assert report.chat == ADMIN
    assert number in report.text
    assert "Something odd <at> bot[token]" in report.text
    assert TOKEN.lower() not in (sorry.text + report.text + shown).lower()


async def test_a_pressed_button_says_so_in_its_own_way(bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    person = {"id": 7, "is_bot": False, "first_name": "李", "language_code": "en"}
    message = bot.updates.private("x")["message"]
    press = {"id": "5", "from": person, "chat_instance": "1", "data": "no such code", "message": message}
    bot.api.refuse("answerCallbackQuery", 400, "Bad Request: something odd")
    await bot.receive({"update_id": 1, "callback_query": press})
    *_, last = [call for call in bot.api.calls if call.method == "answerCallbackQuery"]
    assert "went wrong" in last.parameters["text"]


@pytest.mark.parametrize(
    ("code", "description"),
    [(403, "Forbidden: bot was blocked by the user"), (400, "Bad Request: chat not found")],
)
async def test_where_nobody_is_there_nothing_is_amiss(
    bot: RunningBot, caplog: pytest.LogCaptureFixture, code: int, description: str
) -> None:
    bot.api.refuse("sendMessage", code, description)
    with caplog.at_level(logging.WARNING):
        assert len(await bot.receive(bot.updates.private(QUESTION))) == 1
    assert not caplog.records


async def test_what_has_no_way_through_stays_in_the_inbox(bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_inbox, "RETRY_LATER_SECONDS", 0)
    bot.api.refuse("sendMessage", 429, "Too Many Requests", retry_after=43_838)
    update = bot.updates.private(QUESTION)
    assert len(await bot.receive(update)) == 1
    again = await asyncio.wait_for(bot.parts.inbox.get(), 5)
    assert isinstance(again, Update)
    assert again.update_id == update["update_id"]


async def test_a_failed_apology_is_no_further_failure(bot: RunningBot, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        bot.api.refuse("sendMessage", 400, "Bad Request: something odd")
    with caplog.at_level(logging.ERROR):
        await bot.receive(bot.updates.private(QUESTION))
    assert len(caplog.records) == 1


async def test_markup_that_telegram_refuses_is_sent_plain(bot: RunningBot) -> None:
    bot.api.refuse("sendMessage", 400, "Bad Request: can't parse entities: unsupported start tag")
    _, plain = await bot.receive(bot.updates.private(QUESTION))
    assert "parse_mode" not in plain.parameters
    assert "<b>" not in plain.parameters["text"]
    assert "100.9" in plain.parameters["text"]


async def test_a_press_that_the_bot_was_away_for_is_answered(bot: RunningBot) -> None:
    person = {"id": 7, "is_bot": False, "first_name": "李", "language_code": "en"}
    press = {"update_id": 1, "callback_query": {"id": "5", "from": person, "chat_instance": "1", "data": "1T:0"}}
    update = Update.de_json(press, bot.parts.application.bot)
    await bot.parts.errors.answer_late(update)
    assert bot.api.calls[-1].method == "answerCallbackQuery"
    assert bot.api.calls[-1].parameters["text"] == "I was offline when you pressed this button. Please press it again."
    bot.api.refuse("answerCallbackQuery", 400, "Bad Request: query is too old and response timeout expired")
    await bot.parts.errors.answer_late(update)
