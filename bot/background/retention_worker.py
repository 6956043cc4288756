"""What people said is kept for so many days and no longer."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.container import Desk
from bot.settings import Settings
from bot.transport.update_inbox import Inbox

log = logging.getLogger(__name__)

PAUSE = 6 * 3600.0  # seconds between two looks: daily, also where the process is restarted daily
DIGESTS = 60  # days: so long it is known what readers were told already
COPIES = 30  # days in which an upgrade that went wrong is noticed


@dataclass(frozen=True, slots=True)
class Kept:
    """What is erased after so many days by `expire`, which is told before when, blocks, and says how much it was."""

    what: str
    days: int
    expire: Callable[[datetime], int]


def everything(desk: Desk, inbox: Inbox, settings: Settings) -> list[Kept]:
    days = settings.log_days

    def copies(before: datetime) -> int:
        return erase_copies(settings.data, before)

    return [
        Kept("questions", days, desk.replies.journal.expire),
        Kept("updates that were never answered", days, inbox.expire),
        Kept("uploads that could be taken back", days, desk.uploads.expire),
        Kept("digests", min(days, DIGESTS), desk.outbox.prune),
        Kept("copies of bot.db", min(days, COPIES), copies),
    ]


def erase_copies(data: Path, before: datetime) -> int:
    """Those that an upgrade made of bot.db: nobody's /forget reaches into them."""
    old = [path for path in data.glob("bot.db.before-*") if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink()
    return len(old)


@asynccontextmanager
async def forgetting(all_kept: Sequence[Kept], now: Callable[[], datetime]) -> AsyncIterator[None]:
    """At its begin and several times a day from then on."""

    async def run() -> None:
        while True:
            for kept in all_kept:
                try:
                    if gone := await asyncio.to_thread(kept.expire, now() - timedelta(days=kept.days)):
                        log.info("%d %s were older than %d days and are erased", gone, kept.what, kept.days)
                except (sqlite3.Error, OSError) as error:
                    log.warning("old %s could not be erased: %s", kept.what, error)
            await asyncio.sleep(PAUSE)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
