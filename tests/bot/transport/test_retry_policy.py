"""Pauses before another attempt, and repairs of what Telegram refused."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, NetworkError, RetryAfter

from bot.transport.retry_policy import OUTBOX_PAUSES, RETRY_PAUSES, Pauses, pause_seconds, repair_refused, repair_thread


@given(st.integers(0, 100), st.sampled_from([RETRY_PAUSES, OUTBOX_PAUSES]))
def test_a_pause_doubles_up_to_its_bound(attempt: int, pauses: Pauses) -> None:
    first, longest = pauses
    full = min(longest, first * 2.0 ** min(attempt, 10))
    assert full / 2 <= pause_seconds(NetworkError("x"), attempt, pauses) <= full <= longest


@given(st.integers(0, 10**6), st.integers(0, 100))
def test_a_flood_limit_is_waited_for_as_it_says(seconds: int, attempt: int) -> None:
    assert pause_seconds(RetryAfter(timedelta(seconds=seconds)), attempt, RETRY_PAUSES) == seconds


@pytest.mark.parametrize("field", ["text", "caption"])
def test_refused_markup_is_taken_out_once(field: str) -> None:
    data = {field: "<b>5 &lt; 6</b>", "parse_mode": "HTML"}
    refusal = BadRequest("Can't parse entities: unsupported start tag")
    assert repair_refused(data, refusal)
    assert data == {field: "5 < 6", "parse_mode": None}
    assert not repair_refused(data, refusal)


def test_a_lost_reply_is_taken_out_once_and_nothing_else_is_repaired() -> None:
    data = {"text": "x", "reply_parameters": {"message_id": 1}}
    refusal = BadRequest("Message to be replied not found")
    assert repair_refused(data, refusal)
    assert data == {"text": "x", "reply_parameters": None}
    assert not repair_refused(data, refusal)
    assert not repair_refused({"text": "<b>x</b>", "parse_mode": "HTML"}, BadRequest("Chat not found"))


def test_a_reply_in_a_thread_that_is_none_is_sent_without_it_once_and_other_messages_are_not() -> None:
    refusal = BadRequest("Message thread not found")
    data: dict[str, Any] = {"chat_id": -1, "message_thread_id": 5, "reply_parameters": {"message_id": 3}}
    assert repair_thread(data, refusal)
    assert data == {"chat_id": -1, "reply_parameters": {"message_id": 3}}
    assert not repair_thread(data, refusal)
    assert not repair_thread({"chat_id": -1, "message_thread_id": 5}, refusal)
