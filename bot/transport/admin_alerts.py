"""Sends errors to the operators in Telegram: takes log texts and traces, cuts them, and limits their number."""

import asyncio
import logging
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from functools import partial
from typing import Literal

from telegram import Bot
from telegram.error import TelegramError

from bot.render.html import bold, escape
from bot.render.i18n import Language, Localized, say_in
from retrieval.runtime.sliding_window import SlidingWindow

log = logging.getLogger(__name__)

MAX_ALERTS_AT_ONCE, ALERT_WINDOW_SECONDS = 5, 600.0  # of each kind
# Each has a budget of its own: failures that somebody provokes by presses must not silence a full disk.
AlertKind = Literal["failure", "inbox", "update", "digest", "feed", "start", "model", "cluster"]

MAX_TRACE_CHARS = 3000  # the end of a trace tells most, and escaped it still fits into a message


class AdminAlerts:
    """To be called in the event loop's thread. `bot` is a function since alerts may come before there is a bot.

    `language` is what an operator chose, and blocks on SQLite; the log is in English.
    """

    def __init__(
        self,
        bot: Callable[[], Bot],
        admins: Collection[int],
        now: Callable[[], float] = time.monotonic,
        language: Callable[[int], Language] = lambda _: "zh",
    ) -> None:
        self._bot, self._admins, self._now, self._language = bot, admins, now, language
        window = partial(SlidingWindow, MAX_ALERTS_AT_ONCE, ALERT_WINDOW_SECONDS)
        self._windows: defaultdict[AlertKind, SlidingWindow] = defaultdict(window)
        self._omitted: Counter[AlertKind] = Counter()
        self._sending: set[asyncio.Task[None]] = set()

    def __call__(self, text: Localized, kind: AlertKind) -> None:
        log.error(text(say_in("en")))
        self.report(text, kind)

    def report(self, headline: Localized, kind: AlertKind, trace: str = "") -> None:
        """Sends what is logged already. Of many of a kind at once the later ones are only counted."""
        if self._windows[kind].wait(self._now()):
            self._omitted[kind] += 1
            return
        omitted = self._omitted.pop(kind, 0)

        def text(language: Language) -> str:
            more = say_in(language)("alarm-more", omitted=omitted) if omitted else ""
            shown = bold(f"{headline(say_in(language))} {more}".rstrip()[-MAX_TRACE_CHARS:])
            return f"{shown}\n<pre>{escape(trace[-MAX_TRACE_CHARS:])}</pre>" if trace else shown

        task = asyncio.get_running_loop().create_task(self._send(text))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def settle(self) -> None:
        """Waits until all alerts are sent or have failed."""
        await asyncio.gather(*self._sending)

    async def _send(self, text: Callable[[Language], str]) -> None:
        for admin in self._admins:
            language = await asyncio.to_thread(self._language_of, admin)
            try:
                await self._bot().send_message(admin, text(language))
            except TelegramError as error:
                log.warning("an administrator was not told: %s", error)

    def _language_of(self, admin: int) -> Language:
        """An alarm may be about the very database that has the choice."""
        try:
            return self._language(admin)
        except sqlite3.Error as error:
            log.warning("an administrator's language could not be read: %s", error)
            return "zh"
