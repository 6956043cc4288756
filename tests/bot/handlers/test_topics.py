"""/topic of operators."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.handlers.topics import parse_rule
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from retrieval.library import Library
from retrieval.storage.topic_rules import TopicRule
from tests.conftest import ROOT, Chat
from tests.support.telegram import TOKEN, Updates
from tests.support.telegram_screen import Screen, ScreenWire


@pytest.fixture
async def operator(fresh: Path, question_log: QuestionLog) -> AsyncIterator[Chat]:
    library, api = Library(fresh), Screen()
    library.ingest((ROOT / "seeds",))
    settings = Settings(token=SecretStr(TOKEN), data=fresh, admins=frozenset({7}))
    services = Services.of(settings, library, question_log)
    async with app.assemble(settings, services, ScreenWire(api), UNLIMITED).application as application:
        yield Chat(application, api, Updates())
    services.close()
    library.close()


async def said(chat: Chat, text: str) -> str:
    return "\n".join(str(call.parameters["text"]) for call in await chat.private(text))


async def test_an_operator_tries_adds_lists_and_removes_a_topic(operator: Chat) -> None:
    assert "/topic add" in await said(operator, "/topic")
    tried = await said(operator, "/topic try 新药：创新药")
    assert "创新药经不起大起大落" in tried
    assert "/topic add" in await said(operator, "/topic")  # nothing was added
    assert "3" in await said(operator, "/topic add 新药：创新药")
    assert "新药" in await said(operator, "/topics")
    listed = await said(operator, "/topic")
    assert "<b>新药</b>" in listed
    assert "创新药" in listed
    assert "3" in await said(operator, "/topic remove 新药")
    assert "新药" not in await said(operator, "/topics")
    assert "没有自动收集" in await said(operator, "/topic remove 新药")
    assert "什么都没有改动" in await said(operator, "/topic add 的: 的")


async def test_nobody_else_may(chat: Chat) -> None:
    await chat.private("/topic add 新药: 创新药")
    assert "新药" not in (await chat.private("/topics"))[0].parameters["text"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("新药: 创新药, innovative drugs", TopicRule("新药", ("创新药", "innovative drugs"))),
        ("新药", TopicRule("新药", ("新药",))),
        ("新药：创新药、-仿制药；outlet:Economic Daily", TopicRule("新药", ("创新药",), ("经济日报",), ("仿制药",))),
        ("new drugs: -x", TopicRule("new drugs", ("new drugs",), (), ("x",))),
        ("", None),
        (": x", None),
    ],
)
def test_a_rule_as_it_is_written(text: str, rule: TopicRule | None) -> None:
    assert parse_rule(text) == rule


async def test_a_reader_is_shown_a_topic_s_name_in_their_language(chat: Chat) -> None:
    shown = (await chat.private("/topics", language="en"))[0].parameters
    assert "原始创新 (original innovation)" in shown["text"]
    assert "original innovation" in str(shown["reply_markup"])
    assert "original" not in (await chat.private("/topics", language="zh-hans"))[0].parameters["text"]
    found = (await chat.private("topic:original innovation", language="en"))[0].parameters["text"]
    assert "原始创新 (original innovation)" in found
    assert "not sure" not in found
