"""Groups: which ways of asking work, and being added, removed, moved."""

from typing import Any

import pytest

from bot.container import Services
from bot.users.preferences import Preferences
from tests.conftest import PERSON, Chat
from tests.support.telegram import ME, NAME

QUESTION = "怀柔科学城面积多大?"
FOUND = "100.9"
GROUP = {"id": -1007, "type": "supergroup", "title": "群"}


def mention(text: str, name: str = f"@{NAME}") -> dict[str, Any]:
    """The entity as Telegram counts it, in UTF-16 units."""
    before = text[: text.index(name)].encode("utf-16-le")
    return {"type": "mention", "offset": len(before) // 2, "length": len(name)}


@pytest.mark.parametrize(
    "written", [f"@{NAME} {QUESTION}", f"😀 {QUESTION} @{NAME.lower()}", f"{QUESTION}@{NAME.upper()}"]
)
async def test_a_mention_anywhere_is_a_question(chat: Chat, written: str) -> None:
    name = next(word for word in (f"@{NAME}", f"@{NAME.lower()}", f"@{NAME.upper()}") if word in written)
    [message] = await chat.group(written, entities=[mention(written, name)])
    assert FOUND in message.text
    caption = {"caption": written, "caption_entities": [mention(written, name)], "photo": []}
    [message] = await chat.group(None, **caption)
    assert FOUND in message.text


async def test_a_reply_to_the_bot_and_a_mention_below_somebody_s_message(chat: Chat) -> None:
    ours = {"message_id": 5, "date": 1, "chat": GROUP, "from": ME, "text": "…"}
    [message] = await chat.group(QUESTION, reply_to_message=ours)
    assert FOUND in message.text
    theirs = {"message_id": 6, "date": 1, "chat": GROUP, "from": PERSON, "text": QUESTION}
    [message] = await chat.group(f"@{NAME}", entities=[mention(f"@{NAME}")], reply_to_message=theirs)
    assert FOUND in message.text
    assert not await chat.group(QUESTION, reply_to_message=theirs)


def member(status: str, **more: Any) -> dict[str, Any]:
    rights: dict[str, dict[str, Any]] = {
        "administrator": dict.fromkeys(
            (
                "can_be_edited",
                "is_anonymous",
                "can_manage_chat",
                "can_delete_messages",
                "can_manage_video_chats",
                "can_restrict_members",
                "can_promote_members",
                "can_change_info",
                "can_invite_users",
                "can_post_stories",
                "can_edit_stories",
                "can_delete_stories",
            ),
            False,
        ),
        "kicked": {"until_date": 0},
    }
    return {"status": status, "user": ME} | rights.get(status, {}) | more


async def joined(chat: Chat, new: str, language: str = "zh-hans") -> str:
    calls = await chat.update(
        "my_chat_member",
        **{"from": PERSON | {"language_code": language}},
        chat=GROUP,
        date=1,
        old_chat_member=member("left"),
        new_chat_member=member(new),
    )
    [sent] = [call for call in calls if call.method == "sendMessage"]
    return sent.text


async def test_the_welcome_says_which_ways_of_asking_work_here(chat: Chat) -> None:
    text = await joined(chat, "member")
    assert f"@{NAME}（有些群里我收不到" in text
    assert "/ask" in text
    assert "some groups" not in await joined(chat, "administrator", "en")


async def test_a_welcome_that_cannot_be_said_is_no_failure(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    chat.api.refuse("sendMessage", 403, "Forbidden: bot was kicked from the supergroup chat")
    await chat.update(
        "my_chat_member", chat=GROUP, date=1, old_chat_member=member("left"), new_chat_member=member("member")
    )
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_after_removal_the_group_s_settings_are_gone(chat: Chat, services: Services) -> None:
    services.preferences.choose(-1007, Preferences("en"))
    await chat.update(
        "my_chat_member", chat=GROUP, date=1, old_chat_member=member("member"), new_chat_member=member("kicked")
    )
    assert services.preferences.preferences(-1007) == Preferences()


async def test_a_group_that_becomes_a_supergroup_keeps_its_settings_and_its_buttons(
    chat: Chat, services: Services
) -> None:
    services.preferences.choose(-1007, Preferences("en"))
    await chat.group(f"/ask {QUESTION}")
    answer, _ = chat.last(-1007)
    assert not await chat.group(None, migrate_to_chat_id=-100_555)
    assert not await chat.send(chat.updates.group(None, migrate_from_chat_id=-1007) | {})
    assert services.preferences.preferences(-100_555).language == "en"
    assert services.answers.question_log.answered_by(-100_555, answer)


async def test_settings_are_the_administrators_and_looked_up_at_the_press(chat: Chat, services: Services) -> None:
    [message] = await chat.group("/settings")
    assert "只有" in message.text
    chat.api.administrators.add((-1007, 7))
    await chat.group("/settings")
    assert chat.last(-1007)[1].labels == [["语言", "时间", "时区"]]
    assert "管理员" in await chat.press("语言", chat=-1007, user=8)
    assert "匿名" in await chat.press("语言", chat=-1007, user=1087968824)
    await chat.press("语言", chat=-1007)
    await chat.press("English", chat=-1007)
    assert "Language: English" in chat.last(-1007)[1].text
    [message] = await chat.group("/topics")
    assert "10 summaries" in message.text


async def test_an_anonymous_administrator_opens_the_settings(chat: Chat) -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    await chat.group("/settings", **{"from": anonymous}, sender_chat=GROUP)
    assert chat.last(-1007)[1].labels


async def test_status_says_what_works_here(chat: Chat) -> None:
    [message] = await chat.group("/status")
    assert "10 份摘要" in message.text
    assert "/ask" in message.text
    [message] = await chat.private("/status", language="en")
    assert "1 topic; the newest" in message.text


async def test_a_member_s_press_on_a_list_opens_it_for_that_member_alone(chat: Chat) -> None:
    """It was shown to all in the language of whoever pressed."""
    [message] = await chat.group("/topics")
    number, before = chat.last(-1007)
    label = before.labels[0][0]
    assert not await chat.press(label, chat=-1007, user=8, language="en")
    assert chat.last(-1007) == (number, before)
    link = chat.api.answers("answerCallbackQuery")[-1].parameters["url"]
    payload = link.removeprefix(f"https://t.me/{ME['username']}?start=")
    reader = {"id": 8, "is_bot": False, "first_name": "A", "language_code": "en"}
    own: dict[str, Any] = {"chat": {"id": 8, "type": "private"}, "from": reader}
    [shown] = await chat.private(f"/start {payload}", **own)
    assert "10 summaries" in shown.text
    assert "10 份摘要" in message.text
    await chat.press("All topics", chat=8, user=8, language="en")
    assert "original innovation" in str(chat.last(8)[1].labels)


@pytest.mark.parametrize("payload", ["t_00000000_0", "topics_0", "topics_999999", "t_zz_0", "d_0123456789abcdef"])
async def test_a_link_that_leads_nowhere_still_shows_something(chat: Chat, payload: str) -> None:
    [message] = await chat.private(f"/start {payload}")
    assert message.text


async def test_a_list_s_button_with_other_data_is_too_old(chat: Chat) -> None:
    await chat.group("/topics")
    assert await chat.press("", chat=-1007, data="1t:" + "é?")
