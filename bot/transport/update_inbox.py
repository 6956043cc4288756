"""Durable queue of unanswered updates in bot.db: takes updates from Telegram, gives them to the handlers.

Telegram forgets an update when the next getUpdates asks for later ones, which happens before any handler has run.
`receive` is awaited before that.
"""

import asyncio
import json
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from telegram import Bot, Update

from bot.render.i18n import Localized
from bot.transport.group_commit import GroupCommit
from bot.transport.inbox_alarms import put_aside, unreadable
from bot.transport.inbox_table import UNREADABLE, InboxTable
from bot.transport.message_joiner import MessageJoiner, groups_of_parts, join, may_go_on
from bot.transport.routing import Route, chat_of, is_stale
from bot.transport.update_reader import MAX_ID, read_update
from retrieval.storage.store import Store

log = logging.getLogger(__name__)

MAX_UPDATE_TRIES = 3  # crashes while an update was handled, all but the first while it was handled alone
ALONE_SECONDS = 15.0  # seconds for which a suspect runs alone, so that no other update is blamed for a crash
RETRY_WRITE_SECONDS = 1.0  # seconds between attempts to write to a full disk
RETRY_LATER_SECONDS = 300.0  # seconds until an update that met a lost connection is handled again


class RecoveredUpdates(NamedTuple):
    """Updates that are not handled, and whose senders are told so: `aside` crashed the process too often."""

    aside: list[Update]
    late: list[Update]


class UpdateInbox(asyncio.Queue[object]):
    """`store` is closed with it; `alarm` takes messages for operators."""

    def __init__(
        self,
        store: Store,
        classify: Callable[[Update], Route],
        alarm: Callable[[Localized], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__()
        self._table, self._commits = InboxTable(store), GroupCommit(store, alarm)
        self._joiner = MessageJoiner(self._enqueue)
        self._parts: dict[int, Sequence[int]] = {}  # by the id of the whole, the ids of all its parts
        self._classify, self._alarm, self._now = classify, alarm, now
        self._routes: dict[int, Route] = {}  # by id, of updates that are not queued yet; known ones go nowhere
        self._held: set[int] = set()  # ids that are written and not done
        self._unmarked: set[int] = set()  # ids that are done but not yet marked so on the disk
        self._refused: set[int] = set()  # those of them that it refused to mark
        self._left: dict[int, float] = {}
        self._begun: set[int] = set()  # ids whose first attempt was counted as they were written
        self._chats: dict[int, Hashable] = {}  # by id, of updates that are not done
        self._at_work: Counter[Hashable] = Counter()  # updates by chat
        self._unreadable: set[int] = set()  # ids that operators were told of
        self._raws: dict[int, object] = {}  # JSON by id, of updates that are to be written as they came
        self._unkept: dict[int, Update] = {}  # unanswered updates that it refused: a kill would lose them
        self._rescuer: asyncio.Task[None] | None = None
        self._alone: dict[int, asyncio.Event] = {}

    async def receive(self, raws: Sequence[object], bot: Bot) -> None:
        """Reads and queues what Telegram sent; returns when Telegram may forget it."""
        updates = []
        for raw in raws:
            try:
                update = read_update(raw, bot)
                self._classify(update)
            except Exception as error:
                await self._put_aside(raw, error)
            else:
                updates.append(update)
                self._raws[update.update_id] = raw
        await self.keep(updates)
        for update in updates:
            if update.update_id not in self._unkept:
                self._raws.pop(update.update_id, None)
        for update in updates:
            await self.put(update)

    async def keep(self, updates: Sequence[Update]) -> None:
        """Decides where each update goes; returns when all that go into the inbox are on the disk."""
        now = self._now()
        for update in updates:
            route = "nowhere" if is_stale(update, now, now) else self._classify(update)
            goes_on = self._joiner.expects(update, addressed=route == "inbox")
            self._routes[update.update_id] = "inbox" if goes_on else route
        if kept := [update for update in updates if self._routes[update.update_id] == "inbox"]:
            # what waits for its next part does not begin at once
            first = {update.update_id for update in kept if self._join_chat(update) and not may_go_on(update)}
            new = await self._commits.write(partial(self._keep, kept, first), otherwise=None)
            if new is None:
                self._unkept |= {update.update_id: update for update in kept}
                self._start_rescue()
            else:
                self._begun |= first & new
                for known in {update.update_id for update in kept} - new:
                    self._routes[known] = "nowhere"
                    self._leave_chat(known)

    async def _put_aside(self, raw: object, error: Exception) -> None:
        """Keeps the JSON of an update that cannot be read, for a later version to read, and tells operators once."""
        number = raw.get("update_id") if isinstance(raw, dict) else None
        if isinstance(number, int) and 0 <= number <= MAX_ID:
            if number in self._unreadable:
                return
            self._unreadable.add(number)
            work = partial(self._table.put_aside, number, json.dumps(raw), self._now())
            if not await self._commits.write(work, otherwise=1):
                return  # Telegram sent it before
        # Without the error's text, which may quote what somebody wrote.
        reason = f"{type(error).__name__}: {error}" if isinstance(error, KeyError | TypeError) else type(error).__name__
        self._alarm(lambda say: say("alarm-update-odd", update=str(number), error=reason))

    async def put(self, item: object) -> None:
        """Returns when the update is on the disk, or need not be; other objects are python-telegram-bot's own."""
        if isinstance(item, Update):
            if item.update_id not in self._routes:
                await self.keep([item])
            route = self._routes.pop(item.update_id)
            if route == "nowhere":
                return
            if route == "inbox":
                self._held.add(item.update_id)
                self._joiner.add(item)
                return
        await super().put(item)

    def _enqueue(self, whole: Update, parts: Sequence[int]) -> None:
        if len(parts) > 1:
            self._parts[whole.update_id] = parts
        self.put_nowait(whole)

    async def begin(self, update: Update) -> None:
        """Counts the attempt in case the update crashes the process; a power cut may undo the count."""
        if update.update_id in self._begun:
            self._begun.discard(update.update_id)
        elif update.update_id in self._held and update.update_id not in self._unkept:
            await self._commits.write(partial(self._table.begin, update.update_id), otherwise=0, lasting=False)

    def leave(self, update: Update, seconds: float | None = None) -> None:
        """Keeps an update whose handler ends without an answer for an outside reason, to be handled later."""
        self._left[update.update_id] = RETRY_LATER_SECONDS if seconds is None else seconds

    async def done(self, update: Update) -> None:
        """The handler has ended: strikes the update with all its parts unless `leave` was called."""
        number = update.update_id
        if (seconds := self._left.pop(number, None)) is not None:
            self._forget(self._parts.get(number, (number,)))
            await self._commits.write(partial(self._table.forgive, number), otherwise=0)
            asyncio.get_running_loop().call_later(seconds, self.put_nowait, update)
        else:
            parts = self._parts.pop(number, (number,))
            self._forget(parts)
            if held := self._held.intersection(parts):
                self._held -= held
                self._unmarked |= held
                if not await self._mark(held):
                    self._start_rescue()
        if event := self._alone.pop(number, None):
            event.set()

    def _forget(self, parts: Sequence[int]) -> None:
        for number in parts:
            self._forget_unkept(number)
            self._leave_chat(number)

    async def _mark(self, done: Collection[int] = ()) -> bool:
        """With those that the disk refused before. After a power cut they may be answered once more."""
        marked = self._refused.union(done)
        strike = partial(self._table.strike, marked, self._now())
        written = await self._commits.write(strike, otherwise=False, lasting=False)
        self._refused = self._refused - marked if written else self._refused | marked
        self._unmarked -= marked if written else set()
        return written

    def _forget_unkept(self, number: int) -> None:
        self._unkept.pop(number, None)
        self._raws.pop(number, None)

    def _start_rescue(self) -> None:
        if self._rescuer is None:
            self._rescuer = asyncio.get_running_loop().create_task(self._rescue())

    async def _rescue(self) -> None:
        """Writes what the disk refused once it accepts it. Updates that are done meanwhile are struck after it."""
        while self._unkept or self._refused:
            await asyncio.sleep(RETRY_WRITE_SECONDS)
            if missed := tuple(self._unkept.values()):
                if await self._commits.write(partial(self._keep, missed), otherwise=None) is None:
                    continue
                for update in missed:
                    self._forget_unkept(update.update_id)
            if self._refused:
                await self._mark()
        self._rescuer = None

    async def recover(self, bot: Bot, ready: Callable[[], object]) -> RecoveredUpdates:
        """Queues what the last process left, except what it returns.

        Updates that were being handled when it ended go first, one by one, so that only the culprit can crash the
        process again. They wait for `ready`, which blocks, so that none is blamed for work of the start itself.
        """
        aside: list[Update] = []
        late: list[Update] = []
        suspects: list[Update] = []
        others: list[Update] = []
        pending = await self._read_pending(bot)
        rows = {update.update_id: row for update, row in pending}
        for parts in groups_of_parts(update for update, _ in pending):
            update, numbers = join(parts), [part.update_id for part in parts]
            tries = max(rows[number]["tries"] for number in numbers)
            is_late = is_stale(update, datetime.fromtimestamp(rows[numbers[0]]["received"], UTC), self._now())
            if not is_late and tries < MAX_UPDATE_TRIES:
                self._held.update(numbers)
                for part in parts:
                    self._join_chat(part)
                if tries > 0 and len(parts) > 1:
                    self._parts[update.update_id] = numbers
                if tries > 0:
                    suspects.append(update)
                else:
                    others += parts
                continue
            await self._commits.write(partial(self._table.strike, numbers, self._now()), otherwise=False, lasting=False)
            (late if is_late else aside).append(update)
            if not is_late:
                self._alarm(put_aside(update.update_id, tries))
        if suspects:
            await asyncio.to_thread(ready)
        for update in suspects:
            ended = self._alone[update.update_id] = asyncio.Event()
            self.put_nowait(update)
            try:
                await asyncio.wait_for(ended.wait(), ALONE_SECONDS)
            except TimeoutError:
                log.info("update %d takes long; the others need not wait for it", update.update_id)
        for update in others:  # whose next part may still be at Telegram
            self._joiner.expects(update, addressed=True)
            self._joiner.add(update)
        return RecoveredUpdates(aside, late)

    async def _read_pending(self, bot: Bot) -> list[tuple[Update, dict[str, Any]]]:
        pending = []
        rows: list[dict[str, Any]] = await self._commits.write(self._table.pending, otherwise=[], lasting=False)
        for row in rows:
            try:
                pending.append((read_update(json.loads(row["content"]), bot), row))
            except Exception as error:  # perhaps written by a later version; it must not stop the rest
                if row["tries"] != UNREADABLE:
                    self._alarm(unreadable(row["id"], error))
        return pending

    def expire(self, before: datetime) -> int:
        """Erases updates received earlier and never answered, such as unreadable ones; returns how many."""
        return self._table.expire(before)

    def close(self) -> None:
        self._joiner.close()
        if self._rescuer:
            self._rescuer.cancel()
        self._commits.close()
        with suppress(sqlite3.Error, OSError):
            self._keep(tuple(self._unkept.values()))
            if self._unmarked:
                self._table.strike(tuple(self._unmarked), self._now())
        self._table.store.close()

    def _join_chat(self, update: Update) -> bool:
        """Whether nothing of its chat is at work: it begins at once."""
        chat = self._chats[update.update_id] = chat_of(update)
        self._at_work[chat] += 1
        return self._at_work[chat] == 1

    def _leave_chat(self, number: int) -> None:
        if number in self._chats:
            chat = self._chats.pop(number)
            self._at_work[chat] -= 1
            if not self._at_work[chat]:
                del self._at_work[chat]

    def _keep(self, updates: Sequence[Update], begun: Collection[int] = ()) -> set[int]:
        return self._table.keep({one.update_id: self._content(one) for one in updates}, self._now(), begun)

    def _content(self, update: Update) -> str:
        raw = self._raws.get(update.update_id)
        return update.to_json() if raw is None else json.dumps(raw)
