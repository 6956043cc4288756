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
from bot.digest.delivery_records import Outgoing
from bot.digest.planner import Planner
from bot.digest.subscription import Place
from bot.digest.subscription_card import below_answer, below_digest
from bot.render.html import visible
from bot.render.i18n import say_in
from bot.transport.errors import Outcome, markup_refused, outcome
from bot.transport.rate_limiter import Priority, StoppingError, seconds
from bot.transport.send_scheduler import Turns
from bot.transport.sender import NO_PREVIEW, keyboard

log = logging.getLogger(__name__)

TURN = 60.0  # seconds to wait for one's turn behind answers, before others are tried
BACKOFF, SLOWEST = timedelta(seconds=5), timedelta(minutes=10)
SHUT = 5.0  # seconds that a chat may be closed before its message is put off

Alert = Callable[[str], None]
Moved = Callable[[int, int], None]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Courier:
    """`bot` has no rate limiter: between its turn and its request stands the claim. `moved` blocks; `alert` tells the
    admins."""

    def __init__(
        self,
        planner: Planner,
        bot: Bot,
        turns: Turns,
        alert: Alert,
        moved: Moved,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._planner, self._outbox = planner, planner.outbox
        self._bot, self._turns, self._alert, self._moved, self._now = bot, turns, alert, moved, now

    async def deliver(self, message: Outgoing) -> bool:
        """At its turn; whether there was a request."""
        chat = message.place.chat
        if not await asyncio.to_thread(self._planner.admits, message.subscriptions):
            await asyncio.to_thread(self._outbox.failed, message.id, "nobody is there for it any more", self._now())
            return False
        if (shut := self._turns.closed_for(chat)) > SHUT:
            later = self._now() + timedelta(seconds=shut)
            await asyncio.to_thread(self._outbox.again, message.id, later, "the chat is to wait", self._now())
            return False
        try:
            deadline = asyncio.get_running_loop().time() + TURN
            await self._turns.wait(chat, Priority.DIGEST, message.id, deadline)
        except (TimeoutError, StoppingError):
            return False  # it waits in the outbox
        if not await asyncio.to_thread(self._outbox.claim, message.id, self._now()):
            return False
        try:
            sent = await self._attempt(message)
        except TelegramError as error:
            await self._failed(message, error)
        else:
            self._turns.passed(chat)
            await asyncio.to_thread(self._outbox.sent, message.id, sent.message_id, self._now())
        return True

    async def _attempt(self, message: Outgoing) -> Message:
        try:
            return await self._post(message, message.html, ParseMode.HTML)
        except BadRequest as error:
            if not markup_refused(error):
                raise
            log.error("Telegram refused the markup of a digest; sent without it: %s", error)
            return await self._post(message, visible(message.html), None)

    async def _post(self, message: Outgoing, text: str, parse_mode: str | None) -> Message:
        below = below_digest if message.kind == "digest" else below_answer
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

    async def _failed(self, message: Outgoing, error: TelegramError) -> None:
        now, place = self._now(), message.place
        if isinstance(error, ChatMigrated):
            await asyncio.to_thread(self._moved, place.chat, error.new_chat_id)
            await asyncio.to_thread(self._outbox.again, message.id, now, str(error), now)
            return
        match outcome(error):
            case Outcome.UNCLEAR:
                log.warning("it is uncertain whether message %s arrived: %s", message.id, error)
                await asyncio.to_thread(self._outbox.uncertain, message.id, str(error), now)
            case Outcome.UNSENT:
                pause = min(SLOWEST, BACKOFF * 2 ** min(message.attempts, 10)) * random.uniform(0.5, 1)  # noqa: S311
                if isinstance(error, RetryAfter):
                    pause = timedelta(seconds=seconds(error) + 1)
                    self._turns.close(place.chat, seconds(error))
                await asyncio.to_thread(self._outbox.again, message.id, now + pause, str(error), now)
            case Outcome.NEVER:
                await asyncio.to_thread(self._outbox.failed, message.id, str(error), now)
                await self._give_up(place, error)

    async def _give_up(self, place: Place, error: TelegramError) -> None:
        """Pause what cannot be reached, with the reason; tell the admins what only they can look into."""
        now, reason = self._now(), pause_for(error)
        say = say_in("zh")
        if reason is None:
            log.error("a digest was refused: %s", error)
            self._alert(say("alarm-refused", chat=str(place.chat), error=str(error)))
            return
        place = place if reason == "closed" else Place(place.chat)
        await asyncio.to_thread(self._planner.subscriptions.pause_place, place, reason)
        await asyncio.to_thread(self._outbox.drop, place, str(error), now)
        if reason in {"closed", "rights"}:
            log.warning("digests to a chat are paused: %s", error)
            self._alert(say("alarm-paused", chat=str(place.chat), error=str(error)))
