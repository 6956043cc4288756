"""Which updates are worked on at the same time: those of different chats. Those of one chat follow each other."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any
from weakref import WeakValueDictionary

from structlog.contextvars import bound_contextvars
from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.transport.update_inbox import UpdateInbox

# python-telegram-bot counts those that wait for their chat's turn, too: a lower number, and one chat's backlog would
# hold up all. What is worked on is limited by the threads that search.
MAX_CONCURRENT = 1_000_000


class PerChatUpdateProcessor(BaseUpdateProcessor):
    """Strikes an update from the inbox when its handler has ended."""

    def __init__(self, inbox: UpdateInbox) -> None:
        super().__init__(MAX_CONCURRENT)
        self._inbox = inbox
        self.ended: Callable[[float], object] = lambda _: None  # told the seconds from an update's arrival to its end
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._stopping = False

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    def stop(self) -> None:
        """No further update is begun; they stay in the inbox."""
        self._stopping = True

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        arrived = time.monotonic()
        try:
            if isinstance(update, Update):
                async with self._turn(update):
                    if not self._stopping:
                        with bound_contextvars(update=update.update_id):  # in each line that is logged meanwhile
                            await self._inbox.begin(update)
                            await coroutine
                            await self._inbox.done(update)
                        self.ended(time.monotonic() - arrived)
            else:
                await coroutine
        finally:
            if inspect.iscoroutine(coroutine):
                coroutine.close()

    def _turn(self, update: Update) -> asyncio.Lock:
        """asyncio's locks are fair: who came first goes first."""
        key = chat_of(update)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock


def chat_of(update: Update) -> Hashable:
    """A press of a button does not wait for an answer that is on its way; a keystroke waits for nobody."""
    if update.callback_query:
        return "press", update.callback_query.from_user.id
    if chat := update.effective_chat:
        return chat.id
    return update.update_id
