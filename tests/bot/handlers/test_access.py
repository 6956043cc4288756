"""Who may use the bot, in every way in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from bot.users.access_list import AccessList
from retrieval.library import Library
from tests.conftest import PERSON, Chat
from tests.support.telegram import NAME, TOKEN, Updates
from tests.support.telegram_screen import Screen, ScreenWire

ADMIN = 1
QUESTION = "怀柔科学城面积多大?"


def by(user: int) -> dict[str, Any]:
    return {"from": PERSON | {"id": user}, "chat": {"id": user, "type": "private", "first_name": "x"}}


@pytest.fixture
async def closed(library: Library, question_log: QuestionLog, tmp_path: Path) -> AsyncIterator[Chat]:
    """By invitation only."""
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, access="invite", admins=frozenset({ADMIN}), guests="on")
    services = Services.of(settings, library, question_log)
    api = Screen()
    application = app.assemble(settings, services, ScreenWire(api), UNLIMITED).application
    async with application:
        yield Chat(application, api, Updates())
    services.close()


async def test_a_stranger_gets_one_sentence_whichever_way_they_come(closed: Chat) -> None:
    for text in (
        QUESTION,
        "/start",
        "/start d_0123456789abcdef",
        "/topics",
        "/start i_guessed",
        "/invite",
        "/settings",
    ):
        [message] = await closed.private(text)
        assert "受邀" in message.text
    [message] = await closed.group(f"/ask {QUESTION}")
    assert "受邀" in message.text
    assert not await closed.group(QUESTION)
    [call] = await closed.update("inline_query", id="1", query="原始创新", offset="")
    assert call.parameters["results"] == []
    assert "受邀" in await closed.press("", data="1m:1:0:", message=1)


async def test_a_stranger_s_data_is_still_theirs(closed: Chat) -> None:
    for text in ("/privacy", "/forget"):
        [message] = await closed.private(text)
        assert "受邀的人使用" not in message.text
    await closed.press("是，全部删除")
    assert "已删除" in closed.last()[1].text


async def invitation(closed: Chat) -> str:
    [message] = await closed.private("/invite", **by(ADMIN))
    address = message.text.partition("https://")[2]
    assert address.startswith(f"t.me/{NAME}?start=i_")
    return address.partition("start=")[2].split()[0]


async def test_an_invitation_lets_one_person_in_once(closed: Chat) -> None:
    code = await invitation(closed)
    [message] = await closed.private(f"/start {code}")
    assert "10 份摘要" in message.text
    [message] = await closed.private(QUESTION)
    assert "100.9" in message.text
    [message] = await closed.private(f"/start {code}", **by(9))
    assert "受邀" in message.text
    [message] = await closed.private("/invite")
    assert "运营者" in message.text


async def test_who_is_in_does_not_use_up_another_s_invitation(closed: Chat) -> None:
    await closed.private(f"/start {await invitation(closed)}")
    code = await invitation(closed)
    await closed.private(f"/start {code}")
    [message] = await closed.private(f"/start {code}", **by(9))
    assert "10 份摘要" in message.text


async def test_revoked_is_a_stranger_again_buttons_too(closed: Chat) -> None:
    await closed.private(f"/start {await invitation(closed)}")
    await closed.private(QUESTION)
    await closed.private("/revoke", **by(ADMIN))
    assert await closed.press("李 7", chat=ADMIN, user=ADMIN) == "已收回。"
    [message] = await closed.private(QUESTION)
    assert "受邀" in message.text
    assert "受邀" in await closed.press("", data="1m:1:0:", message=1)
    assert "没有受邀" in closed.last(ADMIN)[1].text


async def test_a_group_is_let_in_and_out(closed: Chat) -> None:
    await closed.group("/invite", **{"from": PERSON | {"id": ADMIN}})
    [message] = await closed.group(f"/ask {QUESTION}")
    assert "100.9" in message.text
    [message] = await closed.private(QUESTION)
    assert "受邀" in message.text
    await closed.group("/revoke", **{"from": PERSON | {"id": ADMIN}})
    [message] = await closed.group(f"/ask {QUESTION}")
    assert "受邀" in message.text


def test_an_invitation_ends_after_a_week_or_when_its_maker_is_no_administrator_any_more(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 8, tzinfo=UTC)
    access = AccessList(tmp_path / "bot.db", "invite", {ADMIN, 2}, lambda: now)
    late, soon, other = access.invite(ADMIN), access.invite(ADMIN), access.invite(2)
    assert {one.code for one in access.invitations()} == {late, soon, other}
    assert access.invitations()[0].ends == now + timedelta(days=7)
    access.close()
    access = AccessList(tmp_path / "bot.db", "invite", {ADMIN}, lambda: now)
    assert not access.accept(other, 20, "x")
    assert {one.code for one in access.invitations()} == {late, soon}
    now += timedelta(days=7) - timedelta(seconds=1)
    assert access.accept(soon, 21, "x")
    assert [one.code for one in access.invitations()] == [late]
    now += timedelta(seconds=1)
    assert not access.accept(late, 22, "x")
    assert not access.invitations()
    access.close()


async def test_invite_lists_the_links_that_nobody_has_used(closed: Chat) -> None:
    used, unused = await invitation(closed), await invitation(closed)
    await closed.private(f"/start {used}")
    [message] = await closed.private("/invite", **by(ADMIN))
    assert "还没有用过" in message.text
    assert unused in message.text
    assert used not in message.text


async def test_a_guest_is_let_in_as_a_person_whatever_the_chat(closed: Chat) -> None:
    """Nothing is known of a guest's chat: its id may be that of a group, or of a person, that was let in."""
    await closed.group("/invite", **{"from": PERSON | {"id": ADMIN}})
    await closed.private(f"/start {await invitation(closed)}", **by(8))
    for chat in ({"id": -1007, "type": "supergroup", "title": "x"}, {"id": 8, "type": "private", "first_name": "x"}):
        for user in (9, 8):
            person = PERSON | {"id": user}
            extra: dict[str, Any] = {"from": person, "chat": chat, "guest_query_id": "g", "kind": "guest_message"}
            before = len(closed.api.calls)
            await closed.send(closed.updates.group(QUESTION, **extra))
            [call] = closed.api.calls[before:]
            assert call.method == "answerGuestQuery"
            assert ("100.9" in str(call.parameters)) == (user == 8)
            assert ("受邀" in str(call.parameters)) == (user == 9)


def test_what_is_to_be_delivered_asks_too(tmp_path: Path) -> None:
    access = AccessList(tmp_path / "bot.db", "invite", {ADMIN})
    access.allow_chat(-5, "群", ADMIN)
    assert access.allows(-5)
    assert access.allows(ADMIN)
    assert not access.allows(7)
    assert not access.allows(None)
    access.move(-5, -6)
    assert not access.allows(-5)
    assert access.allows(-6)
    access.left(-6)
    assert not access.allows(-6)
    access.close()


def test_open_is_open(tmp_path: Path) -> None:
    access = AccessList(tmp_path / "bot.db", "open", ())
    assert access.allows(7)
    access.close()
