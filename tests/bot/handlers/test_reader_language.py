"""A reader's language through the whole bot: which version of a point they are shown, and how to read another."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.container import Services
from bot.conversation.answering import raise_shown, shown_documents
from bot.question_log.log import Asker, LoggedAnswer
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.search.shown_version import show_in
from tests.conftest import Chat
from tests.support.documents import NOON
from tests.support.stories import ingest, story

ENGLISH = "Robotaxis in Chongqing complete 1.83 million rides a week and 19.5 hours a day."
CHINESE = "重庆的无人出租车一周完成183万单，每天在路上19.5小时。"
IN_CHINESE, IN_ENGLISH = "重庆的无人出租车一周跑多少单？", "How many rides do robotaxis in Chongqing complete a week?"


@pytest.fixture
def library(data: Path, tmp_path: Path) -> Iterator[Library]:
    """The seeds, and a story that both languages tell."""
    stories = [
        story("无人出租车上路", CHINESE, outlet="新华网"),
        story("Robotaxis arrive", ENGLISH, outlet="第一财经", published="2025-08-13T08:00"),
    ]
    with closing(Library(Path(shutil.copytree(data, tmp_path / "own")))) as library:
        ingest(library, tmp_path, stories)
        yield library


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


def test_the_version_that_was_shown_counts_as_the_answer_before(library: Library) -> None:
    earlier = library.search(IN_CHINESE, 10, now=NOON)
    shown = show_in(earlier, chinese=False)
    before = LoggedAnswer(NOON, Asker("private", 7, 7), IN_CHINESE, "zh", "answer", [shown.hits[0].point.id], 0.0)
    raised = raise_shown(shown, before, shown_documents(before, earlier))
    assert raised.hits[0].point == shown.hits[0].point
    assert raised.hits[0].score > shown.hits[0].score


ONLY_ENGLISH, HINT = "西安的博物馆门票", "选“翻译”"


def add_english(library: Library, folder: Path) -> None:
    museum = story("Museums", "A museum in Xi'an sold out its tickets for the holidays.", outlet="新京报")
    ingest(library, folder, [museum], "museum.jsonl")


async def test_how_telegram_translates_is_said_once_a_day(
    chat: Chat, services: Services, library: Library, tmp_path: Path
) -> None:
    add_english(library, tmp_path)
    [sent] = await chat.private(IN_CHINESE)
    assert HINT not in sent.parameters["text"]
    [sent] = await chat.private(ONLY_ENGLISH)
    assert sent.parameters["text"].endswith("</i>")
    assert HINT in sent.parameters["text"]
    [sent] = await chat.private(ONLY_ENGLISH)
    assert HINT not in sent.parameters["text"]
    today = services.answers.now().astimezone(BEIJING).date()
    known = services.preferences.preferences(7)
    assert known.hinted == today.isoformat()
    services.preferences.export(7)  # writes what waits
    services.preferences.choose(7, replace(known, hinted=(today - timedelta(days=1)).isoformat()))
    [sent] = await chat.private(ONLY_ENGLISH)
    assert HINT in sent.parameters["text"]


async def test_an_english_reader_of_chinese_is_told_in_english(chat: Chat, library: Library, tmp_path: Path) -> None:
    ingest(library, tmp_path, [story("泉州", "泉州的鞋厂今年招了九千人。", outlet="新京报")], "shoes.jsonl")
    [sent] = await chat.private("泉州的鞋厂", language="en")
    assert "choose Translate" in sent.parameters["text"]


async def test_groups_are_not_told_how_telegram_translates(
    chat: Chat, services: Services, library: Library, tmp_path: Path
) -> None:
    add_english(library, tmp_path)
    [sent] = await chat.group(f"/ask {ONLY_ENGLISH}")
    assert HINT not in sent.parameters["text"]
    assert not services.preferences.preferences(-1007).hinted


async def test_the_other_version_can_be_asked_for(chat: Chat) -> None:
    await chat.private(IN_ENGLISH)
    [sent] = await chat.private("翻译成中文")
    assert "一周完成183万单" in sent.parameters["text"].replace("<b>", "").replace("</b>", "")
