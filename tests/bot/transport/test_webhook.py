"""Telegram posts what it has; the real process behind a port or a socket of this machine."""

import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from telegram import Bot

from bot.transport.heartbeat import Heartbeat
from bot.transport.webhook import watch_webhook
from tests.support.process import PATIENCE, copied, running, started
from tests.support.telegram import TOKEN, BotApi, Fate, Updates, Wire
from tests.support.telegram_http import serving

URL = "https://bot.example/hook-x7"


class WebhookTelegram:
    """Posts to where the bot listens, as often as it takes."""

    def __init__(self, api: BotApi, place: str) -> None:
        self.api = api
        self.socket = place.removeprefix("unix:") if place.startswith("unix:") else None
        self.address = f"http://{'bot' if self.socket else place}/hook-x7"

    def post(self, update: dict[str, Any], **headers: str) -> int:
        told = {"X-Telegram-Bot-Api-Secret-Token": self.api.webhook.get("secret_token", "")} | headers
        with httpx.Client(transport=httpx.HTTPTransport(verify=False, uds=self.socket)) as client:
            return client.post(self.address, json=update, headers=told).status_code

    def deliver(self, update: dict[str, Any]) -> None:
        """Until it is taken: the bot may be starting."""
        assert self.api.wait_until(lambda: bool(self.api.webhook), PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                code = self.post(update)
            except httpx.TransportError:
                code = 0
            if code == 200:
                return
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture(params=["port", "socket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"unix:{tmp_path}/bot.sock" if request.param == "socket" else free()


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Path:
    return copied(data, tmp_path / "own")


@pytest.fixture
def api() -> BotApi:
    return BotApi()


def free() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{one.getsockname()[1]}"


def test_what_is_posted_is_answered_once_and_only_with_the_secret(
    own: Path, tmp_path: Path, place: str, api: BotApi
) -> None:
    telegram, updates = WebhookTelegram(api, place), Updates()
    question = updates.private("怀柔科学城面积多大?")
    where = {"ZHIDIAN_WEBHOOK_URL": URL, "ZHIDIAN_WEBHOOK_LISTEN": place}
    with serving(api) as url, running(own, url, tmp_path / "log", **where):
        telegram.deliver(question)
        telegram.deliver(question)
        forged = updates.private("R&D intensity of Beijing")
        secret = {"X-Telegram-Bot-Api-Secret-Token": "guessed"}
        assert telegram.post(forged, **secret) == 403
        telegram.deliver(updates.private("北京的研发投入强度是多少?"))
        first, second = api.wait_for(2, PATIENCE)
    assert "100.9" in first.text
    assert "6" in second.text
    assert len(api.sent()) == 2
    assert api.webhook["url"] == URL
    assert len(api.webhook["secret_token"]) > 30
    assert "message" in api.webhook["allowed_updates"]
    assert api.webhook["secret_token"] not in (tmp_path / "log").read_text("utf-8")


def test_what_was_taken_survives_a_kill(own: Path, tmp_path: Path, api: BotApi) -> None:
    place, updates = free(), Updates()
    telegram, where = WebhookTelegram(api, place), {"ZHIDIAN_WEBHOOK_URL": URL, "ZHIDIAN_WEBHOOK_LISTEN": place}
    chats = range(11, 21)
    with serving(api) as url:
        with started(own, url, tmp_path / "log", **where):
            for chat in chats:
                update = updates.private("怀柔科学城面积多大?")
                update["message"]["chat"]["id"] = chat
                telegram.deliver(update)
        with running(own, url, tmp_path / "log", **where):
            api.wait_until(lambda: {call.chat for call in api.arrived()} >= set(chats), PATIENCE)
    assert {call.chat for call in api.arrived()} == set(chats)


def test_a_port_that_is_taken_is_one_line(own: Path, tmp_path: Path, api: BotApi) -> None:
    with socket.socket() as one, serving(api) as url:
        one.bind(("127.0.0.1", 0))
        one.listen()
        place = f"127.0.0.1:{one.getsockname()[1]}"
        where = {"ZHIDIAN_WEBHOOK_URL": URL, "ZHIDIAN_WEBHOOK_LISTEN": place}
        with started(own, url, tmp_path / "log", **where) as process:
            assert process.wait(PATIENCE) == 1
    assert f"Error: ZHIDIAN_WEBHOOK_LISTEN: nothing can listen on {place}" in (tmp_path / "log").read_text("utf-8")


async def test_another_process_that_takes_the_webhook_is_noticed_and_trouble_is_said(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    heartbeat = Heartbeat()
    api.webhook = {"url": URL}
    when = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    api.deliveries = {"last_error_date": when, "last_error_message": "Connection refused", "pending_update_count": 7}
    api.refuse("getWebhookInfo", 502, "Bad Gateway")

    def taken_over(method: str, _: object) -> Fate:
        if len(api.calls) == 4:
            api.webhook = {}
        return "taken"

    api.fault = taken_over
    async with Bot(TOKEN, request=Wire(api), get_updates_request=Wire(api)) as bot:
        await watch_webhook(bot, URL, heartbeat, pause=0)
    assert heartbeat.answered
    assert caplog.text.count("Connection refused") == 1
    assert "7 updates wait" in caplog.text
