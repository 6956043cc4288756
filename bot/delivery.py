"""From the outbox to Telegram, at a pace that leaves questions their turn; each once, as far as can be known."""

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from telegram import Bot, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, RetryAfter, TelegramError

from bot.cards import below_answer, below_digest
from bot.catalogue import say_in
from bot.failures import Outcome, markup_refused, outcome
from bot.markup import visible
from bot.pacing import Priority, StoppingError, seconds
from bot.parcels import Outgoing
from bot.pausing import pause_for
from bot.planning import Planner
from bot.sending import NO_PREVIEW, keyboard
from bot.standing import Standing
from bot.turns import Turns
from bot.wishes import Place

log = logging.getLogger(__name__)

TICK = 20.0  # seconds between two looks at what is due: a digest is for a minute, not for a second
GLANCE = 1.0  # seconds between two looks at the outbox while it is empty
WAVE = 300  # messages taken out of the outbox at once: ten seconds of sending
AT_ONCE = 16  # requests in flight at most: 30 a second at half a second each
TURN = 60.0  # seconds to wait for one's turn behind answers, before others are tried
BACKOFF, SLOWEST = timedelta(seconds=5), timedelta(minutes=10)
SHUT = 5.0  # seconds that a chat may be closed before its message is put off
STUCK = timedelta(minutes=15)

Alert = Callable[[str], None]
Moved = Callable[[int, int], None]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Delivery:
    """`bot` has no rate limiter: between its turn and its request stands the claim. `moved` blocks; `alert` tells the
    admins."""

    def __init__(
        self,
        planner: Planner,
        standing: Standing,
        bot: Bot,
        turns: Turns,
        alert: Alert,
        moved: Moved,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._planner, self._standing, self._outbox = planner, standing, planner.outbox
        self._bot, self._turns, self._alert, self._moved, self._now = bot, turns, alert, moved, now
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`, and then until what is in flight has ended."""
        while not await self._recovered():
            await self._pause(TICK)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._planning())
            tasks.create_task(self._sending())

    def stop(self) -> None:
        self._stopping.set()

    async def recover(self) -> None:
        """What was in flight when the process ended is not repeated, and said."""
        if doubtful := await asyncio.to_thread(self._outbox.recover, self._now()):
            log.warning("%d deliveries were in flight when the process ended: not repeated", doubtful)
            await self._tell("in-flight", say_in("zh")("alarm-uncertain", deliveries=doubtful), again=True)

    async def _recovered(self) -> bool:
        """Nothing is sent before it is known what was in flight, however long the disk is not there."""
        try:
            await self.recover()
        except Exception:
            log.exception("the outbox cannot be read yet")
            return self._stopping.is_set()
        return True

    async def plan(self) -> None:
        """One tick: give up what had its day, record what is due, look after answers to standing questions."""
        now = self._now()
        await asyncio.to_thread(self._outbox.expire, now)
        planned = await asyncio.to_thread(self._planner.run, now)
        await asyncio.to_thread(self._standing.run, now)
        say = say_in("zh")
        for topic in sorted(planned.silent):
            await self._tell(f"silent {topic}", say("alarm-silent", topic=topic))
        for topic in planned.lively:
            await asyncio.to_thread(self._outbox.calm, f"silent {topic}")
        if stuck := await asyncio.to_thread(self._outbox.stuck, now - STUCK):
            await self._tell("stuck", say("alarm-stuck", deliveries=stuck))
        else:
            await asyncio.to_thread(self._outbox.calm, "stuck")

    async def send(self) -> int:
        """Everything that may be sent now, one a chat; for how many a request was made."""
        ready = await asyncio.to_thread(self._outbox.ready, self._now(), WAVE)
        places = asyncio.Semaphore(AT_ONCE)

        async def one(message: Outgoing) -> bool:
            async with places:
                if self._stopping.is_set():
                    return False
                try:
                    return await self._deliver(message)
                except Exception:  # it stays claimed, and so is not repeated
                    log.exception("message %s of the outbox", message.id)
                    return False

        return sum(await asyncio.gather(*map(one, ready)))

    async def _planning(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.plan()
            except Exception:  # a disk that is full for a while must not end all deliveries
                log.exception("a look at what is due failed")
            await self._pause(TICK)

    async def _sending(self) -> None:
        while not self._stopping.is_set():
            try:
                tried = await self.send()
            except Exception:
                log.exception("the outbox could not be read")
                tried = 0
            if not tried:
                await self._pause(GLANCE)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _deliver(self, message: Outgoing) -> bool:
        """Whether there was a request."""
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

    async def _tell(self, alarm: str, text: str, again: bool = False) -> None:
        """Once, until the alarm is over."""
        if await asyncio.to_thread(self._outbox.once, alarm, self._now()) or again:
            log.error(text)
            self._alert(text)
