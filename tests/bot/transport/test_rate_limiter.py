"""The rate limiter, on a clock that jumps. A call of Telegram's is a function here: what it gives or raises."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.transport.rate_limiter import (
    MESSAGE_PATIENCE_SECONDS,
    AdaptiveRateLimiter,
    ApiResult,
    OutboxAttempt,
    RetryLaterError,
    StoppingError,
)
from bot.transport.send_scheduler import UNLIMITED, Rate, SendLimits
from tests.support.clock import in_no_time

PERSON, GROUP = 7, -1007
FREE = Rate(0, 1)


class Telegram:
    """Notes when each request came and answers with True; for a chat, errors may be planned."""

    def __init__(self, limits: SendLimits = UNLIMITED) -> None:
        self.limiter = AdaptiveRateLimiter(limits, moved=lambda old, new: self.moves.append((old, new)))
        self.moves: list[tuple[int, int]] = []
        self.came: list[tuple[float, dict[str, Any]]] = []
        self.claims: list[int] = []  # the number of requests before each claim
        self.plans: dict[int, deque[TelegramError]] = {}
        self._started = asyncio.get_running_loop().time()

    def plan(self, chat: int, *errors: TelegramError) -> None:
        self.plans[chat] = deque(errors)

    async def send(
        self, chat: int | None = PERSON, *, digest: bool = False, endpoint: str = "sendMessage", **data: Any
    ) -> ApiResult:
        if chat is not None:
            data["chat_id"] = chat
        attempt = OutboxAttempt(0, self._claim) if digest else None
        return await self.limiter.process_request(self._call, (endpoint, data), {}, endpoint, data, attempt)

    async def _claim(self) -> None:
        self.claims.append(len(self.came))

    async def _call(self, _endpoint: str, data: dict[str, Any]) -> ApiResult:
        self.came.append((asyncio.get_running_loop().time() - self._started, data))
        if errors := self.plans.get(data.get("chat_id", 0)):
            raise errors.popleft()
        return True

    def times(self, chat: int) -> list[float]:
        return [time for time, data in self.came if data.get("chat_id", 0) == chat]


def unsent() -> NetworkError:
    return NetworkError("Bad Gateway")


def unclear() -> TimedOut:
    error = TimedOut()
    error.__cause__ = httpx.ReadTimeout("")
    return error


def flood(seconds: float) -> RetryAfter:
    return RetryAfter(timedelta(seconds=seconds))


def test_answers_go_before_callbacks_before_digests() -> None:
    @in_no_time
    async def order() -> list[int]:
        telegram = Telegram(SendLimits())
        await asyncio.gather(
            *(telegram.send(chat, digest=True) for chat in range(1, 100)),
            *(telegram.send(chat, endpoint="editMessageText") for chat in range(100, 200)),
            *(telegram.send(chat) for chat in range(200, 300)),
        )
        return [data["chat_id"] for _, data in telegram.came]

    first = order[:2]  # went out before anything else was there
    assert order[2:] == [*range(200, 300), *range(100, 200), *(chat for chat in range(1, 100) if chat not in first)]


def test_a_flood_limit_holds_its_chat_and_no_other_and_makes_it_slower_for_a_while() -> None:
    @in_no_time
    async def telegram() -> Telegram:
        telegram = Telegram(SendLimits(overall=FREE))
        telegram.plan(PERSON, flood(40))
        await asyncio.gather(*(telegram.send(chat) for chat in [PERSON, PERSON, 8, 8, 8]))
        await asyncio.gather(*(telegram.send(PERSON) for _ in range(12)))
        return telegram

    assert telegram.times(8) == pytest.approx([0, 0, 0])
    refused, *later = telegram.times(PERSON)
    assert refused == 0
    assert later[:2] == pytest.approx([40, 40])
    gaps = [b - a for a, b in pairwise(later[6:])]
    assert all(1 <= gap <= 2 for gap in gaps)
    assert gaps == sorted(gaps, reverse=True)


@pytest.mark.parametrize("error", [unsent, unclear])
def test_an_answer_is_tried_again_and_a_digest_left_to_the_outbox(
    error: Callable[[], NetworkError],
) -> None:
    @in_no_time
    async def telegram() -> Telegram:
        telegram = Telegram()
        telegram.plan(PERSON, error(), error(), error())
        await telegram.send()
        telegram.plan(8, error())
        with pytest.raises(TimedOut if error is unclear else RetryLaterError):
            await telegram.send(8, digest=True)
        if error is unsent:
            await telegram.send(8, digest=True)
        return telegram

    gaps = [b - a for a, b in pairwise(telegram.times(PERSON))]
    assert len(gaps) == 3
    assert gaps[0] < gaps[1] < gaps[2] < 5
    assert len(telegram.times(8)) == (1 if error is unclear else 2)
    assert telegram.claims == ([4] if error is unclear else [4, 5])


def test_patience_has_an_end() -> None:
    @in_no_time
    async def telegram() -> Telegram:
        telegram = Telegram()
        telegram.plan(PERSON, *(unsent() for _ in range(1000)))
        with pytest.raises(NetworkError):
            await telegram.send()
        telegram.plan(8, flood(43_838))
        for _ in range(3):  # once is asked, then it is known
            with pytest.raises(RetryAfter):
                await telegram.send(8)
        telegram.plan(0, flood(5))
        with pytest.raises(RetryAfter):
            await telegram.send(None, endpoint="setMyCommands")
        return telegram

    assert MESSAGE_PATIENCE_SECONDS - 60 < telegram.times(PERSON)[-1] <= MESSAGE_PATIENCE_SECONDS
    assert len(telegram.times(PERSON)) < 40
    assert len(telegram.times(8)) == 1
    assert len(telegram.times(0)) == 1


def test_who_waits_behind_a_long_flood_limit_is_not_kept_for_ever() -> None:
    @in_no_time
    async def errors() -> list[object]:
        telegram = Telegram()
        telegram.plan(PERSON, flood(43_838))
        return await asyncio.gather(*(telegram.send() for _ in range(9)), return_exceptions=True)

    assert sum(isinstance(error, RetryAfter) for error in errors) >= 4


def test_what_will_never_do_is_not_tried_again() -> None:
    @in_no_time
    async def telegram() -> Telegram:
        telegram = Telegram()
        for chat, error in {1: Forbidden("blocked"), 2: BadRequest("Chat not found")}.items():
            telegram.plan(chat, error)
            with pytest.raises(type(error)):
                await telegram.send(chat)
        return telegram

    assert len(telegram.came) == 2


def test_what_telegram_refuses_is_mended() -> None:
    async def all_of_them() -> Telegram:
        telegram = Telegram()
        telegram.plan(PERSON, BadRequest("Can't parse entities: unsupported start tag"))
        await telegram.send(text="<b>5 &lt; 6</b>", parse_mode="HTML")
        telegram.plan(PERSON, BadRequest("Message to be replied not found"))
        await telegram.send(text="x", reply_parameters={"message_id": 1})
        telegram.plan(GROUP, ChatMigrated(-100123))
        await telegram.send(GROUP, text="x")
        return telegram

    telegram = asyncio.run(all_of_them())
    _, plain, _, alone, _, moved = [data for _, data in telegram.came]
    assert (plain["text"], plain["parse_mode"]) == ("5 < 6", None)
    assert alone["reply_parameters"] is None
    assert moved["chat_id"] == -100123
    assert telegram.moves == [(GROUP, -100123)]


def test_a_digest_is_claimed_once_an_attempt_whatever_is_repaired() -> None:
    async def attempts() -> Telegram:
        telegram = Telegram()
        telegram.plan(PERSON, BadRequest("Can't parse entities"), BadRequest("Message to be replied not found"))
        await telegram.send(digest=True, text="<b>5</b>", parse_mode="HTML", reply_parameters={"message_id": 1})
        telegram.plan(GROUP, ChatMigrated(-100123))
        with pytest.raises(RetryLaterError) as moved:
            await telegram.send(GROUP, digest=True, text="x")
        assert moved.value.seconds == 0
        telegram.plan(8, flood(40))
        for wait in (40, 40):  # the second time its chat is closed, so that nothing is claimed
            with pytest.raises(RetryLaterError) as closed:
                await telegram.send(8, digest=True)
            assert closed.value.seconds == pytest.approx(wait, abs=2)
        return telegram

    telegram = asyncio.run(attempts())  # a migrated chat is recorded in a thread, so time cannot jump
    assert telegram.claims == [0, 3, 4]
    assert len(telegram.came) == 5
    assert telegram.moves == [(GROUP, -100123)]
    assert telegram.limiter.floods == 1


@pytest.mark.parametrize(
    ("endpoint", "error"),
    [
        ("editMessageText", "Message is not modified"),
        ("answerCallbackQuery", "Query is too old and response timeout expired or query ID is invalid"),
    ],
)
def test_what_nobody_can_mend_is_no_error(endpoint: str, error: str) -> None:
    @in_no_time
    async def answer() -> ApiResult:
        telegram = Telegram()
        telegram.plan(PERSON, BadRequest(error))
        return await telegram.send(endpoint=endpoint)

    assert answer is True


def test_typing_is_shown_when_there_is_room_and_never_fails() -> None:
    @in_no_time
    async def telegram() -> Telegram:
        telegram = Telegram(SendLimits())
        telegram.plan(PERSON, Forbidden("blocked"))
        assert await telegram.send(endpoint="sendChatAction") is True
        waiting = asyncio.gather(*(telegram.send() for _ in range(9)))
        await asyncio.sleep(0)
        assert await telegram.send(endpoint="sendChatAction", chat=8) is True
        await waiting
        return telegram

    assert len(telegram.times(PERSON)) == 10
    assert telegram.times(8) == []


def test_stopping_lets_nobody_wait() -> None:
    @in_no_time
    async def telegram() -> Telegram:
        telegram = Telegram(SendLimits())
        telegram.plan(8, flood(60))
        telegram.plan(9, unsent(), unsent())
        waiting = [asyncio.ensure_future(telegram.send(chat)) for chat in [*[PERSON] * 9, 8, 9]]
        await asyncio.sleep(0.7)
        telegram.limiter.stop()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in done if one is not True] == [*[StoppingError] * 4, StoppingError, NetworkError]
        with pytest.raises(StoppingError):
            await telegram.send()
        return telegram

    assert telegram.came[-1][0] < 0.7
