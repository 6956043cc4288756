"""Inline mode and guest mode."""

import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlite_utils import Database

from bot.app import application as app
from bot.container import Services
from bot.handlers import inline as inline_module
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from tests.conftest import Chat
from tests.support.process import PATIENCE
from tests.support.telegram import NAME, TOKEN, Updates
from tests.support.telegram_html import parse
from tests.support.telegram_screen import Screen, ScreenWire


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first search opens the index, which may take longer than a person who types would wait."""
    monkeypatch.setattr(inline_module, "ANSWER_BUDGET_SECONDS", PATIENCE)


async def inline(chat: Chat, query: str, offset: str = "") -> dict[str, Any]:
    [call] = await chat.update("inline_query", id="1", query=query, offset=offset)
    return call.parameters


async def test_results_are_finished_messages_with_their_source(chat: Chat) -> None:
    answer = await inline(chat, "怀柔科学城面积")
    first = answer["results"][0]
    text, entities = parse(first["input_message_content"]["message_text"])
    assert "100.9" in text
    assert "新京报 · 2025-06-18" in text
    assert any(entity.tag == "a" for entity in entities)
    assert f"t.me/{NAME}?start=d_" in first["reply_markup"]["inline_keyboard"][0][0]["url"]
    assert (answer["cache_time"], answer["is_personal"]) == (60, True)
    assert answer["button"]["start_parameter"]


async def test_paging_ends_and_shows_nothing_twice(chat: Chat) -> None:
    seen, offset = [], ""
    for _ in range(10):
        answer = await inline(chat, "创新 技术 企业", offset)
        seen += [result["id"] for result in answer["results"]]
        if not (offset := answer.get("next_offset", "")):
            break
    assert not offset
    assert len(seen) > 10
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("query", ["最新", "what's new", "有什么新聞"])
async def test_what_asks_for_news_gets_the_newest(chat: Chat, query: str) -> None:
    titles = [result["title"] for result in (await inline(chat, query))["results"]]
    assert titles[0].startswith("因时顺势")
    assert len(set(titles)) == len(titles)


async def test_news_on_a_subject_are_about_it(chat: Chat) -> None:
    [only] = (await inline(chat, "news on Hubei"))["results"]
    assert only["title"].startswith("湖北")


@pytest.mark.parametrize("query", ["", "  ", "topic:原始创新", 'topic:"原始创新" ', "topic:「原始创新」 "])
async def test_without_words_the_newest(chat: Chat, query: str) -> None:
    answer = await inline(chat, query)
    assert answer["results"][0]["title"].startswith("因时顺势")
    assert len(answer["results"]) == 10


@pytest.mark.parametrize("query", ["x", "qwzxv jkqpt", "topic:nothing", "\u202e<b>", "😀" * 128])
async def test_whatever_is_typed_is_answered(chat: Chat, query: str) -> None:
    assert "results" in await inline(chat, query, "nonsense")


async def test_a_slow_search_is_answered_in_time(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inline_module, "ANSWER_BUDGET_SECONDS", 0.05)
    answered = threading.Event()
    monkeypatch.setattr(inline_module, "inline_results", lambda *_: answered.wait(PATIENCE))
    answer = await inline(chat, "x")
    answered.set()
    assert answer["results"] == []
    assert answer["cache_time"] == 0, "the search had not ended, so nothing is known"


async def test_nobody_waits_any_more(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    chat.api.refuse("answerInlineQuery", 400, "Bad Request: query is too old and response timeout expired")
    await inline(chat, "x")
    assert not caplog.records


async def test_keystrokes_leave_no_trace_and_what_is_chosen_does(
    chat: Chat, question_log: QuestionLog, tmp_path: Path
) -> None:
    for typed in ("怀", "怀柔", "怀柔面积"):
        answer = await inline(chat, typed)
    await chat.update("chosen_inline_result", result_id=answer["results"][0]["id"], query="怀柔面积")
    question_log.close()
    db = Database(tmp_path / "bot.db")
    [row] = db.table("questions").rows
    db.close()
    assert (row["place"], row["text"]) == ("inline", "怀柔面积")
    assert len(row["points"]) == len('["0123456789abcdef"]')


@pytest.fixture
async def hosting(services: Services, tmp_path: Path) -> AsyncIterator[Chat]:
    api = Screen()
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path)
    application = app.assemble(settings, replace(services, guests=True), ScreenWire(api), UNLIMITED).application
    async with application:
        yield Chat(application, api, Updates())


def guest(chat: Chat) -> dict[str, Any]:
    text = f"@{NAME} 怀柔科学城面积多大?"
    entity = {"type": "mention", "offset": 0, "length": len(NAME) + 1}
    return chat.updates.group(text, kind="guest_message", guest_query_id="g1", entities=[entity])


async def test_a_guest_is_answered_once_where_the_operator_wants_it(chat: Chat, hosting: Chat) -> None:
    assert not await hosting.send(guest(hosting))
    [call] = hosting.api.answers("answerGuestQuery")
    assert "100.9" in call.parameters["result"]["input_message_content"]["message_text"]
    await chat.send(guest(chat))
    assert not chat.api.answers("answerGuestQuery")
