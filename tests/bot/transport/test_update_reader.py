"""Plain questions are read in a way of their own: it must come out as python-telegram-bot's."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, Message, Update
from telegram.ext import Defaults, ExtBot

from bot.transport.update_reader import read_update
from tests.support.telegram import TOKEN

BOT: Bot = ExtBot(TOKEN, defaults=Defaults())
IDS = st.integers(1, 2**52)
NAMES = st.text(max_size=8)
ODD: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just({"odd": []})
CHATS = st.fixed_dictionaries(
    {"id": IDS, "type": st.sampled_from(["private", "group", "supergroup"])},
    optional={"first_name": NAMES, "last_name": NAMES, "username": NAMES, "is_forum": st.booleans()},
)
USERS = st.fixed_dictionaries(
    {"id": IDS, "is_bot": st.booleans(), "first_name": NAMES},
    optional={
        "last_name": NAMES,
        "username": NAMES,
        "language_code": st.sampled_from(["en", "zh-hans"]),
        "is_premium": st.booleans(),
        "added_to_attachment_menu": st.booleans(),
        "of_a_later_version": NAMES,
    },
)
MESSAGES = st.fixed_dictionaries(
    {"message_id": IDS, "date": st.integers(0, 2**33), "chat": CHATS, "from": USERS, "text": NAMES},
    optional={
        "entities": st.just([{"type": "bold", "offset": 0, "length": 1}]),
        "is_topic_message": st.booleans(),
        "reply_to_message": st.just({"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}),
    },
)
UPDATES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"update_id": IDS, "message": MESSAGES}, optional={"of_a_later_version": st.integers()}
)


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """With a field of another type, or without it."""
    update = draw(UPDATES)
    holder = draw(st.sampled_from([update, update["message"], update["message"]["chat"], update["message"]["from"]]))
    name = draw(st.sampled_from(sorted(holder)))
    if draw(st.booleans()):
        holder[name] = draw(ODD)
    else:
        del holder[name]
    return update


@given(UPDATES)
def test_a_plain_question_is_read_as_the_library_reads_it(raw: dict[str, Any]) -> None:
    update, expected = read_update(raw, BOT), Update.de_json(raw, BOT)
    assert update == expected
    assert update.to_dict() == expected.to_dict()
    assert isinstance(update.message, Message)
    assert {one.get_bot() for one in (update, update.message, update.message.chat, update.effective_user)} == {BOT}  # type: ignore[union-attr]


@given(broken())
def test_what_is_broken_comes_out_as_the_library_has_it_or_not_at_all(raw: dict[str, Any]) -> None:
    try:
        update = read_update(raw, BOT)
    except Exception:  # whatever it is: the update is put aside
        return
    assert update.to_dict() == Update.de_json(raw, BOT).to_dict()
