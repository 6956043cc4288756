"""Polls Telegram for updates, for ever: getUpdates goes out again and again, updates go into the inbox.

It replaces python-telegram-bot's Updater, which reads a whole batch or nothing, and whose polling task ends without a
word at a single 401 or 404.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot

from bot.settings import ConfigError
from bot.transport.rate_limiter import OutboxAttempt
from bot.transport.retry_policy import pause_seconds

log = logging.getLogger(__name__)

POLL_SECONDS = 10  # that Telegram keeps a getUpdates open while there is nothing
POLL_PAUSES = 1.0, 30.0  # seconds before the second attempt, doubled before each further one; and at most
# Before each getMe after a 401 or 404: a Bot API server that restarts behind a gateway takes up to a minute.
TOKEN_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
CONFLICT_PAUSES = 1.0, 3.0  # seconds between two polls during a conflict; at random, since the other may wait as long
CONFLICT_CALM_SECONDS = 20.0  # without a 409, after which a conflict is over
# The process that was started last gives way first. At random, since both may have been started at once.
YOUNG_PATIENCE_SECONDS = 20.0, 30.0
OLD_PATIENCE_SECONDS = 120.0
# The older process asks again within CONFLICT_PAUSES: the younger one meets a conflict that soon after its start.
YOUNG_SECONDS = 6.0


class ConflictError(ConfigError):
    """For the operator: Telegram gives each update to one process only."""

    def __init__(self) -> None:
        super().__init__(
            "TELEGRAM_BOT_TOKEN: another process asks Telegram for this bot's messages; this one stops. Run only one"
        )


class RawUpdatesBot(ExtBot[OutboxAttempt]):
    """Gives updates as JSON, so that they can be read one by one."""

    async def fetch_updates(self, offset: int | None, seconds: int, allowed: Sequence[str]) -> list[Any]:
        """Waits `seconds` at most for the first; `offset` confirms all updates with lower ids."""
        data = {"timeout": seconds, "allowed_updates": list(allowed)} | ({"offset": offset} if offset else {})
        reply_seconds = (self._request[0].read_timeout or 0) + seconds
        try:
            raws = await self._post("getUpdates", data, read_timeout=reply_seconds)
        except (LookupError, TypeError, AttributeError) as error:  # JSON, but not as the Bot API answers
            raise TelegramError("getUpdates brought no answer of a Bot API") from error
        if not isinstance(raws, list):
            raise TelegramError("getUpdates brought no list")
        return raws


async def persist(call: Callable[[], Awaitable[object]], attempts: int) -> None:
    """Calls until Telegram takes it: the network may come up later than the bot."""
    for attempt in range(attempts):
        try:
            await call()
            return
        except TelegramError as error:
            if isinstance(error, InvalidToken) or attempt == attempts - 1:
                raise
            log.warning("Telegram cannot be reached yet: %s", error)
            await asyncio.sleep(pause_seconds(error, attempt, POLL_PAUSES))


class UpdatePoller:
    """`receive` returns when the updates that it gets may be forgotten by Telegram."""

    def __init__(
        self, bot: RawUpdatesBot, receive: Callable[[Sequence[object]], Awaitable[None]], allowed: Sequence[str]
    ) -> None:
        self._bot, self._receive, self._allowed = bot, receive, allowed
        self._offset: int | None = None
        self._failures = 0  # in a row
        self._last_warning = ""
        self._began = self._conflict_began = self._last_conflict = float("-inf")
        self._young_patience = random.uniform(*YOUNG_PATIENCE_SECONDS)  # noqa: S311

    async def run(self) -> NoReturn:
        """ConflictError where another process goes on polling, InvalidToken where the token holds no more."""
        self._began = _now()
        try:
            while True:
                await self._poll()
        except asyncio.CancelledError:
            await self._confirm()
            raise

    async def _poll(self) -> None:
        try:
            raws = await self._bot.fetch_updates(self._offset, POLL_SECONDS, self._allowed)
        except Conflict as error:
            await self._wait_out(error)
        except InvalidToken as error:
            await self._check_token(error)
        except TelegramError as error:
            self._warn(error)
            await self._pause(error)
        else:
            self._failures = 0
            await self._receive(raws)
            ids = [raw.get("update_id") for raw in raws if isinstance(raw, dict)]
            if numbers := [id for id in ids if isinstance(id, int)]:
                self._offset = max(numbers) + 1
            elif raws:
                await asyncio.sleep(POLL_PAUSES[0])  # without a number nothing is confirmed: they come again at once

    async def _pause(self, error: TelegramError) -> None:
        pause = 0.0 if isinstance(error, TimedOut) else pause_seconds(error, self._failures, POLL_PAUSES)
        self._failures += 1
        await asyncio.sleep(pause + 0.5 if isinstance(error, RetryAfter) else pause)

    def _warn(self, error: TelegramError) -> None:
        if str(error) != self._last_warning:  # a long outage is logged once, not every few seconds
            self._last_warning = str(error)
            log.warning("no updates from Telegram: %s", error)

    async def _check_token(self, error: InvalidToken) -> None:
        """A gateway, or a Bot API server that restarts, answers 401 or 404 for a token that holds."""
        log.warning("Telegram refused getUpdates: %s. It is asked whether the token still holds", error)
        refused = True
        for pause in TOKEN_PAUSES:
            await asyncio.sleep(pause)
            try:
                await self._bot.get_me()
            except InvalidToken:
                refused = True
            except TelegramError as failure:
                refused = False
                self._warn(failure)
            else:
                log.info("the token holds; polling goes on")
                await self._pause(error)
                return
        if refused:
            raise error

    async def _wait_out(self, error: Conflict) -> None:
        """A process that was just stopped may have left a getUpdates open; one that goes on polling is a second bot."""
        now = _now()
        if now - self._last_conflict > CONFLICT_CALM_SECONDS:
            self._conflict_began = now
            log.warning("another process asks for this bot's updates: %s", error)
        self._last_conflict = now
        is_young = self._conflict_began - self._began < YOUNG_SECONDS
        if now - self._conflict_began >= (self._young_patience if is_young else OLD_PATIENCE_SECONDS):
            raise ConflictError
        await asyncio.sleep(random.uniform(*CONFLICT_PAUSES))  # noqa: S311

    async def _confirm(self) -> None:
        """At the end, so that Telegram does not send again what is in the inbox."""
        if self._offset is not None:
            try:
                await self._bot.fetch_updates(self._offset, 0, self._allowed)
            except TelegramError as error:
                log.info("the last updates were not confirmed: %s", error)


def _now() -> float:
    return asyncio.get_running_loop().time()
