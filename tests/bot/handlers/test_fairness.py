"""Nobody keeps the others from their answers."""

from pathlib import Path
from typing import Any

import pytest

from bot.handlers import inline
from tests.conftest import PERSON, Chat
from tests.support.process import PATIENCE, copied, running
from tests.support.telegram import NAME, BotApi, Updates
from tests.support.telegram_http import serving

QUESTION = "怀柔科学城面积多大?"
FOUND = "100.9"
TOO_MANY = "太频繁"


def member(user: int) -> dict[str, Any]:
    return {"from": PERSON | {"id": user}}


def test_sixty_mentions_by_one_member_do_not_hold_up_another_s_question(data: Path, tmp_path: Path) -> None:
    api, updates = BotApi(), Updates()
    own = copied(data, tmp_path / "own")
    with serving(api) as url, running(own, url, tmp_path / "log"):
        api.deliver(*(updates.group(f"/ask@{NAME} {QUESTION}", **member(8)) for _ in range(60)))
        assert api.wait_until(lambda: len(api.arrived()) >= 5, PATIENCE)
        before = len(api.arrived())
        other = updates.group(f"/ask {QUESTION}", **member(9))
        api.deliver(other)
        number = other["message"]["message_id"]

        def is_answered() -> bool:
            return any(call.parameters["reply_parameters"]["message_id"] == number for call in api.arrived())

        assert api.wait_until(is_answered, PATIENCE)
        assert len(api.arrived()) - before <= 3  # at most two of the many came between


async def test_in_a_group_too_many_is_said_once_and_other_members_are_answered(chat: Chat) -> None:
    said = [call for _ in range(60) for call in await chat.group(f"/ask {QUESTION}", **member(8))]
    assert sum(FOUND in call.text for call in said) == 20
    assert sum(TOO_MANY in call.text for call in said) == 1
    assert len(said) == 21
    [answer] = await chat.group(f"/ask {QUESTION}", **member(9))
    assert FOUND in answer.text
    assert not await chat.group("/digest", **member(8))


async def test_anonymous_administrators_of_two_groups_do_not_share_a_quota(chat: Chat) -> None:
    for group in (-1007, -1008):
        here = {"id": group, "type": "supergroup", "title": "x"}
        anonymous: dict[str, Any] = {
            "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
            "sender_chat": here,
            "chat": here,
        }
        answers = [call for _ in range(22) for call in await chat.group(f"/ask {QUESTION}", **anonymous)]
        assert sum(FOUND in call.text for call in answers) == 20


async def test_exports_digests_and_presses_count(chat: Chat) -> None:
    await chat.private(QUESTION)
    for _ in range(30):
        await chat.private("/export")
    assert len(chat.api.answers("sendDocument")) == 19
    assert TOO_MANY in (await chat.private("/digest"))[0].text
    assert [TOO_MANY in await chat.press("", data="1T:0") for _ in range(62)][-2:] == [True, True]


async def test_inline_answers_that_ran_out_of_time_or_were_too_many_are_not_cached(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    [call] = await chat.update("inline_query", id="1", query="怀柔", offset="")
    assert call.parameters["cache_time"] > 0

    def slow(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(inline, "inline_results", slow)
    [call] = await chat.update("inline_query", id="1", query="怀柔", offset="")
    assert (call.parameters["cache_time"], call.parameters["results"]) == (0, [])
    monkeypatch.undo()
    for _ in range(120):
        [call] = await chat.update("inline_query", id="1", query="怀柔", offset="")
    assert (call.parameters["cache_time"], call.parameters["results"]) == (0, [])
