"""Writes of the inbox: jobs go in, their results come out once they are committed.

Waiting for the disk is the main cost, so all jobs that are pending at the same moment share one transaction. Where the
disk refuses, operators are told once, and the bot goes on.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from bot.render.i18n import Localized
from bot.transport.inbox_alarms import unwritten
from retrieval.storage.store import Store

T = TypeVar("T")

INBOX_BUSY_SECONDS = 1.0  # to wait for another writer; an answer waits for it
REFUSED_BUSY_SECONDS = 0.1  # the same while the disk refuses writes

WriteJob = tuple[Callable[[], Any], asyncio.Future[Any], bool]
Batch = tuple[list[WriteJob], asyncio.AbstractEventLoop]


class GroupCommit:
    """`alarm` takes messages for operators. Each job is one transaction by itself, or part of a larger one."""

    def __init__(self, store: Store, alarm: Callable[[Localized], None]) -> None:
        self._store, self._alarm = store, alarm
        self._jobs: list[WriteJob] = []  # that come while others are written
        self._is_writing = self._is_closed = False
        # A thread of its own: Telegram's next updates wait for it. No executor: that took as long as the writing.
        self._batches: SimpleQueue[Batch | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._refused = False  # whether the disk refuses writes, which was reported

    def close(self) -> None:
        """What is being written is waited for; jobs that have not begun fail."""
        self._is_closed = True
        self._batches.put(None)
        if self._thread:
            self._thread.join()

    async def write(self, work: Callable[[], T], *, otherwise: T, lasting: bool = True) -> T:
        """Returns `otherwise` where the disk refuses: questions are answered all the same, at worst twice."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.append((work, done, lasting))
        if not self._is_writing:
            self._is_writing = True
            loop.call_soon(self._hand_over, loop)  # with what else comes in this round of the loop
        try:
            return await done
        except (sqlite3.Error, OSError) as error:
            if not self._refused:
                self._refused = True
                self._alarm(unwritten(error))
            return otherwise

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        jobs, self._jobs = self._jobs, []
        if self._is_closed:
            self._fail(loop, jobs, RuntimeError("the inbox is closed"))
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
            self._thread.start()
        self._batches.put((jobs, loop))

    def _run(self) -> None:
        while batch := self._batches.get():
            jobs, loop = batch
            try:
                results, wrote = self._commit(jobs)
            except Exception as error:
                end = partial(self._fail, loop, jobs, error)
            else:
                end = partial(self._end, loop, jobs, results, wrote)
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(end)

    def _end(
        self, loop: asyncio.AbstractEventLoop, jobs: Sequence[WriteJob], results: Sequence[object], wrote: bool
    ) -> None:
        if self._refused and wrote:
            self._refused = False
            self._alarm(lambda say: say("alarm-inbox-over"))
        for (_, done, _), result in zip(jobs, results, strict=True):
            if not done.done():
                done.set_result(result)
        self._go_on(loop)

    def _fail(self, loop: asyncio.AbstractEventLoop, jobs: Sequence[WriteJob], error: Exception) -> None:
        for _, done, _ in jobs:
            if not done.done():
                done.set_exception(error)
        self._go_on(loop)

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._jobs:
            self._hand_over(loop)
        else:
            self._is_writing = False

    def _commit(self, jobs: Sequence[WriteJob]) -> tuple[list[Any], bool]:
        """The jobs' results, and whether anything was written: a job that changes nothing succeeds on a full disk."""
        self._store.set_busy(REFUSED_BUSY_SECONDS if self._refused else INBOX_BUSY_SECONDS)
        before = self._store.total_changes()
        lasting = any(lasting for _, _, lasting in jobs)
        with self._store.transaction(lasting=lasting) if len(jobs) > 1 else nullcontext():
            results = [work() for work, _, _ in jobs]
        return results, self._store.total_changes() > before
