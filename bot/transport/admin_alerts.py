"""What the people who run the bot are told in Telegram: what the log says, cut, and not more than they can read."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection

from telegram import Bot
from telegram.error import TelegramError

from bot.render.html import bold, escape

log = logging.getLogger(__name__)

MOST, SPAN = 5, 600.0  # reports in so many seconds
MAX_TRACE_CHARS = 3000  # characters of a trace: its end tells most, and escaped it still fits into a message


class AdminAlerts:
    """For the loop's thread. `bot` is asked for when it is needed: an alarm may come before there is one."""

    def __init__(
        self, bot: Callable[[], Bot], admins: Collection[int], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._bot, self._admins, self._now = bot, admins, now
        self._sent: deque[float] = deque()
        self._unsaid = 0
        self._sending: set[asyncio.Task[None]] = set()

    def __call__(self, text: str) -> None:
        log.error(text)
        self.report(text)

    def report(self, headline: str, trace: str = "") -> None:
        """For what is logged already. Of many at once the later ones are only counted."""
        now = self._now()
        while self._sent and self._sent[0] <= now - SPAN:
            self._sent.popleft()
        if len(self._sent) >= MOST:
            self._unsaid += 1
            return
        self._sent.append(now)
        if self._unsaid:
            headline, self._unsaid = f"{headline} (and {self._unsaid} more before it: see the log)", 0
        text = bold(headline[-MAX_TRACE_CHARS:])
        if trace:
            text += f"\n<pre>{escape(trace[-MAX_TRACE_CHARS:])}</pre>"
        task = asyncio.get_running_loop().create_task(self._send(text))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def settle(self) -> None:
        """Until what was begun is sent, or has failed."""
        await asyncio.gather(*self._sending)

    async def _send(self, text: str) -> None:
        for admin in self._admins:
            try:
                await self._bot().send_message(admin, text)
            except TelegramError as error:
                log.warning("an administrator was not told: %s", error)
