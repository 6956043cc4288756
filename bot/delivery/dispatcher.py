"""Two loops that survive failures: plan what is due into the outbox, and send what the outbox holds."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from bot.delivery.sender import Alert, OutboxSender
from bot.digest.delivery_records import OutboxMessage
from bot.digest.planner import DigestPlanner
from bot.digest.standing_questions import StandingQuestions
from bot.render.i18n import Localized, say_in

log = logging.getLogger(__name__)

DELIVERY_TICK_SECONDS = 20.0  # between two looks at what is due: a digest is for a minute, not for a second
IDLE_SECONDS = 1.0  # between two looks at an empty outbox
MAX_WAVE_MESSAGES = 300  # ten seconds of sending
MAX_SENDS_AT_ONCE = 16  # 30 a second at half a second each
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
        self._planned = now()  # the time of the last plan that succeeded
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Runs until `stop` and until the requests in flight have ended."""
        while not await self._try_to_recover():
            await self._pause(DELIVERY_TICK_SECONDS)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._plan_loop())
            tasks.create_task(self._send_loop())

    def stop(self) -> None:
        self._stopping.set()

    async def recover(self) -> None:
        """Marks messages that were in flight when the process ended as uncertain, and alerts the admins."""
        if uncertain := await asyncio.to_thread(self._outbox.recover, self._now()):
            log.warning("%d deliveries were in flight when the process ended: not repeated", uncertain)
            await self._alert("in-flight", lambda say: say("alarm-uncertain", deliveries=uncertain), again=True)

    async def _try_to_recover(self) -> bool:
        """Whether to go on: nothing is sent before it is known what was in flight."""
        try:
            await self.recover()
        except Exception:
            log.exception("the outbox cannot be read yet")
            self._check_stalled()
            return self._stopping.is_set()
        return True

    async def plan(self) -> None:
        """One tick: expires old messages, records due digests and answers to standing questions, alerts the admins."""
        now = self._now()
        await asyncio.to_thread(self._outbox.expire, now)
        report = await asyncio.to_thread(self._planner.run, now)
        self._planned = now
        await asyncio.to_thread(self._standing.run, now)
        for topic in sorted(report.silent):
            await self._alert_silent(topic)
        for topic in report.lively:
            await asyncio.to_thread(self._outbox.clear_alarm, f"silent {topic}")
        if stuck := await asyncio.to_thread(self._outbox.stuck, now - STALLED_AFTER):
            await self._alert("stuck", lambda say: say("alarm-stuck", deliveries=stuck))
        else:
            await asyncio.to_thread(self._outbox.clear_alarm, "stuck")

    async def send(self) -> int:
        """Sends all that may be sent now, one message a chat; returns the number of requests."""
        ready = await asyncio.to_thread(self._outbox.ready, self._now(), MAX_WAVE_MESSAGES)
        slots = asyncio.Semaphore(MAX_SENDS_AT_ONCE)

        async def deliver(message: OutboxMessage) -> bool:
            async with slots:
                if self._stopping.is_set():
                    return False
                try:
                    return await self._sender.deliver(message)
                except Exception:  # the message stays claimed, so that it is not repeated
                    log.exception("message %s of the outbox", message.id)
                    return False

        return sum(await asyncio.gather(*map(deliver, ready)))

    async def _plan_loop(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.plan()
            except Exception:  # such as a full disk, which must not end all deliveries
                log.exception("deliveries could not be planned")
                self._check_stalled()
            await self._pause(DELIVERY_TICK_SECONDS)

    async def _send_loop(self) -> None:
        while not self._stopping.is_set():
            try:
                requests = await self.send()
            except Exception:
                log.exception("the outbox could not be read")
                requests = 0
            if not requests:
                await self._pause(IDLE_SECONDS)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _check_stalled(self) -> None:
        """Alerts where nothing was planned for long, since then nothing in the outbox can be seen to be stuck."""
        if self._now() - self._planned >= STALLED_AFTER:
            self._planned = self._now()
            self._post_alert(lambda say: say("alarm-unplanned"))

    async def _alert_silent(self, topic: str) -> None:
        await self._alert(f"silent {topic}", lambda say: say("alarm-silent", topic=topic))

    async def _alert(self, alarm: str, text: Localized, again: bool = False) -> None:
        """Alerts once until the alarm is cleared."""
        if await asyncio.to_thread(self._outbox.raise_alarm_once, alarm, self._now()) or again:
            log.error(text(say_in("en")))
            self._post_alert(text)
