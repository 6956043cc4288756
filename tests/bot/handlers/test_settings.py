"""One's own: settings, the data as a file, and its end; the menus; how much may be asked."""

import json
from datetime import UTC, datetime

import pytest

from bot.container import Services
from bot.question_log.log import Asker, QuestionLog
from bot.transport.command_menu import MENUS, publish_menus
from bot.users.preferences import Preferences
from bot.users.question_quota import QuestionQuota
from tests.conftest import Chat

QUESTION = "怀柔科学城面积多大?"


async def test_the_language_one_chose_beats_telegram_s(chat: Chat) -> None:
    await chat.private("/settings")
    await chat.press("语言")
    await chat.press("English")
    assert "Language: English" in chat.last()[1].text
    [message] = await chat.private("/help", language="zh-hans")
    assert "In groups" in message.text
    await chat.press("Language", message=next(n for (_, n), s in chat.api.shown.items() if "Language" in s.text))
    await chat.press("automatic", message=next(n for (_, n), s in chat.api.shown.items() if "Language" in s.text))
    [message] = await chat.private("/help", language="zh-hans")
    assert "在群里" in message.text


async def test_hour_and_zone_are_kept(chat: Chat, services: Services) -> None:
    await chat.private("/settings")
    for label in ("时间", "21:30", "时区", "伦敦时间"):
        assert await chat.press(label) == ""
    assert services.preferences.preferences(7) == Preferences(None, "21:30", "Europe/London")
    assert "伦敦时间" in chat.last()[1].text


async def test_whether_one_s_words_may_be_seen_is_one_s_own_choice(chat: Chat, services: Services) -> None:
    await chat.private("/settings")
    assert "运营者看不到原话" in chat.last()[1].text
    await chat.press("允许运营者看")
    assert "运营者可以看到原话" in chat.last()[1].text
    await chat.press("语言")
    await chat.press("English")
    assert services.preferences.preferences(7) == Preferences("en", open=True)
    assert services.preferences.agreed() == {7}
    assert services.personal_data.export(7)["preferences"][0]["open"] == 1
    await chat.press("private")
    assert services.preferences.agreed() == set()


async def test_a_group_does_not_agree_for_its_members(chat: Chat, services: Services) -> None:
    chat.api.administrators.add((-1007, 7))
    await chat.group("/settings")
    assert not any("原话" in label or "允许" in label for row in chat.last(-1007)[1].labels for label in row)
    await chat.press("", chat=-1007, data="1p:s:1")
    assert services.preferences.agreed() == set()


async def test_export_is_a_file_with_everything(chat: Chat) -> None:
    await chat.private(QUESTION)
    await chat.press("⋯")
    await chat.press("👎")
    await chat.press("内容过时")
    await chat.private("/settings")
    await chat.press("语言")
    await chat.press("中文")
    await chat.private("/export")
    [sent] = chat.api.answers("sendDocument")
    name, content, _ = sent.parameters["files"][0]
    assert name == "zhidian.json"
    data = json.loads(content)
    assert data["user"] == 7
    assert data["questions"][0]["text"] == QUESTION
    assert data["feedback"][0]["reason"] == "outdated"
    assert data["preferences"][0]["language"] == "zh"


async def test_forget_asks_once_and_erases_everywhere(chat: Chat, services: Services) -> None:
    await chat.private(QUESTION)
    await chat.private("/forget")
    await chat.press("不，保留")
    assert services.personal_data.export(7)["questions"]
    await chat.private("/forget")
    await chat.press("是，全部删除")
    assert "已删除，共 2 条记录" in chat.last()[1].text
    assert not any(services.personal_data.export(7).values())


async def test_others_keep_what_is_theirs(chat: Chat, services: Services) -> None:
    await chat.private(QUESTION)
    await chat.group(f"/ask {QUESTION}", **{"from": {"id": 8, "is_bot": False, "first_name": "王"}})
    assert services.personal_data.forget(7) == 2  # and that they were told how Telegram translates
    assert len(services.personal_data.export(8)["questions"]) == 1


async def test_menus_and_descriptions_are_set_once_and_only_where_they_differ(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    bot = chat.application.bot
    await publish_menus(bot, "")
    changes = [call for call in chat.api.calls if call.method.startswith("setMy")]
    assert len(changes) == 2 * (len(MENUS) + 2)
    assert not chat.api.answers("setMyName")
    assert "提一个问题" in str(chat.api.kept["commands", "all_private_chats", "zh"])
    assert "settings" not in str(chat.api.kept["commands", "all_group_chats", ""])
    await publish_menus(bot, "")
    assert len([call for call in chat.api.calls if call.method.startswith("setMy")]) == len(changes)
    chat.api.refuse("getMyCommands", 400, "Bad Request: not now")
    await publish_menus(bot, "")
    assert "command menu" in caplog.text


async def test_the_menu_button_opens_a_public_page_and_gives_way_when_there_is_none(chat: Chat) -> None:
    bot = chat.application.bot
    await publish_menus(bot, "")
    assert not chat.api.answers("setChatMenuButton")
    for _ in range(2):
        await publish_menus(bot, "https://news.example.org")
    [call] = chat.api.answers("setChatMenuButton")
    assert call.parameters["menu_button"]["web_app"] == {"url": "https://news.example.org"}
    for _ in range(2):
        await publish_menus(bot, "")
    assert len(chat.api.answers("setChatMenuButton")) == 2
    assert chat.api.answers("setChatMenuButton")[-1].parameters["menu_button"]["type"] == "commands"


def test_so_many_questions_a_minute() -> None:
    quota, at = QuestionQuota(per_minute=2), datetime(2026, 1, 1, tzinfo=UTC)
    assert [quota.wait(7, at) for _ in range(3)] == [0, 0, 60]
    assert quota.wait(8, at) == 0
    assert quota.wait(None, at) == 0
    assert quota.wait(7, at.replace(second=45)) == 15
    assert quota.wait(7, at.replace(minute=1)) == 0


async def test_too_fast_is_said_with_the_seconds(chat: Chat) -> None:
    for _ in range(20):
        [message] = await chat.private("x", language="en")
    [message] = await chat.private("x", language="en")
    assert message.text.startswith("Too many questions. Please ask again in ")


async def test_start_suggests_questions_that_this_corpus_answers(chat: Chat) -> None:
    for language in ("zh-hans", "en"):
        await chat.private("/start", language=language)
        greeting, shown = chat.last()
        assert len(shown.rows) == 3
        for [label] in shown.labels:
            assert await chat.press(label, message=greeting, language=language) == ""
            answer = chat.last()[1]
            assert answer.text.startswith(label)
            assert "最接近" not in answer.text
            assert "closest" not in answer.text
            assert answer.rows


async def test_start_suggests_what_three_people_asked_in_the_same_words(
    chat: Chat, services: Services, question_log: QuestionLog
) -> None:
    asked, rare = "怀柔科学城面积多大?", "北京的研发投入强度是多少?"
    for person, text in ((1, asked), (2, asked), (3, asked), (4, rare), (5, rare), (5, rare)):
        services.answers.ask(text, "zh", Asker("private", person, person))
    question_log.export(0)  # writes what is queued
    await chat.private("/start")
    labels = [label for [label] in chat.last()[1].labels]
    assert labels[0] == asked
    assert rare not in labels
    assert labels[1].startswith("讲讲“")
    titles = {document.title for document in services.answers.library.recent(40)}
    assert labels[1].removeprefix("讲讲“").removesuffix("”") in titles


async def test_topics_lead_to_documents_and_these_to_summaries(chat: Chat) -> None:
    await chat.private("/topics")
    await chat.press("原始创新")
    _, page = chat.last()
    assert page.text.startswith("原始创新：10 份摘要")
    assert page.html.count("start=d_") == 8
    assert page.rows[-1][0]["switch_inline_query_current_chat"] == "topic:原始创新 "
    await chat.press("›")
    assert chat.last()[1].html.count("start=d_") == 2
    await chat.press("所有主题")
    assert chat.last()[1].text.startswith("原始创新：10")


async def test_a_forwarded_message_and_a_caption_are_questions(chat: Chat) -> None:
    origin = {"type": "hidden_user", "sender_user_name": "x", "date": 1}
    [message] = await chat.private(QUESTION, forward_origin=origin)
    assert "100.9" in message.text
    [message] = await chat.private(None, caption=QUESTION, photo=[])
    assert "100.9" in message.text
