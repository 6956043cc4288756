"""Polling goes on: whatever Telegram sends, and whatever goes wrong for a while."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import InvalidToken

from bot.transport import update_poller
from bot.transport.rate_limiter import AdaptiveRateLimiter
from bot.transport.send_scheduler import UNLIMITED
from bot.transport.update_poller import ConflictError, RawUpdatesBot, UpdatePoller
from bot.transport.update_reader import read_update
from tests.bot.transport.test_webhook import URL, WebhookTelegram, free
from tests.support.process import PATIENCE, copied, running, started
from tests.support.telegram import TOKEN, Answer, BotApi, Fate, Updates, Wire, refusal
from tests.support.telegram_http import serving

OLD_POLL = json.loads(Path(__file__).with_name("unreadable_update.json").read_text("utf-8"))
OPERATOR = 99
QUESTION = "怀柔科学城面积多大?"


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Path:
    return copied(data, tmp_path / "own")


def unreadable(updates: Updates) -> Iterator[object]:
    """Updates with a field missing, or of another type."""
    yield OLD_POLL
    changes: tuple[dict[str, Any], ...] = (
        {"date": "now"},
        {"date": None},
        {"message_id": "1"},
        {"chat": {"id": {"odd": 1}, "type": "private"}},
        {"chat": {"type": "private"}},
        {"chat": 7},
        {"from": {"id": 7}},
        {"from": [7]},
        {"text": 5},
        {"text": {"odd": []}},
        {"entities": [{"type": "bold", "offset": "0", "length": None}]},
        {"entities": 5},
        {"reply_to_message": {"message_id": 1}},
    )
    for change in changes:
        broken = updates.private(QUESTION)
        yield broken | {"message": broken["message"] | change}
    press: dict[str, Any] = {"id": "1", "from": {"id": 7, "is_bot": False, "first_name": "x"}, "chat_instance": "1"}
    yield {"update_id": 8001, "callback_query": press | {"data": 5}}
    yield {"update_id": 8002, "inline_query": {"id": "1", "from": press["from"], "query": None, "offset": ""}}
    yield {"update_id": 8003, "message": []}
    yield {"update_id": 2**70, "message": updates.private(QUESTION)["message"]}


def test_an_update_that_cannot_be_read_is_put_aside_and_the_next_is_answered(own: Path, tmp_path: Path) -> None:
    api, updates, log = BotApi(), Updates(), tmp_path / "log"
    broken = [one for one in unreadable(updates) if isinstance(one, dict) and one["update_id"] < 2**63]
    for number, one in enumerate(broken, 100):
        one["update_id"] = number
    api.deliver(*broken, updates.private(QUESTION))
    with serving(api) as url, running(own, url, log, ZHIDIAN_ADMINS=str(OPERATOR)):
        assert api.wait_until(lambda: any("100.9" in call.parameters["text"] for call in api.arrived()), PATIENCE)
        before = api.polls
        time.sleep(3)
        assert api.polls - before < 10  # of the double's polls, which take a second
    with serving(api) as url, running(own, url, log, ZHIDIAN_ADMINS=str(OPERATOR)):
        api.deliver(updates.private(QUESTION))
        assert api.wait_until(lambda: sum("100.9" in call.parameters["text"] for call in api.arrived()) == 2, PATIENCE)
    told = [call.parameters["text"] for call in api.arrived() if call.chat == OPERATOR]
    assert sum("已跳过" in text for text in told) == 5  # the rest of so many at once is in the log
    assert log.read_text("utf-8").count("cannot be read, and is passed over") == len(broken)
    assert len(log.read_bytes()) < 30_000
    assert QUESTION not in log.read_text("utf-8")
    with sqlite3.connect(own / "bot.db") as db:
        rows = db.execute("SELECT content FROM inbox WHERE done IS NULL ORDER BY id").fetchall()
    assert [json.loads(content) for (content,) in rows] == broken


def test_by_webhook_too_it_is_taken_and_passed_over_and_large_posts_are_refused(own: Path, tmp_path: Path) -> None:
    api, updates, place = BotApi(), Updates(), free()
    telegram = WebhookTelegram(api, place)
    where = {"ZHIDIAN_WEBHOOK_URL": URL, "ZHIDIAN_WEBHOOK_LISTEN": place, "ZHIDIAN_ADMINS": str(OPERATOR)}
    with serving(api) as url, running(own, url, tmp_path / "log", **where):
        telegram.deliver(updates.private(QUESTION))
        for broken in (*unreadable(updates), [], 5, None, "x", {}):
            assert telegram.post(broken) == 200  # type: ignore[arg-type]
        secret = {"X-Telegram-Bot-Api-Secret-Token": api.webhook["secret_token"]}
        with httpx.Client() as client:
            assert client.post(telegram.address, content=b"{", headers=secret).status_code == 200
            for body in (b"[" + b" " * 1_000_001, iter([b" " * 600_000] * 2)):
                with suppress(httpx.TransportError):  # the rest is not read
                    assert client.post(telegram.address, content=body, headers=secret).status_code in {400, 413}
        telegram.deliver(updates.private(QUESTION))
        assert api.wait_until(lambda: sum("100.9" in call.parameters["text"] for call in api.arrived()) == 2, PATIENCE)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(path=st.lists(st.integers(0, 10), min_size=1, max_size=4), value=JSON_VALUES)
def test_what_is_read_can_be_kept(path: list[int], value: object) -> None:
    """One field of an update has any value."""
    update: Any = Updates().private(f"/ask {QUESTION}", reply_to_message=Updates().private("x")["message"])
    where, key = {"update": update}, "update"
    for step in path:
        inner: Any = where[key]
        if not isinstance(inner, dict) or not inner:
            break
        where, key = inner, sorted(inner)[step % len(inner)]
    where[key] = value
    bot = RawUpdatesBot(TOKEN)
    try:
        read = read_update(update, bot)
    except Exception:
        return
    assert read_update(json.loads(json.dumps(update)), bot) == read


@pytest.fixture
async def bot() -> AsyncIterator[tuple[BotApi, RawUpdatesBot]]:
    api = BotApi()
    bot = RawUpdatesBot(
        TOKEN, request=Wire(api), get_updates_request=Wire(api), rate_limiter=AdaptiveRateLimiter(UNLIMITED)
    )
    async with bot:
        yield api, bot


async def polled(api: BotApi, bot: RawUpdatesBot) -> list[Any]:
    """What is received until the update arrives that the double has."""
    received: list[Any] = []
    arrived = asyncio.Event()

    async def receive(raws: Any) -> None:
        await asyncio.sleep(0)  # the double's wire never waits, so that nothing else would have a turn
        received.extend(raws)
        if raws:
            arrived.set()

    polling = asyncio.create_task(UpdatePoller(bot, receive, []).run())
    waiting = asyncio.create_task(arrived.wait())
    done, _ = await asyncio.wait({polling, waiting}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if polling in done:
        polling.result()
    polling.cancel()
    with suppress(asyncio.CancelledError):
        await polling
    return received


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_poller, "POLL_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(update_poller, "TOKEN_PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(update_poller, "CONFLICT_PAUSES", (0.0, 0.0))


TROUBLES: list[Answer | Fate] = [
    refusal(401, "Unauthorized"),
    refusal(404, "Not Found"),
    refusal(409, "Conflict: terminated by other getUpdates request"),
    refusal(400, "Bad Request: odd"),
    refusal(403, "Forbidden"),
    refusal(429, "Too Many Requests", retry_after=0),
    refusal(502, "Bad Gateway"),
    (200, {"ok": True, "result": {}}),
    (200, {"ok": True, "result": "x"}),
    (200, {"odd": True}),
    (200, {}),
    "closed",
]


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
async def test_polling_goes_on_after_any_answer(bot: tuple[BotApi, RawUpdatesBot], trouble: Answer | Fate) -> None:
    api, telegram = bot
    numbers = count()
    api.fault = lambda method, _: trouble if method == "getUpdates" and next(numbers) < 3 else "taken"
    api.deliver(Updates().private(QUESTION))
    [update] = await polled(api, telegram)
    assert update["message"]["text"] == QUESTION


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("code", [401, 404])
async def test_a_token_that_holds_no_more_ends_the_polling(bot: tuple[BotApi, RawUpdatesBot], code: int) -> None:
    api, telegram = bot
    api.fault = lambda _, __: refusal(code, "Unauthorized")
    with pytest.raises(InvalidToken):
        await polled(api, telegram)
    assert sum(call.method == "getMe" for call in api.calls) == 4  # the first was at the start


@pytest.mark.usefixtures("_quick")
async def test_only_conflicts_that_stay_end_the_polling(
    bot: tuple[BotApi, RawUpdatesBot], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, telegram = bot
    conflict = refusal(409, "Conflict: terminated by other getUpdates request")
    api.fault = lambda method, _: conflict if method == "getUpdates" else "taken"
    monkeypatch.setattr(update_poller, "YOUNG_PATIENCE_SECONDS", (0.2, 0.2))
    with pytest.raises(ConflictError):
        await polled(api, telegram)
    # A process that polled undisturbed for long is the older one, and waits until the other has given way.
    monkeypatch.setattr(update_poller, "YOUNG_SECONDS", -1.0)
    waited = asyncio.create_task(polled(api, telegram))
    await asyncio.sleep(0.5)
    assert not waited.done()
    api.fault = lambda _, __: "taken"
    api.deliver(Updates().private(QUESTION))
    assert await waited


def test_a_second_process_on_the_folder_is_told_of_the_first(own: Path, tmp_path: Path) -> None:
    api, log = BotApi(), tmp_path / "log"
    with serving(api) as url, started(own, url, log) as first:
        assert api.wait_until(lambda: api.polls > 0, PATIENCE)
        before = [call for call in api.calls if call.method == "getMe"]
        with started(own, url, tmp_path / "second") as second:
            assert second.wait(PATIENCE) == 1
        assert first.poll() is None
        assert [call for call in api.calls if call.method == "getMe"] == before  # it asked Telegram for nothing
        said = (tmp_path / "second").read_text("utf-8").strip().splitlines()[-1]
        assert f"already running on {own}, pid {first.pid}" in said
        first.kill()
        first.wait()
        polls = api.polls
        with running(own, url, tmp_path / "third"):
            assert api.wait_until(lambda: api.polls > polls, PATIENCE)


def test_of_two_processes_on_one_token_the_younger_ends(data: Path, tmp_path: Path) -> None:
    api, updates = BotApi(exclusive=True), Updates()
    older, younger = copied(data, tmp_path / "older"), copied(data, tmp_path / "younger")
    with serving(api) as url, started(older, url, tmp_path / "log1") as first:
        assert api.wait_until(lambda: api.polls > 9, PATIENCE)  # it has long begun
        with started(younger, url, tmp_path / "log2") as second:
            assert second.wait(2 * PATIENCE) == 1
        assert first.poll() is None
        api.deliver(updates.private(QUESTION))
        assert api.wait_until(lambda: any("100.9" in call.parameters["text"] for call in api.arrived()), PATIENCE)
    last = (tmp_path / "log2").read_text("utf-8").strip().splitlines()[-1]
    assert last.startswith("Error: TELEGRAM_BOT_TOKEN: another process")
