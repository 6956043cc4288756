"""Erases questions, updates, uploads, digests and database copies that are older than operators keep them."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bot.background.service import run_beside
from bot.container import Services
from bot.settings import Settings
from bot.transport.update_inbox import UpdateInbox

log = logging.getLogger(__name__)

RETENTION_PAUSE_SECONDS = 6 * 3600.0  # less than a day, for processes that are restarted daily
DIGEST_DAYS = 60  # days for which readers are told nothing twice
COPY_DAYS = 30  # days in which a failed upgrade is noticed


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`expire` takes the time before which everything is erased, blocks, and returns how many rows that were."""

    what: str
    days: int
    expire: Callable[[datetime], int]


def retention_rules(services: Services, inbox: UpdateInbox, settings: Settings) -> list[RetentionRule]:
    days = settings.log_days
    expiring = services.model.expiring() if services.model else ()
    return [
        RetentionRule("questions", days, services.answers.question_log.expire),
        RetentionRule("updates that were never answered", days, inbox.expire),
        RetentionRule("uploads that could be taken back", days, services.uploads.expire),
        RetentionRule("sessions of the page that had ended", 1, services.page_sessions.expire),
        RetentionRule("digests", min(days, DIGEST_DAYS), services.outbox.prune),
        RetentionRule("copies of bot.db", min(days, COPY_DAYS), partial(erase_copies, settings.data)),
        *(RetentionRule(what, days, expire) for what, expire in expiring),
    ]


def erase_copies(data: Path, before: datetime) -> int:
    """Erases the copies of bot.db that upgrades made, since /forget does not reach into them."""
    old = [path for path in data.glob("bot.db.before-*") if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink()
    return len(old)


def run_retention(
    rules: Sequence[RetentionRule], truncate_wal: Callable[[], object], now: Callable[[], datetime]
) -> AbstractAsyncContextManager[None]:
    """`truncate_wal` is called after each round: what was erased stays readable in SQLite's log until then."""
    return run_beside(_apply_regularly(rules, truncate_wal, now))


async def _apply_regularly(
    rules: Sequence[RetentionRule], truncate_wal: Callable[[], object], now: Callable[[], datetime]
) -> None:
    while True:
        for rule in rules:
            try:
                if erased := await asyncio.to_thread(rule.expire, now() - timedelta(days=rule.days)):
                    log.info("%d %s were older than %d days and are erased", erased, rule.what, rule.days)
            except (sqlite3.Error, OSError) as error:
                log.warning("old %s could not be erased: %s", rule.what, error)
        try:
            await asyncio.to_thread(truncate_wal)
        except sqlite3.Error as error:
            log.warning("SQLite's log could not be emptied: %s", error)
        await asyncio.sleep(RETENTION_PAUSE_SECONDS)
