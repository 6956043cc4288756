"""Questions are kept for so many days and no longer."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.journal import Journal

log = logging.getLogger(__name__)

PAUSE = 6 * 3600.0  # seconds between two looks: daily, also where the process is restarted daily


@asynccontextmanager
async def forgetting(journal: Journal, days: int, now: Callable[[], datetime]) -> AsyncIterator[None]:
    """At its begin and several times a day from then on."""

    async def run() -> None:
        while True:
            try:
                if gone := await asyncio.to_thread(journal.expire, now() - timedelta(days=days)):
                    log.info("%d questions were older than %d days and are erased", gone, days)
            except (sqlite3.Error, OSError) as error:
                log.warning("old questions could not be erased: %s", error)
            await asyncio.sleep(PAUSE)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
