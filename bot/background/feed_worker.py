"""Feeds beside the answers: those that are due are visited, and what fails for a day is told to who runs the bot."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.container import Desk
from bot.render.i18n import say_in
from bot.transport.admin_alerts import Alarms
from feeds.sync import Gathering

log = logging.getLogger(__name__)

TICK = 20.0  # seconds between two looks at what is due
AT_ONCE = 4  # feeds, of as many hosts
PATIENCE = timedelta(days=1)  # a feed may fail so long before it is worth an alarm


class Feeding:
    def __init__(self, desk: Desk, gathering: Gathering, alarms: Alarms) -> None:
        self._desk, self._gathering, self._alarms = desk, gathering, alarms
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._visited: set[int] = set()
        self._ticks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """A visit that takes long holds up no later one."""
        try:
            while True:
                self._ticks.add(task := asyncio.create_task(self._ticked()))
                task.add_done_callback(self._ticks.discard)
                await asyncio.sleep(TICK)
        finally:
            for task in self._ticks:
                task.cancel()

    async def _ticked(self) -> None:
        try:
            await self.tick()
        except Exception:
            log.exception("feeds could not be visited")

    async def tick(self) -> None:
        """Visit all that are due, then tell of those that have failed for a day."""
        now = self._gathering.now()
        due = [one for one in await asyncio.to_thread(self._desk.feeds.due, now) if one.id not in self._visited]
        self._visited |= {one.id for one in due}
        try:
            await asyncio.gather(*(self._visit(one.id, one.url) for one in due))
        finally:
            self._visited -= {one.id for one in due}
        for feed in await asyncio.to_thread(self._desk.feeds.untold, now - PATIENCE):
            self._alarms(say_in("zh")("alarm-feed", url=feed.url, topic=feed.topic, error=feed.error))

    async def _visit(self, id: int, url: str) -> None:
        async with self._slots:
            feed = next((one for one in await asyncio.to_thread(self._desk.feeds.all) if one.id == id), None)
            if feed is None:  # removed meanwhile
                return
            try:
                visit = await asyncio.to_thread(self._gathering.visit, feed)
            except Exception as error:  # whatever a stranger's page brings about ends with that page
                log.exception("the feed %s", url)
                now = self._gathering.now()
                await asyncio.to_thread(self._desk.feeds.failed, feed, f"{type(error).__name__}: {error}", now)
                return
            if visit.documents or visit.refused or visit.error:
                came, out = len(visit.documents), len(visit.refused)
                log.info("feed %s: %d documents, %d refused %s", url, came, out, visit.error)


@asynccontextmanager
async def feeding(desk: Desk, alarms: Alarms) -> AsyncIterator[Feeding]:
    service = Feeding(desk, desk.gathering(), alarms)
    task = asyncio.create_task(service.run())
    try:
        yield service
    finally:
        task.cancel()
