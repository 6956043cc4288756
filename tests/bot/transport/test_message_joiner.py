"""Albums and texts that a client cut become one update, and nothing else does."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, Update, User

from bot.render.html import utf16_len
from bot.transport import message_joiner
from bot.transport.message_joiner import (
    MAX_PARTS,
    MAX_TEXT_UNITS,
    MIN_CUT_UNITS,
    MessageJoiner,
    between,
    continues,
    groups_of_parts,
    is_first_part,
    join,
    parts_of,
)
from bot.transport.message_text import question_text
from tests.support.telegram import ME, TOKEN, Updates

BOT = Bot(TOKEN)
SELF = User.de_json(ME, None)
LONG = "a" * MAX_TEXT_UNITS
STRANGER: dict[str, Any] = {"from": {"id": 8, "is_bot": False, "first_name": "王"}}


def read(raw: dict[str, Any]) -> Update:
    return Update.de_json(raw, BOT)


def whole_text(parts: Sequence[Update]) -> str:
    message = join(parts).message
    return message.text or "" if message else ""


@given(st.text(st.characters(categories=["L", "N"]), min_size=1), st.integers(MAX_TEXT_UNITS + 1, 3 * MAX_TEXT_UNITS))
def test_a_text_without_spaces_is_put_together_as_it_was(words: str, size: int) -> None:
    text = (words * size)[:size]
    updates, pieces, units = Updates(), [""], 0
    for character in text:
        if units + utf16_len(character) > MAX_TEXT_UNITS:
            pieces, units = [*pieces, ""], 0
        pieces[-1] += character
        units += utf16_len(character)
    parts = [read(updates.private(piece)) for piece in pieces]
    [group] = groups_of_parts(parts)
    # a piece of 4,095 units may have lost a space or have ended before a character of two units
    assert whole_text(group).replace(" ", "") == text


@pytest.mark.parametrize(
    ("before", "after", "space"),
    [
        (LONG, "rest of a word", ""),
        ("b" * 3000 + " word.", "Another", " "),
        ("字" * 3000 + "。", "另一句", ""),
        ("字" * 3000, "word", ""),
    ],
)
def test_the_space_between_two_parts(before: str, after: str, space: str) -> None:
    assert between(before, after) == space


def test_entities_of_later_parts_are_moved() -> None:
    updates = Updates()
    mention = {"type": "mention", "offset": 2, "length": len(ME["username"]) + 1}  # type: ignore[arg-type]
    parts = [
        read(updates.group("😀" * 2048)),
        read(updates.group(f"x @{ME['username']} and more", entities=[mention])),
    ]
    message = join(parts).message
    assert message
    assert message.parse_entity(message.entities[0]) == f"@{ME['username']}"
    assert question_text(message, SELF) == "😀" * 2048 + "x and more"


def unlike(**second: Any) -> list[Update]:
    updates = Updates()
    return [read(updates.private(LONG)), read(updates.private(**({"text": "the rest"} | second)))]


@pytest.mark.parametrize(
    "two",
    [
        unlike(chat={"id": 8, "type": "private"}),
        unlike(text="/help"),
        unlike(date=2_000_000_000),
        unlike(reply_to_message={"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "?"}),
        unlike(text=None, document={"file_id": "1", "file_unique_id": "1"}),
        unlike(media_group_id="5"),
        unlike(kind="edited_message"),
        [read(Updates().private("short")), read(Updates().private("the rest"))],
        [read(Updates().private(media_group_id="4")), read(Updates().private(media_group_id="5"))],
        [read(Updates().group(LONG)), read(Updates().group("x", **STRANGER))],
    ],
)
def test_two_messages_stay_two(two: list[Update]) -> None:
    assert not continues(*two)
    assert groups_of_parts(two) == [[two[0]], [two[1]]]


def test_an_album_s_message_is_the_one_with_words_and_its_number_the_first() -> None:
    updates = Updates()
    parts = [read(updates.private(media_group_id="4", caption=words)) for words in (None, "新闻", None)]
    whole = join(parts)
    assert whole.update_id == parts[0].update_id
    assert whole.message
    assert whole.message.caption == "新闻"
    assert parts_of(whole.message) == tuple(part.message for part in parts)


def test_of_an_endless_row_of_full_messages_so_many_are_one() -> None:
    updates = Updates()
    many = [read(updates.private(LONG)) for _ in range(2 * MAX_PARTS)]
    assert [len(group) for group in groups_of_parts(many)] == [MAX_PARTS, MAX_PARTS]


class Released:
    """What leaves a joiner."""

    def __init__(self) -> None:
        self.updates: list[tuple[int, list[int]]] = []
        self.joiner = MessageJoiner(lambda whole, parts: self.updates.append((whole.update_id, list(parts))))

    def add(self, *updates: Update) -> None:
        for update in updates:
            self.joiner.add(update)


async def test_a_part_waits_for_the_next_and_another_message_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_joiner, "JOIN_SECONDS", 600.0)
    released, updates = Released(), Updates()
    one, two, three, four = (read(updates.private(text)) for text in (LONG, LONG, "end", "next"))
    released.add(one, two)
    assert released.updates == []
    released.add(three)
    assert released.updates == [(one.update_id, [one.update_id, two.update_id, three.update_id])]
    released.add(four)
    assert released.updates[1:] == [(four.update_id, [four.update_id])]
    album = [read(updates.private(media_group_id=group)) for group in "445"]
    released.add(*album)
    assert released.updates[2:] == [(album[0].update_id, [album[0].update_id, album[1].update_id])]
    other = read(updates.private("other chat", chat={"id": 8, "type": "private"}))
    released.add(other)
    assert released.updates[3:] == [(other.update_id, [other.update_id])]
    released.joiner.close()
    assert len(released.updates) == 4


async def test_after_a_while_a_part_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_joiner, "JOIN_SECONDS", 0.01)
    released, update = Released(), read(Updates().private(LONG))
    released.add(update)
    async with asyncio.timeout(20):
        while not released.updates:  # noqa: ASYNC110 - the joiner has no event
            await asyncio.sleep(0.01)
    assert released.updates == [(update.update_id, [update.update_id])]


async def test_in_a_group_the_rest_of_what_was_addressed_is_expected() -> None:
    joiner, updates = Released().joiner, Updates()
    asked, rest, chatter = (read(updates.group(text)) for text in (f"/ask {LONG[5:]}", LONG, "talk"))
    stranger = read(updates.group("me too", **STRANGER))
    assert not joiner.expects(asked, addressed=True)
    assert not joiner.expects(stranger, addressed=False)
    assert joiner.expects(rest, addressed=False)
    assert joiner.expects(chatter, addressed=False)  # the end of it, as far as can be known
    assert not joiner.expects(read(updates.group("more talk")), addressed=False)
    for before, after in pairwise([read(updates.group(LONG)), read(updates.group("more talk"))]):
        assert not joiner.expects(before, addressed=False)
        assert not joiner.expects(after, addressed=False)


def test_no_part_is_shorter_than_a_client_cuts() -> None:
    updates = Updates()
    assert not continues(read(updates.private("a" * (MIN_CUT_UNITS - 1))), read(updates.private("b")))
    assert continues(read(updates.private("a" * MIN_CUT_UNITS)), read(updates.private("b")))


def test_an_invisible_edit_of_a_first_part_is_no_new_question() -> None:
    assert is_first_part(LONG, f"{LONG} and the rest")
    assert not is_first_part(LONG, "b" + LONG)
    assert not is_first_part("short", "short, and more")
