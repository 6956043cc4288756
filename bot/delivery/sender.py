"""Sends one outbox message to Telegram at most once, and marks in the outbox what became of it."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from telegram import ReplyParameters
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.digest.delivery_records import OutboxMessage
from bot.digest.planner import DigestPlanner
from bot.digest.subscription import Destination
from bot.digest.subscription_card import answer_buttons, digest_buttons
from bot.render.i18n import Localized, say_in
from bot.transport.errors import DeliveryCertainty, certainty_of, unreachable_reason
from bot.transport.rate_limiter import OutboxAttempt, RetryLaterError, StoppingError
from bot.transport.sender import keyboard

log = logging.getLogger(__name__)

Alert = Callable[[Localized], None]


class WithdrawnError(Exception):
    """The message is no longer waiting: cancelled while it waited for its turn."""


class OutboxSender:
    """`bot` has DEFAULTS and an AdaptiveRateLimiter, which decides about retries; `alert` tells the admins."""

    def __init__(self, planner: DigestPlanner, bot: ExtBot[Any], alert: Alert, now: Callable[[], datetime]) -> None:
        self._planner, self._outbox = planner, planner.outbox
        self._bot, self._alert, self._now = bot, alert, now

    async def deliver(self, message: OutboxMessage) -> bool:
        """Whether a request was made."""
        if not await asyncio.to_thread(self._planner.admits, message.subscriptions):
            await asyncio.to_thread(
                self._outbox.mark_failed, message.id, "nobody is there for it any more", self._now()
            )
            return False
        claimed = False

        async def claim() -> None:
            nonlocal claimed
            if not await asyncio.to_thread(self._outbox.claim, message.id, self._now()):
                raise WithdrawnError
            claimed = True

        try:
            sent = await self._send(message, OutboxAttempt(message.attempts, claim))
        except (StoppingError, WithdrawnError):
            return False
        except RetryLaterError as error:
            later = self._now() + timedelta(seconds=error.seconds)
            await asyncio.to_thread(self._outbox.requeue, message.id, later, str(error), self._now())
        except TelegramError as error:
            await self._mark_error(message, error)
        else:
            await asyncio.to_thread(self._outbox.mark_sent, message.id, sent, self._now())
        return claimed

    async def _send(self, message: OutboxMessage, attempt: OutboxAttempt) -> int:
        buttons = digest_buttons if message.kind == "digest" else answer_buttons
        rows = buttons(message.delivery, message.subscriptions, say_in(message.language)) if message.last else ()
        sent = await self._bot.send_message(
            message.place.chat,
            message.html,
            message_thread_id=message.place.thread or None,
            disable_notification=message.quiet,
            reply_parameters=ReplyParameters(message.reply_to) if message.reply_to else None,
            reply_markup=keyboard(rows),
            rate_limit_args=attempt,
        )
        return sent.message_id

    async def _mark_error(self, message: OutboxMessage, error: TelegramError) -> None:
        if certainty_of(error) is DeliveryCertainty.UNCLEAR:
            log.warning("it is uncertain whether message %s arrived: %s", message.id, error)
            await asyncio.to_thread(self._outbox.mark_uncertain, message.id, str(error), self._now())
        else:
            await asyncio.to_thread(self._outbox.mark_failed, message.id, str(error), self._now())
            await self._pause_unreachable(message.place, error)

    async def _pause_unreachable(self, place: Destination, error: TelegramError) -> None:
        """Pauses subscriptions that cannot be reached; tells the admins what only they can look into."""
        reason = unreachable_reason(error)
        if reason is None:
            log.error("a digest was refused: %s", error)
            self._alert(lambda say: say("alarm-refused", chat=str(place.chat), error=str(error)))
            return
        place = place if reason == "closed" else Destination(place.chat)
        await asyncio.to_thread(self._planner.subscriptions.pause_place, place, reason)
        await asyncio.to_thread(self._outbox.drop, place, str(error), self._now())
        if reason in {"closed", "rights"}:
            log.warning("digests to a chat are paused: %s", error)
            self._alert(lambda say: say("alarm-paused", chat=str(place.chat), error=str(error)))
