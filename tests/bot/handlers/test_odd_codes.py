"""Numbers that nobody writes by accident, in commands, buttons and queries: a short answer, no trace, no alarm."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.question_log.log import QuestionLog
from bot.render.callback_data import BASE36_DIGITS, MAX_NUMBER, Operation, decode_view, is_number, parse_number
from bot.settings import Settings
from bot.transport.command_menu import COMMANDS
from bot.transport.send_scheduler import UNLIMITED
from bot.users.access_list import parse_id
from retrieval.library import Library
from tests.conftest import Chat
from tests.support.telegram import TOKEN, Updates
from tests.support.telegram_screen import Screen, ScreenWire

PERSON_ID = 7
QUESTION = "怀柔科学城面积多大?"
ODD = (
    "²",
    "٣",
    "9" * 4000,
    "--5",
    "-",
    "-0",
    "+5",
    "1_000",
    "1e400",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "５",
    "\x00",
)
# The second and third are 2^63 - 1 and 2^63 in base 36.
ODD_PARTS = ("zzzzzzzzzzzzz", "1y2p0ij32e8e7", "1y2p0ij32e8e8", "zzzzzzzzzzzz", "9" * 30, "-1", "²", "٣", "")


@pytest.fixture
async def operator(library: Library, question_log: QuestionLog, tmp_path: Path) -> AsyncIterator[Chat]:
    """The chat of somebody who may use every command."""
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, access="invite", admins=frozenset({PERSON_ID}))
    services, api = Services.of(settings, library, question_log), Screen()
    application = app.assemble(settings, services, ScreenWire(api), UNLIMITED).application
    async with application:
        yield Chat(application, api, Updates())
    services.close()


@pytest.mark.parametrize("command", sorted(COMMANDS - {"stats"}))  # it reads no argument, and draws a chart
async def test_odd_arguments_of_a_command_get_a_short_answer(
    operator: Chat, caplog: pytest.LogCaptureFixture, command: str
) -> None:
    with caplog.at_level(logging.WARNING):
        for odd in ODD:
            for argument in (odd, f"remove {odd}", f"原始创新 {odd}", f"d_{odd}"):
                before = len(operator.api.calls)
                await operator.private(f"/{command} {argument}"[:4096])
                assert len(operator.api.calls) > before, argument[:40]
    assert not [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("operation", list(Operation))
async def test_odd_parts_of_a_button_get_a_toast(
    operator: Chat, caplog: pytest.LogCaptureFixture, operation: Operation
) -> None:
    await operator.private(QUESTION)
    number, _ = operator.last()
    with caplog.at_level(logging.WARNING):
        for odd in ODD_PARTS:
            for parts in ((odd,), (odd, odd), ("1", odd), ("1", "0", odd), ("t", odd), (odd, "0", "t", odd)):
                data = ":".join([f"1{operation}", *parts])
                if len(data.encode()) <= 64:
                    await operator.press("", message=number, data=data)
    assert not [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("offset", ODD)
async def test_odd_offsets_of_an_inline_query(operator: Chat, caplog: pytest.LogCaptureFixture, offset: str) -> None:
    with caplog.at_level(logging.WARNING):
        calls = await operator.update("inline_query", id="1", query="怀柔", offset=offset[:64])
    assert [call.method for call in calls] == ["answerInlineQuery"]
    assert not caplog.records


@given(st.text(st.sampled_from(BASE36_DIGITS + "²٣-Z "), max_size=16))
def test_a_number_of_a_button_is_one_that_sqlite_can_hold(part: str) -> None:
    assert 0 <= parse_number(part) <= MAX_NUMBER
    assert is_number(part) or not parse_number(part)
    view = decode_view((part, part, ""))
    assert (view is not None) == is_number(part)


@given(st.text(st.sampled_from("0123456789-+²٣５ _.")) | st.integers().map(str))
def test_an_id_is_one_that_sqlite_can_hold(text: str) -> None:
    id = parse_id(text)
    assert id is None or -(2**63) <= id < 2**63
    assert id is None or str(id) == text.lstrip("0") or id == int(text)
