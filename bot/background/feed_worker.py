"""Feeds beside the answers: those that are due are visited, and what fails for a day is told to who runs the bot."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.container import Services
from bot.render.i18n import say_in
from bot.transport.admin_alerts import AdminAlerts
from feeds.sync import FeedSync

log = logging.getLogger(__name__)

FEED_TICK_SECONDS = 20.0  # seconds between two looks at what is due
MAX_FEEDS_AT_ONCE = 4  # feeds, of as many hosts
ALERT_AFTER = timedelta(days=1)  # a feed may fail so long before it is worth an alarm


class FeedWorker:
    def __init__(self, services: Services, gathering: FeedSync, alerts: AdminAlerts) -> None:
        self._services, self._sync, self._alerts = services, gathering, alerts
        self._slots = asyncio.Semaphore(MAX_FEEDS_AT_ONCE)
        self._visited: set[int] = set()
        self._ticks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """A visit that takes long holds up no later one."""
        try:
            while True:
                self._ticks.add(task := asyncio.create_task(self._ticked()))
                task.add_done_callback(self._ticks.discard)
                await asyncio.sleep(FEED_TICK_SECONDS)
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
        now = self._sync.now()
        due = [one for one in await asyncio.to_thread(self._services.feeds.due, now) if one.id not in self._visited]
        self._visited |= {one.id for one in due}
        try:
            await asyncio.gather(*(self._visit(one.id, one.url) for one in due))
        finally:
            self._visited -= {one.id for one in due}
        for feed in await asyncio.to_thread(self._services.feeds.take_unreported, now - ALERT_AFTER):
            self._alerts(say_in("zh")("alarm-feed", url=feed.url, topic=feed.topic, error=feed.error))

    async def _visit(self, id: int, url: str) -> None:
        async with self._slots:
            feed = next((one for one in await asyncio.to_thread(self._services.feeds.all) if one.id == id), None)
            if feed is None:  # removed meanwhile
                return
            try:
                visit = await asyncio.to_thread(self._sync.sync, feed)
            except Exception as error:  # whatever a stranger's page brings about ends with that page
                log.exception("the feed %s", url)
                now = self._sync.now()
                await asyncio.to_thread(
                    self._services.feeds.record_failure, feed, f"{type(error).__name__}: {error}", now
                )
                return
            if visit.documents or visit.refused or visit.error:
                came, out = len(visit.documents), len(visit.refused)
                log.info("feed %s: %d documents, %d refused %s", url, came, out, visit.error)


@asynccontextmanager
async def run_feeds(services: Services, alerts: AdminAlerts) -> AsyncIterator[FeedWorker]:
    service = FeedWorker(services, services.feed_sync(), alerts)
    task = asyncio.create_task(service.run())
    try:
        yield service
    finally:
        task.cancel()
