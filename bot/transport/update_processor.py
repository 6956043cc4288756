"""Runs the handlers of updates: one after another for a private chat or a member of a group, else concurrently."""

import asyncio
import inspect
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from weakref import WeakValueDictionary

from structlog.contextvars import bound_contextvars
from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.transport.routing import chat_of, is_stale
from bot.transport.update_inbox import UpdateInbox
from bot.transport.waiting_sign import WaitingSign

log = logging.getLogger(__name__)

# python-telegram-bot also counts updates that wait for their chat's turn: with a lower number one chat's backlog
# would hold up all others. The real limit is the number of search threads.
MAX_CONCURRENT = 1_000_000
FLOOD_UPDATES = 5  # of one chat that are not answered; whoever sends more is told that answers take a while


class PerChatUpdateProcessor(BaseUpdateProcessor):
    """Strikes an update from the inbox when its handler has ended."""

    def __init__(self, inbox: UpdateInbox, sign: WaitingSign) -> None:
        super().__init__(MAX_CONCURRENT)
        self._inbox, self._sign = inbox, sign
        self._loaded = asyncio.Event()
        self._loaded.set()
        self.ended: Callable[[float], object] = lambda _: None  # gets the seconds that each update took
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._at_hand: Counter[Hashable] = Counter()  # updates by chat, at work or waiting for their turn
        self._stopping = False

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def hold(self, ready: Callable[[], object]) -> None:
        """Messages wait until `ready`, which blocks, returns: none is blamed for a crash that ends the start."""
        self._loaded.clear()
        await asyncio.to_thread(ready)
        self._loaded.set()

    def stop(self) -> None:
        self._stopping = True
        self._loaded.set()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        arrived, received = time.monotonic(), datetime.now(UTC)
        try:
            if isinstance(update, Update):
                async with self._turn(update):
                    if update.message and not self._loaded.is_set():
                        async with self._sign.over(update.message):
                            await self._loaded.wait()
                    if not self._stopping and is_stale(update, received, datetime.now(UTC)):
                        log.info("update %d waited until it was too late to answer", update.update_id)
                        await self._inbox.done(update)
                    elif not self._stopping:
                        with bound_contextvars(update=update.update_id):  # for every line logged meanwhile
                            await self._inbox.begin(update)
                            await coroutine
                            await self._inbox.done(update)
                        self.ended(time.monotonic() - arrived)
            else:
                await coroutine
        finally:
            if inspect.iscoroutine(coroutine):
                coroutine.close()

    @asynccontextmanager
    async def _turn(self, update: Update) -> AsyncIterator[None]:
        """Waits for the update's chat, whose lock is fair; a flood is told at once that answers take a while."""
        key = chat_of(update)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        self._at_hand[key] += 1
        telling = None
        if update.message and self._at_hand[key] > FLOOD_UPDATES and not self._stopping:
            telling = asyncio.get_running_loop().create_task(self._sign.tell(update.message))
        try:
            async with lock:
                yield
        finally:
            if telling:
                telling.cancel()
            self._at_hand[key] -= 1
            if not self._at_hand[key]:
                del self._at_hand[key]
