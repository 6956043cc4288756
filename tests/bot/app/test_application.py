"""The bot in private chats and groups, driven through the wire."""

from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.question_log.log import QuestionLog
from bot.render.i18n import LANGUAGES, say_in
from tests.conftest import Chat
from tests.support.telegram import NAME

QUESTION = "怀柔科学城面积多大?"
FOUND = "100.9"
NOT_SURE = [
    say_in(language)(key) for language in LANGUAGES for key in ("maybe", "none", "ask-about-what", "small-talk")
]


async def test_any_private_text_is_a_question(chat: Chat) -> None:
    [message] = await chat.private(QUESTION)
    assert FOUND in message.text
    assert message.parameters["chat_id"] == 7
    assert message.parameters["parse_mode"] == "HTML"
    assert message.parameters["link_preview_options"] == {"is_disabled": True}
    assert "reply_parameters" not in message.parameters
    assert any(f"t.me/{NAME}?start=d_" in str(entity.attributes) for entity in message.entities)


@pytest.mark.parametrize("asked", [f"/ask {QUESTION}", f"/ask@{NAME} {QUESTION}", f"/ask\n{QUESTION}"])
async def test_in_a_group_ask_is_answered_as_a_reply(chat: Chat, asked: str) -> None:
    update = chat.updates.group(asked)
    [message] = await chat.send(update)
    assert FOUND in message.text
    reply = message.parameters["reply_parameters"]
    assert (reply["message_id"], reply["allow_sending_without_reply"]) == (update["message"]["message_id"], True)
    assert "message_thread_id" not in message.parameters


async def test_in_a_group_only_what_is_meant_for_the_bot_is_answered(chat: Chat) -> None:
    for other in (QUESTION, f"/ask@SomeOtherBot {QUESTION}", "/unknown", None):
        assert not await chat.group(other)


async def test_ask_in_reply_asks_what_is_replied_to(chat: Chat) -> None:
    original = chat.updates.group(QUESTION)["message"]
    [message] = await chat.group("/ask", reply_to_message=original)
    assert FOUND in message.text
    captioned = chat.updates.group(None, caption=QUESTION)["message"]
    [message] = await chat.group("/ask", reply_to_message=captioned)
    assert FOUND in message.text
    long = chat.updates.group("今天天气不错。" + QUESTION)["message"]
    [message] = await chat.group("/ask", reply_to_message=long, quote={"text": QUESTION, "position": 7})
    assert FOUND in message.text


async def test_ask_alone_says_how(chat: Chat) -> None:
    [message] = await chat.group("/ask")
    assert "/ask" in message.text
    topic = chat.updates.group(None, forum_topic_created={"name": "话题", "icon_color": 1})["message"]
    [message] = await chat.group("/ask", reply_to_message=topic)
    assert "/ask" in message.text


async def test_ask_without_a_space_is_no_command_to_telegram_but_meant_as_one(chat: Chat) -> None:
    [message] = await chat.private(f"/ask{QUESTION}")
    assert FOUND in message.text


async def test_a_forum_topic_is_answered_in_its_thread(chat: Chat) -> None:
    [message] = await chat.group(f"/ask {QUESTION}", message_thread_id=42, is_topic_message=True)
    assert message.parameters["message_thread_id"] == 42
    # In an ordinary group the number is that of a chain of replies, and Telegram refuses it.
    [message] = await chat.group(f"/ask {QUESTION}", message_thread_id=42)
    assert "message_thread_id" not in message.parameters


async def test_edits_channel_posts_other_bots_and_our_own_inline_answers_are_left_alone(chat: Chat) -> None:
    bot = {"id": 99, "is_bot": True, "first_name": "another"}
    for extra in (
        {"kind": "edited_message"},
        {"kind": "channel_post"},
        {"from": bot},
        {"via_bot": {"id": 123456, "is_bot": True, "first_name": "知点"}},
    ):
        assert not await chat.private(QUESTION, **extra)
        assert not await chat.group(f"/ask {QUESTION}", **extra)


async def test_an_anonymous_administrator_is_answered(chat: Chat) -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    [message] = await chat.group(
        f"/ask {QUESTION}", **{"from": anonymous}, sender_chat={"id": -1007, "type": "supergroup", "title": "群"}
    )
    assert FOUND in message.text


async def test_start_greets_in_the_user_s_language_and_says_that_questions_are_logged(chat: Chat) -> None:
    [message] = await chat.private("/start", language="zh-hans")
    assert "10 份摘要" in message.text
    assert "记录" in message.text
    [message] = await chat.private("/start", language="en-GB")
    assert "10 summaries" in message.text
    assert "logged" in message.text


async def test_a_deep_link_shows_the_whole_summary(chat: Chat) -> None:
    [answer] = await chat.private(QUESTION)
    address = next(str(e.attributes["href"]) for e in answer.entities if "?start=" in str(e.attributes))
    pages = await chat.private(f"/start {address.partition('?start=')[2]}")
    assert FOUND in "".join(page.text for page in pages)
    [message] = await chat.private("/start d_0000000000000000", language="en")
    assert "do not have" in message.text
    [message] = await chat.private("/start ';DROP TABLE", language="en")
    assert "10 summaries" in message.text


@pytest.mark.parametrize("command", ["/help", "/unknown"])
async def test_help(chat: Chat, command: str) -> None:
    [message] = await chat.private(command, language="zh-hant")
    assert "在群里" in message.text
    [message] = await chat.private(command, language=None)
    assert "In groups" in message.text


@pytest.mark.parametrize("command", ["/search", "/wen", "/search@ZhidianTestBot"])
async def test_an_unknown_command_keeps_its_words(chat: Chat, command: str) -> None:
    [message] = await chat.private(f"{command} {QUESTION}")
    assert FOUND in message.text


async def test_help_is_silent_about_operators_commands(chat: Chat) -> None:
    [message] = await chat.private("/help")
    assert "/subscribe" in message.text
    assert "/feeds" not in message.text


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_each_starter_is_answered(chat: Chat, language: str) -> None:
    [message] = await chat.private("/start", language=language)
    rows = message.parameters["reply_markup"]["inline_keyboard"]
    starters = [button["text"] for row in rows for button in row if button["callback_data"][1] == "x"]
    assert len(starters) == 3
    for starter in starters:
        assert starter[-1] in "?？”"
        [answer] = await chat.private(starter, language=language)
        assert "**" not in answer.text
        assert all(text not in answer.text for text in NOT_SURE), answer.text


async def test_topics(chat: Chat) -> None:
    [message] = await chat.private("/topics")
    assert "原始创新：10 份摘要" in message.text


async def test_a_sticker_gets_a_hint(chat: Chat) -> None:
    [message] = await chat.private(None, language="en", dice={"emoji": "🎲", "value": 3})
    assert "text only" in message.text


async def test_nothing_found_says_so_and_names_the_topics(chat: Chat) -> None:
    [message] = await chat.private("qwzxv jkqpt", language="en")
    assert "nothing" in message.text
    assert "原始创新" in message.text


@pytest.mark.parametrize(
    "question", ["<b>&amp;", "\ud83d", "😀" * 2000, "-", "outlet:", '"', "字" * 4096, "\u202e\x00"]
)
async def test_no_question_breaks_an_answer(chat: Chat, question: str) -> None:
    messages = await chat.private(question, language="en")
    assert messages
    assert "went wrong" not in messages[0].text


async def test_questions_are_logged_with_their_place(chat: Chat, question_log: QuestionLog, tmp_path: Path) -> None:
    await chat.private(QUESTION)
    await chat.group("/ask qwzxv jkqpt", message_thread_id=42, is_topic_message=True)
    await chat.group(QUESTION)
    question_log.close()
    db = Database(tmp_path / "bot.db")
    first, second = db.table("questions").rows
    db.close()
    assert (first["place"], first["user_id"], first["chat_id"], first["thread_id"]) == ("private", 7, 7, None)
    assert (first["text"], first["language"]) == (QUESTION, "zh")
    assert first["verdict"] != "none"
    assert len(first["points"]) > len("[]")
    assert (second["place"], second["chat_id"], second["thread_id"]) == ("group", -1007, 42)
    assert (second["language"], second["verdict"], second["points"]) == ("en", "none", "[]")
