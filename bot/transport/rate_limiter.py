"""When a request to Telegram is sent, and when one that failed is sent again, by retry_policy.

python-telegram-bot's AIORateLimiter has neither priorities nor deadlines, and its limits are fixed. Telegram's true
limits are unknown and vary: a chat starts at `SendLimits`, each 429 slows it down, and each success lets it recover.
A chat that has to wait holds up no other.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from itertools import count
from typing import Any

from telegram.error import ChatMigrated, NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.transport.errors import DeliveryCertainty, certainty_of, is_benign
from bot.transport.retry_policy import OUTBOX_PAUSES, RETRY_PAUSES, Pauses, pause_seconds, repair_refused, repair_thread
from bot.transport.send_scheduler import SendLimits, SendScheduler

log = logging.getLogger(__name__)

ApiResult = bool | dict[str, Any] | list[dict[str, Any]]

MESSAGE_PATIENCE_SECONDS = 600.0  # seconds after which a message to a chat is given back to its sender
# Presses and inline queries have expired by then, and a menu can be set another time.
QUICK_CALL_SECONDS = 4.0
OUTBOX_TURN_SECONDS = 60.0  # seconds that a message of the outbox waits behind answers, before others are tried
MAX_OUTBOX_WAIT_SECONDS = 5.0  # seconds that its chat may be closed before it is put off


class Priority(IntEnum):
    ANSWER = 0
    CALLBACK = 1
    DIGEST = 2


@dataclass(frozen=True, slots=True)
class OutboxAttempt:
    """`rate_limit_args` for a message that must not be sent twice: one attempt after `attempts` earlier ones.

    `claim` is called between its turn and its request; if it raises, nothing is sent.
    """

    attempts: int
    claim: Callable[[], Awaitable[None]]


class StoppingError(NetworkError):
    """The bot is being stopped: pending requests are left to the next start."""

    def __init__(self) -> None:
        super().__init__("the bot is stopping")


class RetryLaterError(TelegramError):
    """A message of the outbox was certainly not sent, and may be tried again in so many seconds."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class AdaptiveRateLimiter(BaseRateLimiter[OutboxAttempt]):
    """`moved` is called in a thread with the old and the new id of a group that has become a supergroup."""

    def __init__(self, limits: SendLimits | None = None, moved: Callable[[int, int], None] | None = None) -> None:
        self.scheduler = SendScheduler(limits or SendLimits())
        self._moved = moved
        self._numbers = count()
        self._stopping = asyncio.Event()
        self.floods = 0  # number of 429s

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    def stop(self) -> None:
        """Pending requests fail now, and nothing is retried."""
        self._stopping.set()
        self.scheduler.give_up(StoppingError())

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, ApiResult]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: OutboxAttempt | None,
    ) -> ApiResult:
        if endpoint == "sendChatAction":
            return await self._send_typing(callback(*args, **kwargs), data)
        data = dict(data)
        if rate_limit_args:
            return await self._attempt_once(lambda: callback(endpoint, data, **kwargs), data, rate_limit_args)
        priority = Priority.ANSWER if endpoint.startswith("send") else Priority.CALLBACK
        deadline = _now() + (MESSAGE_PATIENCE_SECONDS if "chat_id" in data else QUICK_CALL_SECONDS)
        number = next(self._numbers)
        attempt = 0
        while True:
            await self._wait_turn(data, priority, number, deadline)
            try:
                answer = await callback(endpoint, data, **kwargs)
            except TelegramError as error:
                if not await self._repair(data, error) and not repair_thread(data, error):
                    if is_benign(error) and priority is Priority.CALLBACK:
                        log.info("%s: %s", endpoint, error)
                        return True
                    await self._wait_to_retry(attempt, error, data, deadline)
                attempt += 1
            else:
                if "chat_id" in data:
                    self.scheduler.passed(data["chat_id"])
                return answer

    async def _attempt_once(
        self, request: Callable[[], Awaitable[ApiResult]], data: dict[str, Any], outbox: OutboxAttempt
    ) -> ApiResult:
        chat = data["chat_id"]
        if self._stopping.is_set():
            raise StoppingError
        if (closed := self.scheduler.closed_for(chat)) > MAX_OUTBOX_WAIT_SECONDS:
            raise RetryLaterError("the chat is closed for a while", closed)
        try:
            await self.scheduler.wait(chat, Priority.DIGEST, next(self._numbers), _now() + OUTBOX_TURN_SECONDS)
        except TimeoutError:
            raise RetryLaterError("other messages were more urgent", 0) from None
        await outbox.claim()
        while True:
            try:
                answer = await request()
            except TelegramError as error:
                repaired = await self._repair(data, error)
                if repaired and data["chat_id"] == chat:
                    continue
                # In its new chat the message waits for its turn again, and until then its claim is given back.
                if not repaired and certainty_of(error) is not DeliveryCertainty.UNSENT:
                    raise
                pause = 0.0 if repaired else self._pause(error, outbox.attempts, OUTBOX_PAUSES, chat)
                raise RetryLaterError(str(error), pause) from error
            self.scheduler.passed(chat)
            return answer

    async def _send_typing(self, call: Coroutine[Any, Any, ApiResult], data: dict[str, Any]) -> ApiResult:
        """'typing…' is skipped while anything else is to be sent, and its errors are ignored."""
        if self.scheduler.tight(data["chat_id"]):
            call.close()
            return True
        with contextlib.suppress(TelegramError):
            return await call
        return True

    async def _wait_turn(self, data: dict[str, Any], priority: Priority, number: int, deadline: float) -> None:
        if self._stopping.is_set():
            raise StoppingError
        if "chat_id" not in data:
            return
        chat = data["chat_id"]
        closed = self.scheduler.closed_for(chat)
        if _now() + closed > deadline:
            raise RetryAfter(timedelta(seconds=int(closed) + 1))
        try:
            await self.scheduler.wait(chat, priority, number, deadline)
        except TimeoutError:
            raise RetryAfter(timedelta(seconds=int(self.scheduler.closed_for(chat)) + 1)) from None

    async def _repair(self, data: dict[str, Any], error: TelegramError) -> bool:
        """Changes what Telegram refused so that it may be accepted; False where that cannot help."""
        if isinstance(error, ChatMigrated):
            old, data["chat_id"] = data["chat_id"], error.new_chat_id
            if self._moved:
                await asyncio.to_thread(self._moved, old, error.new_chat_id)
            return True
        return repair_refused(data, error)

    def _pause(self, error: TelegramError, attempt: int, pauses: Pauses, chat: int | None) -> float:
        """Seconds before the next attempt; a 429 also closes its chat for that time."""
        pause = pause_seconds(error, attempt, pauses)
        if isinstance(error, RetryAfter):
            self.floods += 1
            if chat is not None:
                self.scheduler.close(chat, pause)
        return pause

    async def _wait_to_retry(self, attempt: int, error: TelegramError, data: dict[str, Any], deadline: float) -> None:
        """Waits before the next attempt; raises `error` if there shall be none."""
        certainty = certainty_of(error)
        if certainty is DeliveryCertainty.NEVER:
            raise error
        pause = self._pause(error, attempt, RETRY_PAUSES, data.get("chat_id"))
        if self._stopping.is_set() or _now() + pause > deadline:
            raise error
        log.info("once more in %.1f s, %s: %s %r", pause, certainty.value, error, error.__cause__)
        if isinstance(error, RetryAfter) and "chat_id" in data:
            return  # the scheduler holds the chat's messages back for that time
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)
            raise error


def _now() -> float:
    return asyncio.get_running_loop().time()
