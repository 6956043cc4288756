"""Which updates are for the bot."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update, User

from bot.transport.routing import classify_update, is_stale, mentions_bot
from tests.support.telegram import ME, NAME, Updates

SELF = User.de_json(ME, None)
COMMANDS = {"ask", "help"}
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
BOT = {"id": 99, "is_bot": True, "first_name": "another"}
OWN = {"id": SELF.id, "is_bot": True, "first_name": "知点", "username": NAME}
ADMINISTRATOR = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
GROUP = {"id": -1007, "type": "supergroup", "title": "群"}
OUR_ANSWER = {"message_id": 1, "date": 1, "chat": GROUP, "from": OWN, "text": "答"}


def read(update: dict[str, Any]) -> Update:
    return Update.de_json(update, None)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def named(kind: str, text: str, before: str = "", **extra: Any) -> dict[str, Any]:
    entity = {"type": kind, "offset": units(before), "length": units(text), **extra}
    return {"text": f"{before}{text} 加息了吗", "entities": [entity]}


MEANT = {
    "command": {"text": "/ask 加息"},
    "command, addressed": {"text": f"/unknown@{NAME.upper()} 加息"},
    "reply": {"text": "那湖北呢", "reply_to_message": OUR_ANSWER},
    "mention": named("mention", f"@{NAME}"),
    "mention, other case": named("mention", f"@{NAME.lower()}", "😀 hello "),
    "text mention": named("text_mention", "知点", "嗨", user=OWN),
    "text link": named("text_link", "知点", url=f"https://t.me/{NAME.lower()}"),
    "address": named("url", f"t.me/{NAME}"),
    "caption": {
        "caption": f"😀@{NAME}",
        "caption_entities": [{"type": "mention", "offset": 2, "length": len(NAME) + 1}],
    },
    "anonymous administrator": {"text": "/ask x", "from": ADMINISTRATOR, "sender_chat": GROUP},
    "migration": {"migrate_to_chat_id": -100123},
}

NOT_MEANT = {
    "talk": {"text": "今天天气不错"},
    "another bot's command": {"text": "/ask@SomeOtherBot 加息"},
    "a bare command that is not ours": {"text": "/unknown"},
    "a command further on": {"text": "try /ask", "entities": [{"type": "bot_command", "offset": 4, "length": 4}]},
    "another's mention": named("mention", f"@{NAME}2"),
    "somebody of that name": named("text_mention", "知点", user={"id": 8, "is_bot": False, "first_name": "知点"}),
    "a deep link": named("text_link", "知点", url=f"https://t.me/{NAME}?start=d_1"),
    "another site": named("text_link", "知点", url=f"https://example.org/{NAME}"),
    "no address at all": named("text_link", "知点", url="https://[t.me"),
    "plain words": {"text": f"@{NAME} without an entity"},
    "a reply to somebody": {"text": "真的?", "reply_to_message": OUR_ANSWER | {"from": {**BOT, "id": 98}}},
    "a topic that the bot opened": {
        "text": "hi",
        "reply_to_message": OUR_ANSWER | {"text": None, "forum_topic_created": {"name": "x", "icon_color": 1}},
    },
    "another bot": {"text": "/ask x", "from": BOT},
    "our own inline answer": {"text": "/ask x", "via_bot": OWN},
    "nothing": {},
}


@pytest.mark.parametrize("kind", ["message", "edited_message"])
@pytest.mark.parametrize("extra", MEANT.values(), ids=MEANT)
def test_in_a_group_what_is_meant_for_the_bot(extra: dict[str, Any], kind: str) -> None:
    assert classify_update(read(Updates().group(kind=kind, **extra)), SELF, COMMANDS) == "inbox"


@pytest.mark.parametrize("extra", NOT_MEANT.values(), ids=NOT_MEANT)
def test_in_a_group_nothing_else_is_kept(extra: dict[str, Any]) -> None:
    assert classify_update(read(Updates().group(**extra)), SELF, COMMANDS) == "nowhere"


@pytest.mark.parametrize("extra", [{"text": "?"}, {"dice": {"emoji": "🎲", "value": 3}}, {"forward_origin": None}, {}])
def test_all_private_messages_are_meant(extra: dict[str, Any]) -> None:
    assert classify_update(read(Updates().private(**extra)), SELF, COMMANDS) == "inbox"
    assert classify_update(read(Updates().private(**extra, via_bot=OWN)), SELF, COMMANDS) == "nowhere"


PERSON = {"id": 7, "is_bot": False, "first_name": "李"}
MEMBER = {"user": OWN, "status": "member"}


@pytest.mark.parametrize(
    ("kind", "content", "way"),
    [
        ("callback_query", {"id": "1", "from": PERSON, "chat_instance": "1", "data": "v1"}, "inbox"),
        (
            "my_chat_member",
            {"chat": GROUP, "from": PERSON, "date": 1, "old_chat_member": MEMBER, "new_chat_member": MEMBER},
            "inbox",
        ),
        ("inline_query", {"id": "1", "from": PERSON, "query": "jia", "offset": ""}, "passing"),
        ("chosen_inline_result", {"result_id": "1", "from": PERSON, "query": "jia"}, "passing"),
        ("channel_post", {"message_id": 1, "date": 1, "chat": {"id": -9, "type": "channel"}, "text": "x"}, "nowhere"),
    ],
)
def test_other_kinds(kind: str, content: dict[str, Any], way: str) -> None:
    assert classify_update(read({"update_id": 1, kind: content}), SELF, COMMANDS) == way


def test_stale() -> None:
    late, soon = int((NOW - timedelta(minutes=3)).timestamp()), int((NOW - timedelta(minutes=1)).timestamp())
    updates = Updates()
    assert not is_stale(read(updates.private("?", date=late)), NOW, NOW)
    assert is_stale(read(updates.group("/ask x", date=late)), NOW, NOW)
    assert not is_stale(read(updates.group("/ask x", date=soon)), NOW, NOW)
    assert not is_stale(read(updates.group("/ask x", kind="edited_message", date=late, edit_date=soon)), NOW, NOW)
    assert not is_stale(read(updates.group(date=late, migrate_to_chat_id=-5)), NOW, NOW)
    press = read({"update_id": 1, "callback_query": {"id": "1", "from": PERSON, "chat_instance": "1", "data": "v1"}})
    assert is_stale(press, NOW - timedelta(minutes=3), NOW)
    assert not is_stale(press, NOW, NOW)


@given(before=st.text(), after=st.text())
def test_mentions_are_found_whatever_stands_around_them(before: str, after: str) -> None:
    entity = {"type": "mention", "offset": units(before), "length": units(f"@{NAME}")}
    text = f"{before}@{NAME}{after}"
    update = read(Updates().group(text=text, entities=[entity]))
    assert update.message
    [(start, end)] = mentions_bot(update.message, SELF)
    assert text[start:end] == f"@{NAME}"
