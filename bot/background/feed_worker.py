"""Fetches feeds when they are due, and alerts operators to feeds that have failed for a day."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from bot.background.service import run_beside
from bot.container import Services
from bot.transport.admin_alerts import AdminAlerts
from feeds.registry import Feed
from feeds.sync import FeedSync

log = logging.getLogger(__name__)

FEED_TICK_SECONDS = 20.0  # seconds between two looks at what is due
MAX_FEEDS_AT_ONCE = 4
ALERT_AFTER = timedelta(days=1)


class FeedWorker:
    def __init__(self, services: Services, sync: FeedSync, alerts: AdminAlerts) -> None:
        self._feeds, self._sync, self._alerts = services.feeds, sync, alerts
        self._slots = asyncio.Semaphore(MAX_FEEDS_AT_ONCE)
        self._in_work: set[int] = set()
        self._ticks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Starts a tick at regular intervals, whether or not the earlier ones have ended."""
        try:
            while True:
                self._ticks.add(task := asyncio.create_task(self._tick_safely()))
                task.add_done_callback(self._ticks.discard)
                await asyncio.sleep(FEED_TICK_SECONDS)
        finally:
            for task in self._ticks:
                task.cancel()

    async def _tick_safely(self) -> None:
        try:
            await self.tick()
        except Exception:
            log.exception("feeds could not be fetched")

    async def tick(self) -> None:
        """Fetches all feeds that are due, then alerts operators to those that have failed for a day."""
        now = self._sync.now()
        due = [feed for feed in await asyncio.to_thread(self._feeds.due, now) if feed.id not in self._in_work]
        self._in_work |= {feed.id for feed in due}
        try:
            await asyncio.gather(*(self._fetch(feed.id, feed.url) for feed in due))
        finally:
            self._in_work -= {feed.id for feed in due}
        for feed in await asyncio.to_thread(self._feeds.take_unreported, now - ALERT_AFTER):
            self._alert(feed)

    def _alert(self, feed: Feed) -> None:
        self._alerts(lambda say: say("alarm-feed", url=feed.url, topic=feed.topic, error=feed.error), "feed")

    async def _fetch(self, id: int, url: str) -> None:
        async with self._slots:
            feed = next((feed for feed in await asyncio.to_thread(self._feeds.all) if feed.id == id), None)
            if feed is None:  # removed meanwhile
                return
            try:
                result = await asyncio.to_thread(self._sync.sync, feed)
            except Exception as error:  # whatever a stranger's page causes must not stop the other feeds
                log.exception("the feed %s", url)
                now = self._sync.now()
                await asyncio.to_thread(self._feeds.record_failure, feed, f"{type(error).__name__}: {error}", now)
                return
            if result.documents or result.refused or result.error:
                counts = len(result.documents), len(result.refused)
                log.info("feed %s: %d documents, %d refused %s", url, *counts, result.error)


def run_feeds(services: Services, alerts: AdminAlerts) -> AbstractAsyncContextManager[None]:
    return run_beside(FeedWorker(services, services.feed_sync(), alerts).run())
