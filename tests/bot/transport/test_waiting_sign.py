"""Where an answer takes long: typing first, then a line, once for a while, and nothing to strangers."""

import asyncio

import pytest
from telegram import Message, Update
from telegram.ext import ExtBot

from bot.render.reply import Reply
from bot.transport import waiting_sign
from bot.transport.sender import DEFAULTS
from bot.transport.waiting_sign import WaitingSign
from tests.support.telegram import TOKEN, BotApi, Updates, Wire


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_sign, "TYPING_AFTER_SECONDS", 0.01)
    monkeypatch.setattr(waiting_sign, "LINE_AFTER_SECONDS", 0.02)


def message(api: BotApi) -> Message:
    wire = Wire(api)
    bot: ExtBot[None] = ExtBot(TOKEN, request=wire, get_updates_request=wire, defaults=DEFAULTS)
    written = Update.de_json(Updates().private("?"), bot).message
    assert written
    return written


async def shown(api: BotApi, sign: WaitingSign, written: Message, calls: int) -> list[str]:
    before = len(api.calls)
    async with sign.over(written), asyncio.timeout(20):
        while len(api.calls) < before + calls:  # noqa: ASYNC110 - the double has no event
            await asyncio.sleep(0.01)
    return [call.method for call in api.calls[before:]]


async def test_typing_comes_first_and_the_line_once() -> None:
    api = BotApi()
    sign, written = WaitingSign(lambda *_: Reply("wait")), message(api)
    assert (await shown(api, sign, written, 3))[:3] == ["sendChatAction", "sendMessage", "sendChatAction"]
    assert "sendMessage" not in await shown(api, sign, written, 2)


async def test_a_quick_answer_has_no_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_sign, "TYPING_AFTER_SECONDS", 20.0)
    api = BotApi()
    async with WaitingSign(lambda *_: Reply("wait")).over(message(api)):
        pass
    assert not api.calls


async def test_strangers_are_shown_nothing_and_failures_are_none_of_the_answer() -> None:
    api = BotApi()
    async with WaitingSign(lambda *_: None).over(message(api)):
        await asyncio.sleep(0.1)
    assert not api.calls
    api.refuse("sendChatAction", 400, "Bad Request")
    api.refuse("sendMessage", 403, "Forbidden: bot was blocked by the user")
    assert "sendMessage" in await shown(api, WaitingSign(lambda *_: Reply("wait")), message(api), 3)


async def test_a_flood_is_told_at_once_and_once() -> None:
    api = BotApi()
    sign, written = WaitingSign(lambda _, reason: Reply(reason)), message(api)
    for _ in range(3):
        await sign.tell(written)
    assert [call.text for call in api.calls] == ["answers-wait"]
    await WaitingSign(lambda *_: None).tell(written)
    api.refuse("sendMessage", 403, "Forbidden: bot was blocked by the user")
    await WaitingSign(lambda *_: Reply("wait")).tell(written)
    assert len(api.calls) == 2
