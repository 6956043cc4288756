"""One message of the outbox to Telegram, at its turn; once, as far as can be known."""

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from telegram import Bot, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, RetryAfter, TelegramError

from bot.delivery.pause_reasons import pause_for
from bot.digest.delivery_records import OutboxMessage
from bot.digest.planner import DigestPlanner
from bot.digest.subscription import Destination
from bot.digest.subscription_card import answer_buttons, digest_buttons
from bot.render.html import visible_text
from bot.render.i18n import say_in
from bot.transport.errors import DeliveryCertainty, certainty_of, markup_refused
from bot.transport.rate_limiter import Priority, StoppingError, retry_seconds
from bot.transport.send_scheduler import SendScheduler
from bot.transport.sender import NO_PREVIEW, keyboard

log = logging.getLogger(__name__)

SEND_SECONDS = 60.0  # seconds to wait for one's turn behind answers, before others are tried
BACKOFF, SLOWEST = timedelta(seconds=5), timedelta(minutes=10)
MIN_CLOSED_SECONDS = 5.0  # seconds that a chat may be closed before its message is put off

Alert = Callable[[str], None]
OnMigrated = Callable[[int, int], None]


def utc_now() -> datetime:
    return datetime.now(UTC)


class OutboxSender:
    """`bot` has no rate limiter: between its turn and its request stands the claim. `moved` blocks; `alert` tells the
    admins."""

    def __init__(
        self,
        planner: DigestPlanner,
        bot: Bot,
        scheduler: SendScheduler,
        alert: Alert,
        moved: OnMigrated,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._planner, self._outbox = planner, planner.outbox
        self._bot, self._scheduler, self._alert, self._moved, self._now = bot, scheduler, alert, moved, now

    async def deliver(self, message: OutboxMessage) -> bool:
        """At its turn; whether there was a request."""
        chat = message.place.chat
        if not await asyncio.to_thread(self._planner.admits, message.subscriptions):
            await asyncio.to_thread(
                self._outbox.mark_failed, message.id, "nobody is there for it any more", self._now()
            )
            return False
        if (shut := self._scheduler.closed_for(chat)) > MIN_CLOSED_SECONDS:
            later = self._now() + timedelta(seconds=shut)
            await asyncio.to_thread(self._outbox.requeue, message.id, later, "the chat is to wait", self._now())
            return False
        try:
            deadline = asyncio.get_running_loop().time() + SEND_SECONDS
            await self._scheduler.wait(chat, Priority.DIGEST, message.id, deadline)
        except (TimeoutError, StoppingError):
            return False  # it waits in the outbox
        if not await asyncio.to_thread(self._outbox.claim, message.id, self._now()):
            return False
        try:
            sent = await self._attempt(message)
        except TelegramError as error:
            await self._failed(message, error)
        else:
            self._scheduler.passed(chat)
            await asyncio.to_thread(self._outbox.mark_sent, message.id, sent.message_id, self._now())
        return True

    async def _attempt(self, message: OutboxMessage) -> Message:
        try:
            return await self._post(message, message.html, ParseMode.HTML)
        except BadRequest as error:
            if not markup_refused(error):
                raise
            log.error("Telegram refused the markup of a digest; sent without it: %s", error)
            return await self._post(message, visible_text(message.html), None)

    async def _post(self, message: OutboxMessage, text: str, parse_mode: str | None) -> Message:
        below = digest_buttons if message.kind == "digest" else answer_buttons
        say = say_in(message.language)
        rows = below(message.delivery, message.subscriptions, say) if message.last else ()
        hangs_on = ReplyParameters(message.reply_to, allow_sending_without_reply=True) if message.reply_to else None
        return await self._bot.send_message(
            message.place.chat,
            text,
            parse_mode=parse_mode,
            message_thread_id=message.place.thread or None,
            disable_notification=message.quiet,
            reply_parameters=hangs_on,
            reply_markup=keyboard(rows),
            link_preview_options=NO_PREVIEW,
        )

    async def _failed(self, message: OutboxMessage, error: TelegramError) -> None:
        now, place = self._now(), message.place
        if isinstance(error, ChatMigrated):
            await asyncio.to_thread(self._moved, place.chat, error.new_chat_id)
            await asyncio.to_thread(self._outbox.requeue, message.id, now, str(error), now)
            return
        match certainty_of(error):
            case DeliveryCertainty.UNCLEAR:
                log.warning("it is uncertain whether message %s arrived: %s", message.id, error)
                await asyncio.to_thread(self._outbox.mark_uncertain, message.id, str(error), now)
            case DeliveryCertainty.UNSENT:
                pause = min(SLOWEST, BACKOFF * 2 ** min(message.attempts, 10)) * random.uniform(0.5, 1)  # noqa: S311
                if isinstance(error, RetryAfter):
                    pause = timedelta(seconds=retry_seconds(error) + 1)
                    self._scheduler.close(place.chat, retry_seconds(error))
                await asyncio.to_thread(self._outbox.requeue, message.id, now + pause, str(error), now)
            case DeliveryCertainty.NEVER:
                await asyncio.to_thread(self._outbox.mark_failed, message.id, str(error), now)
                await self._give_up(place, error)

    async def _give_up(self, place: Destination, error: TelegramError) -> None:
        """Pause what cannot be reached, with the reason; tell the admins what only they can look into."""
        now, reason = self._now(), pause_for(error)
        say = say_in("zh")
        if reason is None:
            log.error("a digest was refused: %s", error)
            self._alert(say("alarm-refused", chat=str(place.chat), error=str(error)))
            return
        place = place if reason == "closed" else Destination(place.chat)
        await asyncio.to_thread(self._planner.subscriptions.pause_place, place, reason)
        await asyncio.to_thread(self._outbox.drop, place, str(error), now)
        if reason in {"closed", "rights"}:
            log.warning("digests to a chat are paused: %s", error)
            self._alert(say("alarm-paused", chat=str(place.chat), error=str(error)))
