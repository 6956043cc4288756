"""When a request to Telegram goes out, and whether it is tried again.

Telegram's true limits are unknown and vary: `Limits` is where a chat begins, its 429s slow it down, and what gets
through lets it recover. A chat that has to wait holds up no other.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Coroutine
from datetime import timedelta
from enum import IntEnum
from itertools import count
from typing import Any

from telegram.error import ChatMigrated, NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.render.html import visible_text
from bot.transport.errors import DeliveryCertainty, certainty_of, is_benign, markup_refused, reply_lost
from bot.transport.send_scheduler import SendLimits, SendScheduler

log = logging.getLogger(__name__)

ApiResult = bool | dict[str, Any] | list[dict[str, Any]]

FIRST_BACKOFF_SECONDS = 0.5  # seconds before the second attempt, twice as long before each further one
MAX_BACKOFF_SECONDS = 30.0  # seconds between attempts, at most
PATIENCE_SECONDS = 600.0  # seconds that a message to a chat is worth; then its sender decides
QUICK_CALL_SECONDS = (
    4.0  # seconds that all else is: presses and inline queries have given up by then, a menu is set another time
)


class Priority(IntEnum):
    """`rate_limit_args`. Twice is better than not at all, but not for a digest: it is not sent again where unclear."""

    ANSWER = 0
    CALLBACK = 1
    DIGEST = 2


class StoppingError(NetworkError):
    """The bot is being stopped: what still waits is left to the next start."""

    def __init__(self) -> None:
        super().__init__("the bot is stopping")


class AdaptiveRateLimiter(BaseRateLimiter[Priority]):
    """`moved` is called, in a thread, with the old and the new id of a group that has become a supergroup."""

    def __init__(self, limits: SendLimits | None = None, moved: Callable[[int, int], None] | None = None) -> None:
        self.scheduler = SendScheduler(limits or SendLimits())
        self._moved = moved
        self._numbers = count()
        self._stopping = asyncio.Event()
        self.floods = 0  # times that Telegram asked for patience

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    def stop(self) -> None:
        """Whatever waits fails now, and nothing is tried again."""
        self._stopping.set()
        self.scheduler.give_up(StoppingError())

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, ApiResult]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> ApiResult:
        if endpoint == "sendChatAction":
            return await self._hint(callback(*args, **kwargs), data)
        data = dict(data)
        priority = priority_of(endpoint) if rate_limit_args is None else rate_limit_args
        deadline = asyncio.get_running_loop().time() + (PATIENCE_SECONDS if "chat_id" in data else QUICK_CALL_SECONDS)
        number = next(self._numbers)
        for attempt in count():
            await self._turn(data, priority, number, deadline)
            try:
                answer = await callback(endpoint, data, **kwargs)
            except TelegramError as error:
                if await self._mended(data, error):
                    continue
                if is_benign(error) and not endpoint.startswith("send"):
                    log.info("%s: %s", endpoint, error)
                    return True
                await self._before_next(attempt, error, priority, data, deadline)
            else:
                if "chat_id" in data:
                    self.scheduler.passed(data["chat_id"])
                return answer
        raise AssertionError  # count() has no end

    async def _hint(self, call: Coroutine[Any, Any, ApiResult], data: dict[str, Any]) -> ApiResult:
        """'typing…' is left out when there is anything better to send, and is never worth an error."""
        if self.scheduler.tight(data["chat_id"]):
            call.close()
            return True
        with contextlib.suppress(TelegramError):
            return await call
        return True

    async def _turn(self, data: dict[str, Any], priority: Priority, number: int, deadline: float) -> None:
        if self._stopping.is_set():
            raise StoppingError
        if "chat_id" not in data:
            return
        chat = data["chat_id"]
        closed = self.scheduler.closed_for(chat)
        if asyncio.get_running_loop().time() + closed > deadline:
            raise RetryAfter(timedelta(seconds=int(closed) + 1))
        try:
            await self.scheduler.wait(chat, priority, number, deadline)
        except TimeoutError:
            raise RetryAfter(timedelta(seconds=int(self.scheduler.closed_for(chat)) + 1)) from None

    async def _mended(self, data: dict[str, Any], error: TelegramError) -> bool:
        """What Telegram refused is changed so that it may take it."""
        if isinstance(error, ChatMigrated):
            old, data["chat_id"] = data["chat_id"], error.new_chat_id
            if self._moved:
                await asyncio.to_thread(self._moved, old, error.new_chat_id)
        elif reply_lost(error) and data.get("reply_parameters"):
            data["reply_parameters"] = None
        elif markup_refused(error) and data.get("parse_mode") and (data.keys() & {"text", "caption"}):
            log.error("Telegram refused our markup; sent without it: %s", error)
            data.update(
                {name: visible_text(data[name]) for name in ("text", "caption") if data.get(name)}, parse_mode=None
            )
        else:
            return False
        return True

    async def _before_next(
        self, attempt: int, error: TelegramError, priority: Priority, data: dict[str, Any], deadline: float
    ) -> None:
        """Waits as long as is wise before the next attempt; raises `error` if there shall be none."""
        verdict = certainty_of(error)
        if verdict is DeliveryCertainty.NEVER or (verdict is DeliveryCertainty.UNCLEAR and priority is Priority.DIGEST):
            raise error
        pause = min(MAX_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2**attempt) * random.uniform(0.5, 1)  # noqa: S311
        if isinstance(error, RetryAfter):
            pause = retry_seconds(error)
            self.floods += 1
            if "chat_id" in data:
                self.scheduler.close(data["chat_id"], pause)
        if self._stopping.is_set() or asyncio.get_running_loop().time() + pause > deadline:
            raise error
        log.info("once more in %.1f s, %s: %s %r", pause, verdict.value, error, error.__cause__)
        if isinstance(error, RetryAfter) and "chat_id" in data:
            return  # its lane opens when the time has come
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)
            raise error


def priority_of(endpoint: str) -> Priority:
    return Priority.ANSWER if endpoint.startswith("send") else Priority.CALLBACK


def retry_seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)
