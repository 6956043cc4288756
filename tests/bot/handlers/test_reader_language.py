"""A reader's language through the whole bot: which version of a point they are shown."""

from pathlib import Path

import pytest

from bot.container import Services
from retrieval.library import Library
from tests.conftest import Chat
from tests.support.stories import ingest, story

ENGLISH = "Robotaxis in Chongqing complete 1.83 million rides a week and 19.5 hours a day."
CHINESE = "重庆的无人出租车一周完成183万单，每天在路上19.5小时。"
IN_CHINESE, IN_ENGLISH = "重庆的无人出租车一周跑多少单？", "How many rides do robotaxis in Chongqing complete a week?"


@pytest.fixture(autouse=True)
def told_in_both(library: Library, tmp_path: Path) -> None:
    stories = [
        story("无人出租车上路", CHINESE, outlet="新华网"),
        story("Robotaxis arrive", ENGLISH, outlet="第一财经", published="2025-08-13T08:00"),
    ]
    ingest(library, tmp_path, stories)


@pytest.mark.parametrize(("question", "shown"), [(IN_CHINESE, "一周完成"), (IN_ENGLISH, "rides a week")])
async def test_the_version_in_the_language_of_the_question(question: str, shown: str, chat: Chat) -> None:
    [sent] = await chat.private(question)
    assert shown in sent.parameters["text"].replace("<b>", "").replace("</b>", "")


async def test_the_version_in_the_language_that_the_person_chose(chat: Chat, services: Services) -> None:
    await chat.private("/settings")
    await chat.press("语言")
    await chat.press("English")
    [sent] = await chat.private(IN_CHINESE)
    assert "rides a week" in sent.parameters["text"].replace("<b>", "").replace("</b>", "")
    assert "In Chinese:" in sent.parameters["text"]
    assert "无人出租车上路" in sent.parameters["text"]


async def test_the_other_version_can_be_asked_for(chat: Chat) -> None:
    await chat.private(IN_ENGLISH)
    [sent] = await chat.private("翻译成中文")
    assert "一周完成183万单" in sent.parameters["text"].replace("<b>", "").replace("</b>", "")
