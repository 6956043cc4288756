"""From what is due to the outbox, and from there to the courier: two loops that a failure does not end."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.delivery.sender import Alert, Courier, utc_now
from bot.digest.delivery_records import Outgoing
from bot.digest.planner import Planner
from bot.digest.standing_questions import Standing
from bot.render.i18n import say_in

log = logging.getLogger(__name__)

TICK = 20.0  # seconds between two looks at what is due: a digest is for a minute, not for a second
GLANCE = 1.0  # seconds between two looks at the outbox while it is empty
WAVE = 300  # messages taken out of the outbox at once: ten seconds of sending
AT_ONCE = 16  # requests in flight at most: 30 a second at half a second each
STUCK = timedelta(minutes=15)


class Delivery:
    """`alert` tells the admins."""

    def __init__(
        self,
        planner: Planner,
        standing: Standing,
        courier: Courier,
        alert: Alert,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._planner, self._standing, self._outbox = planner, standing, planner.outbox
        self._courier, self._alert, self._now = courier, alert, now
        self._looked = now()  # when it was last known what is due
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
            self._wonder()
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
                    return await self._courier.deliver(message)
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
                self._wonder()
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

    def _wonder(self) -> None:
        """Where nothing can be planned, nothing waits that could be seen to be stuck."""
        if self._now() - self._looked >= STUCK:
            self._looked = self._now()
            self._alert(say_in("zh")("alarm-unplanned"))

    async def _tell(self, alarm: str, text: str, again: bool = False) -> None:
        """Once, until the alarm is over."""
        if await asyncio.to_thread(self._outbox.once, alarm, self._now()) or again:
            log.error(text)
            self._alert(text)
