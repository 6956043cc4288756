"""Writes of the inbox: jobs go in, their results come out once they are committed.

Waiting for the disk is the main cost, so all jobs that are pending at the same moment share one transaction. Where the
disk refuses, operators are told once, and the bot goes on.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bot.render.i18n import Localized
from bot.transport.inbox_alarms import unwritten
from retrieval.storage.store import Store

T = TypeVar("T")

INBOX_BUSY_SECONDS = 1.0  # to wait for another writer; an answer waits for it
REFUSED_BUSY_SECONDS = 0.1  # the same while the disk refuses writes

WriteJob = tuple[Callable[[], Any], asyncio.Future[Any], bool]


class GroupCommit:
    """`alarm` takes messages for operators."""

    def __init__(self, store: Store, alarm: Callable[[Localized], None]) -> None:
        self._store, self._alarm = store, alarm
        # Not in the pool of the searches: Telegram's next updates wait for this thread.
        self._thread = ThreadPoolExecutor(1, "inbox")
        self._jobs: list[WriteJob] = []
        self._writer: asyncio.Task[None] | None = None
        self._refused = False  # whether the disk refuses writes, which was reported

    def close(self) -> None:
        self._thread.shutdown()

    async def write(self, work: Callable[[], T], *, otherwise: T, lasting: bool = True) -> T:
        """Returns `otherwise` where the disk refuses: questions are answered all the same, at worst twice."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.append((work, done, lasting))
        if self._writer is None:
            self._writer = loop.create_task(self._run_jobs())
        try:
            return await done
        except (sqlite3.Error, OSError) as error:
            if not self._refused:
                self._refused = True
                self._alarm(unwritten(error))
            return otherwise

    async def _run_jobs(self) -> None:
        while self._jobs:
            jobs, self._jobs = self._jobs, []
            try:
                results, wrote = await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, jobs)
            except Exception as error:
                for _, done, _ in jobs:
                    if not done.done():
                        done.set_exception(error)
                continue
            if self._refused and wrote:
                self._refused = False
                self._alarm(lambda say: say("alarm-inbox-over"))
            for (_, done, _), result in zip(jobs, results, strict=True):
                if not done.done():
                    done.set_result(result)
        self._writer = None

    def _commit(self, jobs: list[WriteJob]) -> tuple[list[Any], bool]:
        """The jobs' results, and whether anything was written: a job that changes nothing succeeds on a full disk."""
        self._store.set_busy(REFUSED_BUSY_SECONDS if self._refused else INBOX_BUSY_SECONDS)
        with self._store.transaction(lasting=any(lasting for _, _, lasting in jobs)) as db:
            before = db.conn.total_changes
            return [work() for work, _, _ in jobs], db.conn.total_changes > before
