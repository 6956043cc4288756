"""What has come in and is not answered yet, in bot.db: an update is committed here before Telegram forgets it.

Telegram forgets an update when the next getUpdates asks for later ones, which happens before any handler has run.
python-telegram-bot awaits `keep` and `put` before that. To wait for the disk is what costs: whatever is to be written
at a moment is one transaction.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from telegram import Bot, Update

from bot.transport.routing import Route, is_stale
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

KEEP_UNANSWERED = timedelta(hours=48)  # the ids of what is done: Telegram delivers again for 24 hours
MAX_UPDATE_TRIES = 3  # ends of the process while an update was at work, all but the first while it was so alone
ALONE_SECONDS = (
    15.0  # seconds in which what was at work then has nobody beside it who could be mistaken for the culprit
)
DISK_REMEDY = "Questions are answered all the same; make room on the disk, or make the data folder writable"
RETRY_WRITE_SECONDS = 1.0  # seconds until what a full disk did not take is offered to it again
RETRY_LATER_SECONDS = 300.0  # seconds until what could not be answered for want of a connection is tried again

WriteJob = tuple[Callable[[], Any], asyncio.Future[Any], bool]

inbox_migrations = Migrations("inbox")


@inbox_migrations()
def m001_inbox(db: Database) -> None:
    """`content` is the update's JSON until it is done; `tries` counts handlers that have begun and not ended."""
    inbox = db.table("inbox")
    inbox.create({"id": int, "received": float, "content": str, "tries": int, "done": float}, pk="id")
    inbox.create_index(["done"])


class RecoveredUpdates(NamedTuple):
    """What has taken the process down too often, and what it is too late for: whoever waits is to be told."""

    aside: list[Update]
    late: list[Update]


class UpdateInbox(asyncio.Queue[object]):
    """`store` is its own; `hears` says which way an update goes; `alarm` is told of what the operator should know."""

    def __init__(
        self,
        store: Store,
        hears: Callable[[Update], Route],
        alarm: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__()
        self._store = store
        # Not among the searches, which may be many: Telegram's next updates wait for this one.
        self._thread = ThreadPoolExecutor(1, "inbox")
        self._hears, self._alarm, self._now = hears, alarm, now
        self._held: set[int] = set()  # ids that are written and not done
        self._unmarked: set[int] = set()  # ids that are done, but the disk did not take it yet
        self._left: set[int] = set()
        self._known: dict[int, bool] = {}  # ids that are written and not queued, and whether they were new
        self._jobs: list[WriteJob] = []
        self._writer: asyncio.Task[None] | None = None
        self._refused = False  # the disk takes nothing, which was said
        self._unkept: dict[int, Update] = {}  # what it did not take and is not answered yet: a kill would lose that
        self._rescuer: asyncio.Task[None] | None = None
        self._alone: dict[int, asyncio.Event] = {}

    async def keep(self, updates: Sequence[Update]) -> None:
        """Returns when all are on the disk, or need not be."""
        kept = [update for update in updates if self._way(update) == "inbox"]
        if kept:
            new = await self._write(partial(self._keep, kept), otherwise=None)
            if new is None:
                self._unkept.update({update.update_id: update for update in kept})
                if self._rescuer is None:
                    self._rescuer = asyncio.get_running_loop().create_task(self._rescue())
            self._known.update({update.update_id: new is None or update.update_id in new for update in kept})

    async def put(self, item: object) -> None:
        """Returns when the update is on the disk, or need not be; other objects are python-telegram-bot's own."""
        if isinstance(item, Update):
            way = self._way(item)
            if way == "nowhere":
                return
            if way == "inbox":
                if item.update_id not in self._known:
                    await self.keep([item])
                if not self._known.pop(item.update_id):
                    return
                self._held.add(item.update_id)
        await super().put(item)

    async def begin(self, update: Update) -> None:
        """Noted for the case that the process ends by it: a power cut is not its fault."""
        if update.update_id in self._held:
            sql = "UPDATE inbox SET tries = tries + 1 WHERE id = ?"
            await self._write(partial(self._store.write, sql, [update.update_id]), otherwise=0, lasting=False)

    def leave(self, update: Update) -> None:
        """The handler that is at work ends without an answer, and not by its own fault: it stays, for later."""
        self._left.add(update.update_id)

    async def done(self, update: Update) -> None:
        """The handler has ended: struck, unless it was left."""
        number = update.update_id
        self._unkept.pop(number, None)
        if number in self._left:
            self._left.discard(number)
            sql = "UPDATE inbox SET tries = 0 WHERE id = ?"
            await self._write(partial(self._store.write, sql, [number]), otherwise=0)
            asyncio.get_running_loop().call_later(RETRY_LATER_SECONDS, self.put_nowait, update)
        elif number in self._held:
            self._held.discard(number)
            self._unmarked.add(number)
            marked = tuple(self._unmarked)
            if await self._write(partial(self._strike, marked), otherwise=False):
                self._unmarked.difference_update(marked)
        if event := self._alone.pop(number, None):
            event.set()

    async def _rescue(self) -> None:
        """Keeps what the disk did not take, once it takes it. What is done meanwhile is struck behind it, in order."""
        while self._unkept:
            await asyncio.sleep(RETRY_WRITE_SECONDS)
            missed = tuple(self._unkept.values())
            if await self._write(partial(self._keep, missed), otherwise=None) is not None:
                for update in missed:
                    self._unkept.pop(update.update_id, None)
        self._rescuer = None

    async def recover(self, bot: Bot, ready: Callable[[], object]) -> RecoveredUpdates:
        """Queues what the last process left, but for what it returns.

        What was at work when the process ended goes first, one by one: of many, only the culprit does it again. They
        wait for `ready`, which blocks, so that none is blamed for what the process is still busy with by itself.
        """
        aside: list[Update] = []
        late: list[Update] = []
        suspects: list[Update] = []
        others: list[Update] = []
        nothing: list[dict[str, Any]] = []
        for row in await self._write(self._pending, otherwise=nothing, lasting=False):
            try:
                update = Update.de_json(json.loads(row["content"]), bot)
            except Exception as error:  # of a later version perhaps; one that cannot be read is not to stop the rest
                self._alarm(f"update {row['id']} in the inbox cannot be read: {error!r}")
                continue
            if is_stale(update, datetime.fromtimestamp(row["received"], UTC), self._now()):
                await self._write(partial(self._strike, (row["id"],)), otherwise=False)
                late.append(update)
            elif row["tries"] >= MAX_UPDATE_TRIES:
                await self._write(partial(self._strike, (row["id"],)), otherwise=False)
                self._alarm(f"update {row['id']} ended the process {row['tries']} times and was put aside")
                aside.append(update)
            else:
                self._held.add(row["id"])
                (suspects if row["tries"] else others).append(update)
        if suspects:
            await asyncio.to_thread(ready)
        for update in suspects:
            ended = self._alone[update.update_id] = asyncio.Event()
            self.put_nowait(update)
            try:
                await asyncio.wait_for(ended.wait(), ALONE_SECONDS)
            except TimeoutError:
                log.info("update %d takes long; the others need not wait for it", update.update_id)
        for update in others:
            self.put_nowait(update)
        return RecoveredUpdates(aside, late)

    def expire(self, before: datetime) -> int:
        """Erases what came before that and was never answered, such as what no version could read; how much it was."""
        return self._store.write("DELETE FROM inbox WHERE received < ? AND done IS NULL", [before.timestamp()])

    def close(self) -> None:
        if self._rescuer:
            self._rescuer.cancel()
        self._thread.shutdown()
        with suppress(sqlite3.Error, OSError):
            self._keep(tuple(self._unkept.values()))
        self._store.close()

    def _way(self, update: Update) -> Route:
        now = self._now()
        return "nowhere" if is_stale(update, now, now) else self._hears(update)

    def _keep(self, updates: Sequence[Update]) -> set[int]:
        """Those that are new."""
        sql = "INSERT INTO inbox (id, received, content, tries) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING"
        now = self._now().timestamp()
        return {one.update_id for one in updates if self._store.write(sql, [one.update_id, now, one.to_json()])}

    def _pending(self) -> list[dict[str, Any]]:
        return self._store.rows("SELECT id, received, content, tries FROM inbox WHERE done IS NULL ORDER BY id")

    def _strike(self, ids: tuple[int, ...]) -> bool:
        now = self._now()
        with self._store.transaction() as db:
            sql = "UPDATE inbox SET done = ?, content = NULL WHERE id = ?"
            db.conn.executemany(sql, [(now.timestamp(), number) for number in ids])
            db.conn.execute("DELETE FROM inbox WHERE done < ?", [(now - KEEP_UNANSWERED).timestamp()])
        return True

    async def _write(self, work: Callable[[], T], *, otherwise: T, lasting: bool = True) -> T:
        """`otherwise` where the disk refuses: who asks is answered all the same, at worst twice."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.append((work, done, lasting))
        if self._writer is None:
            self._writer = loop.create_task(self._written())
        try:
            return await done
        except (sqlite3.Error, OSError) as error:
            if not self._refused:
                self._refused = True
                self._alarm(f"the inbox cannot be written: {error}. {DISK_REMEDY}")
            return otherwise

    async def _written(self) -> None:
        while self._jobs:
            jobs, self._jobs = self._jobs, []
            try:
                found, wrote = await asyncio.get_running_loop().run_in_executor(self._thread, self._together, jobs)
            except Exception as error:
                for _, done, _ in jobs:
                    if not done.done():
                        done.set_exception(error)
                continue
            if self._refused and wrote:
                self._refused = False
                self._alarm("the inbox can be written again")
            for (_, done, _), result in zip(jobs, found, strict=True):
                if not done.done():
                    done.set_result(result)
        self._writer = None

    def _together(self, jobs: list[WriteJob]) -> tuple[list[Any], bool]:
        """What the jobs return, and whether anything was written: to change nothing is possible on a full disk, too."""
        with self._store.transaction(lasting=any(lasting for _, _, lasting in jobs)) as db:
            before = db.conn.total_changes
            return [work() for work, _, _ in jobs], db.conn.total_changes > before
