"""Two loops that survive failures: plan what is due into the outbox, and send what the outbox holds."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.delivery.sender import Alert, OutboxSender
from bot.digest.delivery_records import OutboxMessage
from bot.digest.planner import DigestPlanner
from bot.digest.standing_questions import StandingQuestions
from bot.render.i18n import say_in

log = logging.getLogger(__name__)

DELIVERY_TICK_SECONDS = 20.0  # seconds between two looks at what is due: a digest is for a minute, not for a second
IDLE_SECONDS = 1.0  # seconds between two looks at the outbox while it is empty
MAX_WAVE_MESSAGES = 300  # messages taken out of the outbox at once: ten seconds of sending
MAX_SENDS_AT_ONCE = 16  # requests in flight at most: 30 a second at half a second each
STALLED_AFTER = timedelta(minutes=15)


class DeliveryLoop:
    """`alert` tells the admins."""

    def __init__(
        self,
        planner: DigestPlanner,
        standing: StandingQuestions,
        sender: OutboxSender,
        alert: Alert,
        now: Callable[[], datetime],
    ) -> None:
        self._planner, self._standing, self._outbox = planner, standing, planner.outbox
        self._sender, self._post_alert, self._now = sender, alert, now
        self._looked = now()  # when it was last known what is due
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`, and then until what is in flight has ended."""
        while not await self._recover_once():
            await self._pause(DELIVERY_TICK_SECONDS)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._plan_loop())
            tasks.create_task(self._send_loop())

    def stop(self) -> None:
        self._stopping.set()

    async def recover(self) -> None:
        """What was in flight when the process ended is not repeated, and said."""
        if doubtful := await asyncio.to_thread(self._outbox.recover, self._now()):
            log.warning("%d deliveries were in flight when the process ended: not repeated", doubtful)
            await self._alert("in-flight", say_in("zh")("alarm-uncertain", deliveries=doubtful), again=True)

    async def _recover_once(self) -> bool:
        """Nothing is sent before it is known what was in flight, however long the disk is not there."""
        try:
            await self.recover()
        except Exception:
            log.exception("the outbox cannot be read yet")
            self._check_stalled()
            return self._stopping.is_set()
        return True

    async def plan(self) -> None:
        """One tick: give up what had its day, record what is due, look after answers to standing questions."""
        now = self._now()
        await asyncio.to_thread(self._outbox.expire, now)
        planned = await asyncio.to_thread(self._planner.run, now)
        self._looked = now
        await asyncio.to_thread(self._standing.run, now)
        say = say_in("zh")
        for topic in sorted(planned.silent):
            await self._alert(f"silent {topic}", say("alarm-silent", topic=topic))
        for topic in planned.lively:
            await asyncio.to_thread(self._outbox.clear_alarm, f"silent {topic}")
        if stuck := await asyncio.to_thread(self._outbox.stuck, now - STALLED_AFTER):
            await self._alert("stuck", say("alarm-stuck", deliveries=stuck))
        else:
            await asyncio.to_thread(self._outbox.clear_alarm, "stuck")

    async def send(self) -> int:
        """Everything that may be sent now, one a chat; for how many a request was made."""
        ready = await asyncio.to_thread(self._outbox.ready, self._now(), MAX_WAVE_MESSAGES)
        places = asyncio.Semaphore(MAX_SENDS_AT_ONCE)

        async def one(message: OutboxMessage) -> bool:
            async with places:
                if self._stopping.is_set():
                    return False
                try:
                    return await self._sender.deliver(message)
                except Exception:  # it stays claimed, and so is not repeated
                    log.exception("message %s of the outbox", message.id)
                    return False

        return sum(await asyncio.gather(*map(one, ready)))

    async def _plan_loop(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.plan()
            except Exception:  # a disk that is full for a while must not end all deliveries
                log.exception("a look at what is due failed")
                self._check_stalled()
            await self._pause(DELIVERY_TICK_SECONDS)

    async def _send_loop(self) -> None:
        while not self._stopping.is_set():
            try:
                tried = await self.send()
            except Exception:
                log.exception("the outbox could not be read")
                tried = 0
            if not tried:
                await self._pause(IDLE_SECONDS)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _check_stalled(self) -> None:
        """Where nothing can be planned, nothing waits that could be seen to be stuck."""
        if self._now() - self._looked >= STALLED_AFTER:
            self._looked = self._now()
            self._post_alert(say_in("zh")("alarm-unplanned"))

    async def _alert(self, alarm: str, text: str, again: bool = False) -> None:
        """Once, until the alarm is over."""
        if await asyncio.to_thread(self._outbox.raise_alarm_once, alarm, self._now()) or again:
            log.error(text)
            self._post_alert(text)
