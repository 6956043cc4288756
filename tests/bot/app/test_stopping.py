"""SIGTERM while many wait for an answer: what is being answered is finished, the rest is answered at the next start."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bot.transport.test_webhook import URL, WebhookTelegram, free
from tests.support import faults
from tests.support.process import PATIENCE, copied, running, started
from tests.support.telegram import BotApi
from tests.support.telegram_http import serving

CHATS, EACH = range(1, 26), 2
STOPS = 1  # in the middle of the work; then it may finish

Feed = Callable[[Sequence[dict[str, Any]]], None]


def polled(api: BotApi) -> tuple[Feed, dict[str, str]]:
    return lambda updates: api.deliver(*updates), {}


def posted(api: BotApi) -> tuple[Feed, dict[str, str]]:
    """Telegram posts one after the other, again and again until it hears 200, and never knows of a stop."""
    place = free()
    telegram = WebhookTelegram(api, place)

    def all_of(updates: Sequence[dict[str, Any]]) -> None:
        deadline = time.monotonic() + 5 * PATIENCE  # a start on a busy machine takes its time, and Telegram has a day
        for update in updates:
            while not taken(telegram, update) and time.monotonic() < deadline:
                time.sleep(0.05)

    def feed(updates: Sequence[dict[str, Any]]) -> None:
        threading.Thread(target=all_of, args=[updates], daemon=True).start()

    return feed, {"ZHIDIAN_WEBHOOK_URL": URL, "ZHIDIAN_WEBHOOK_LISTEN": place}


def taken(telegram: WebhookTelegram, update: dict[str, Any]) -> bool:
    """A bot that starts has given no secret yet, one that has stopped takes nothing."""
    try:
        return telegram.post(update) == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("way", [polled, posted])
def test_no_question_is_lost_or_answered_twice_by_stops_under_load(
    way: Callable[[BotApi], tuple[Feed, dict[str, str]]], data: Path, tmp_path: Path
) -> None:
    own, log, inquiry = copied(data, tmp_path / "own"), tmp_path / "log", faults.Inquiry()
    api = BotApi()
    feed, where = way(api)
    codes: list[int] = []
    interrupted = 0
    with serving(api) as url:
        feed([inquiry.ask(chat) for _ in range(EACH) for chat in CHATS])
        for _ in range(STOPS):
            goal = faults.answers(api) + 5
            with started(own, url, log, **where) as process:
                assert api.wait_until(lambda goal=goal: faults.answers(api) >= goal, PATIENCE)  # type: ignore[misc]
                process.send_signal(signal.SIGTERM)
                codes.append(process.wait(PATIENCE))
            interrupted += faults.answers(api) < inquiry.number
        with running(own, url, log, **where):
            api.wait_until(lambda: faults.answers(api) >= inquiry.number, 4 * PATIENCE)  # one post after the other
    found = faults.tally(inquiry, api, set(), log)
    assert codes == [0] * STOPS
    assert interrupted, "all was answered before the first stop: nothing was tested"
    assert (found.asked, found.missing, found.disordered, found.other) == (len(CHATS) * EACH, [], [], 0)
    assert len(found.doubled) <= found.timed_out
    assert "Traceback" not in log.read_text("utf-8")
