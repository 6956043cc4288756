"""What people said is kept for so many days and no longer."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.container import Services
from bot.settings import Settings
from bot.transport.update_inbox import UpdateInbox

log = logging.getLogger(__name__)

RETENTION_PAUSE_SECONDS = 6 * 3600.0  # seconds between two looks: daily, also where the process is restarted daily
DIGEST_DAYS = 60  # days: so long it is known what readers were told already
COPY_DAYS = 30  # days in which an upgrade that went wrong is noticed


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What is erased after so many days by `expire`, which is told before when, blocks, and says how much it was."""

    what: str
    days: int
    expire: Callable[[datetime], int]


def retention_rules(services: Services, inbox: UpdateInbox, settings: Settings) -> list[RetentionRule]:
    days = settings.log_days

    def copies(before: datetime) -> int:
        return erase_copies(settings.data, before)

    return [
        RetentionRule("questions", days, services.answers.question_log.expire),
        RetentionRule("updates that were never answered", days, inbox.expire),
        RetentionRule("uploads that could be taken back", days, services.uploads.expire),
        RetentionRule("digests", min(days, DIGEST_DAYS), services.outbox.prune),
        RetentionRule("copies of bot.db", min(days, COPY_DAYS), copies),
    ]


def erase_copies(data: Path, before: datetime) -> int:
    """Those that an upgrade made of bot.db: nobody's /forget reaches into them."""
    old = [path for path in data.glob("bot.db.before-*") if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink()
    return len(old)


@asynccontextmanager
async def run_retention(all_kept: Sequence[RetentionRule], now: Callable[[], datetime]) -> AsyncIterator[None]:
    """At its begin and several times a day from then on."""

    async def run() -> None:
        while True:
            for kept in all_kept:
                try:
                    if gone := await asyncio.to_thread(kept.expire, now() - timedelta(days=kept.days)):
                        log.info("%d %s were older than %d days and are erased", gone, kept.what, kept.days)
                except (sqlite3.Error, OSError) as error:
                    log.warning("old %s could not be erased: %s", kept.what, error)
            await asyncio.sleep(RETENTION_PAUSE_SECONDS)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
