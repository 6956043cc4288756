"""Buttons below answers: everything they need stands in them and in bot.db."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlite_utils import Database

from bot.app import application as app
from bot.container import Services
from bot.question_log.log import QuestionLog
from bot.render import callback_data
from bot.render.callback_data import AnswerView, Operation, encode
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from tests.conftest import PERSON, Chat
from tests.support.telegram import TOKEN, Updates
from tests.support.telegram_screen import ScreenWire

QUESTION = "怀柔科学城面积多大?"
BROAD = "原始创新"
FOUND = "100.9"


@pytest.fixture(autouse=True)
def told_how_to_translate(services: Services) -> None:
    """Said already today, and so of no answer here: what a button shows again has no such line."""
    services.preferences.hint(7, services.answers.now().astimezone(BEIJING).date())


async def test_an_answer_has_three_buttons_a_row_and_what_answers_in_bold(chat: Chat) -> None:
    [message] = await chat.private(QUESTION)
    assert any(entity.tag == "b" and "100.9" in entity.text for entity in message.entities)
    _, shown = chat.last()
    assert shown.labels == [["📄 完整摘要", "更多 ▸", "⋯"], ["🔔 有新消息告诉我"]]


async def test_more_pages_back_and_forth_in_the_same_message(chat: Chat) -> None:
    await chat.private(BROAD)
    number, first = chat.last()
    assert await chat.press("更多") == ""
    assert chat.last()[0] == number
    second = chat.last()[1]
    assert second.text != first.text
    await chat.press("返回")
    assert chat.last()[1] == first


async def test_the_whole_summary_and_back_to_the_answer(chat: Chat) -> None:
    await chat.private(QUESTION)
    answer = chat.last()[1]
    await chat.press("完整")
    assert "Group 1" in chat.last()[1].text or "• " in chat.last()[1].text
    await chat.press("回到回答")
    assert chat.last()[1] == answer


async def test_one_level_down_are_the_citation_and_what_was_wrong(
    chat: Chat, services: Services, tmp_path: Path
) -> None:
    await chat.private(QUESTION)
    answer = chat.last()[1]
    await chat.press("⋯")
    copy, good, bad = chat.last()[1].rows[0]
    assert "100.9" in copy["copy_text"]["text"]
    assert "《怀柔科学城" in copy["copy_text"]["text"]
    assert (good["text"], bad["text"]) == ("👍", "👎")
    await chat.press("👎")
    assert await chat.press("内容过时") == "已记下，谢谢。"
    assert chat.last()[1].labels[1] == ["✓ 内容过时"]
    assert await chat.press("不相关") == "已记下，谢谢。"
    db = Database(tmp_path / "bot.db")
    assert [row["reason"] for row in db.table("feedback").rows] == ["off"]
    assert await chat.press("✓ 不相关") == "已撤回。"
    assert not list(db.table("feedback").rows)
    db.close()
    await chat.press("返回")
    await chat.press("返回")
    assert chat.last()[1] == answer


async def test_what_is_good_is_said_by_one_press_and_takes_the_place_of_what_was_bad(
    chat: Chat, services: Services
) -> None:
    await chat.private(QUESTION)
    await chat.press("⋯")
    await chat.press("👎")
    await chat.press("内容过时")
    await chat.press("返回")
    assert chat.last()[1].labels[0][1:] == ["👍", "✓ 👎"]
    assert await chat.press("👍") == "已记下，谢谢。"
    assert chat.last()[1].labels[0][1:] == ["✓ 👍", "👎"]
    assert [row["reason"] for row in services.personal_data.export(7)["feedback"]] == ["good"]
    assert await chat.press("👍") == "已撤回。"
    assert not services.personal_data.export(7)["feedback"]


@pytest.fixture
async def later(chat: Chat, library: Library, tmp_path: Path) -> AsyncIterator[Chat]:
    """The bot started anew on the same data, a month later."""
    question_log = QuestionLog(tmp_path / "bot.db")
    services = Services.of(Settings(token=SecretStr(TOKEN), data=tmp_path), library, question_log)
    object.__setattr__(services.answers, "now", lambda: datetime.now().astimezone() + timedelta(31))
    application = app.assemble(
        Settings(token=SecretStr(TOKEN), data=tmp_path), services, ScreenWire(chat.api), UNLIMITED
    ).application
    async with application:
        yield Chat(application, chat.api, Updates())
    services.close()
    question_log.close()


async def test_buttons_work_after_a_restart_and_a_month_later(
    chat: Chat, services: Services, question_log: QuestionLog, later: Chat
) -> None:
    await chat.private(BROAD)
    question_log.close()
    for label in ("更多", "返回", "⋯", "返回", "完整", "回到回答"):
        assert await later.press(label) == ""


@pytest.mark.parametrize(
    "written",
    ["9m:1:0:", "1m:zzzzzz:0:", "1z:1", "1m", "", "1s:0123456789abcdef:0", "1t:00000000:0", "1x:0:0:zh", "1r:1:0::9"],
)
async def test_what_is_too_old_or_no_code_of_ours_says_so(chat: Chat, written: str) -> None:
    await chat.private(QUESTION)
    assert "太旧" in await chat.press("", data=written or " ")


async def test_erased_questions_leave_their_buttons_behind_politely(chat: Chat, services: Services) -> None:
    await chat.private(QUESTION)
    services.personal_data.forget(7)
    assert "too old" in await chat.press("更多", language="en")


async def test_in_a_group_an_answer_is_short_and_its_buttons_are_everybody_s(chat: Chat) -> None:
    await chat.group(f"/ask {BROAD}")
    number, short = chat.last(-1007)
    assert "blockquote" not in short.html
    await chat.press("更多", chat=-1007, user=8)
    assert chat.last(-1007)[0] == number
    assert chat.last(-1007)[1].html.count("start=d_") == 3


@given(
    st.integers(0, 2**62),
    st.integers(0, 40),
    st.booleans(),
    st.booleans(),
    st.sets(st.sampled_from([*callback_data.FILTER_LETTERS])),
)
def test_a_view_survives_its_button(question: int, page: int, alone: bool, literal: bool, dropped: set[str]) -> None:
    without = tuple(kind for kind in callback_data.FILTER_LETTERS if kind in dropped)
    view = AnswerView(question, page, alone, literal, without)
    packed = callback_data.encode(Operation.SUMMARY, "0123456789abcdef", page, *view.parts)
    operation, parts = callback_data.decode(packed)
    assert operation is Operation.SUMMARY
    assert len(packed) <= 64
    assert callback_data.decode_view(parts[2:]) == view


@given(st.text(max_size=64))
def test_any_data_is_read_or_refused(data: str) -> None:
    operation, parts = callback_data.decode(data)
    view = callback_data.decode_view(parts)
    assert operation in {None, *Operation}
    assert view is None or isinstance(view, AnswerView)


def test_too_much_for_a_button_is_an_error_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        callback_data.encode(Operation.TOPIC, "主题" * 20)


async def test_a_corrected_word_is_shown_and_can_be_undone(chat: Chat) -> None:
    await chat.private("huairou sciense city", language="en")
    _, shown = chat.last()
    assert "(you wrote “sciense”)" in shown.text
    await chat.press("As I wrote it", language="en")
    _, literal = chat.last()
    assert "you wrote" not in literal.text
    assert "As I wrote it" not in str(literal.labels)


@pytest.mark.parametrize(
    ("question", "dropped", "words"),
    [
        (f"{QUESTION} date:2019-05", "不限 2019-05", ["不限“2019-05”"]),
        (f"{QUESTION} outlet:江湖小报", "不限 江湖小报", ["不限“江湖小报”"]),
        (f"{QUESTION} outlet:江湖小报 date:2019-05", "不限 2019-05 · 江湖小报", ["不限“2019-05 · 江湖小报”"]),
    ],
)
async def test_a_filter_that_leaves_nothing_is_dropped_by_a_button(
    chat: Chat, question: str, dropped: str, words: list[str]
) -> None:
    await chat.private(question)
    _, nothing = chat.last()
    assert "没有找到" in nothing.text
    assert all(word in nothing.text for word in words)
    assert not await chat.press(dropped)
    _, found = chat.last()
    await chat.private(QUESTION)
    assert found.text == chat.last()[1].text


async def test_where_nothing_is_found_without_the_filter_either_it_is_not_offered(chat: Chat) -> None:
    await chat.private("qwzxv jkqpt date:2019-05")
    assert "不限" not in str(chat.last()[1].labels)


async def test_a_question_s_number_opens_it_in_its_own_chat_only(chat: Chat, services: Services) -> None:
    """The number may be known from an export, or from somebody's screen."""
    await chat.private(QUESTION)
    await chat.group(f"/ask {QUESTION}")
    mine = services.answers.question_log.asked_in(7, 1)
    ours = services.answers.question_log.asked_in(-1007, 2)
    assert mine
    assert ours
    theirs = {"from": PERSON | {"id": 8}, "chat": {"id": 8, "type": "private", "first_name": "x"}}
    await chat.private("qwzxv jkqpt", **theirs)
    before = dict(chat.api.shown)
    for question in (mine, ours):
        for operation in (Operation.ANSWER_PAGE, Operation.ANSWER_BUTTONS, Operation.MORE_MENU, Operation.REASONS):
            data = encode(operation, question.id, 0, "")
            assert "按钮" in await chat.press("", chat=8, user=8, data=data), operation
        assert "按钮" in await chat.press("", chat=8, user=8, data=encode(Operation.FEEDBACK, question.id, 0, "", 1))
        assert "按钮" in await chat.press("", chat=8, user=8, data=encode(Operation.FOLLOW, "q", question.id))
    assert chat.api.shown == before
    assert not services.answers.question_log.export(8)["feedback"]
    assert not services.subscriptions.count()
    assert not await chat.press("更多", chat=-1007, user=8)  # a group's answers are everybody's there


async def test_in_a_group_a_judgment_changes_nothing_that_others_see(chat: Chat, services: Services) -> None:
    await chat.group(f"/ask {QUESTION}")
    number, answer = chat.last(-1007)
    assert "⋯" not in str(answer.labels)
    assert await chat.press("👎", chat=-1007) == "已记下，谢谢。"
    assert chat.last(-1007) == (number, answer)
    assert [row["reason"] for row in services.personal_data.export(7)["feedback"]] == ["off"]
    assert await chat.press("👎", chat=-1007) == "已撤回。"
    assert await chat.press("👍", chat=-1007) == "已记下，谢谢。"
    assert chat.last(-1007) == (number, answer)


async def test_in_a_group_a_press_leaves_the_answer_in_its_language(chat: Chat) -> None:
    await chat.group(f"/ask {QUESTION}")
    assert "更多" in str(chat.last(-1007)[1].labels)
    assert not await chat.press("更多", chat=-1007, user=8, language="en")
    assert "返回" in str(chat.last(-1007)[1].labels)
    assert "Back" not in str(chat.last(-1007)[1].labels)
    assert not await chat.press("摘要", chat=-1007, user=8, language="en")
    assert "Full summary" not in str(chat.last(-1007)[1])
    assert "Answer" not in str(chat.last(-1007)[1].labels)
