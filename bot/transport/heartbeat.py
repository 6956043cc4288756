"""Heartbeat of the polling: every getUpdates that succeeds or fails is a beat, and a watchdog ends a silent process.

A connection that hangs gives no beat. The process then exits, so that its supervisor restarts it.
"""

import logging
import os
import time
from collections.abc import Callable
from typing import Any

from telegram.request import BaseRequest

from retrieval.runtime.background import PollingThread

log = logging.getLogger(__name__)

MAX_SILENCE_SECONDS = 300.0  # a poll takes ten seconds, and its slowest failure a minute
WATCH_SECONDS = 10.0
WATCHDOG_EXIT_CODE = 75  # a temporary failure in sysexits.h


class Heartbeat:
    """`answered` is the time of Telegram's last answer, in seconds since 1970; 0 before the first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._beat: float | None = None
        self.answered = 0.0

    def beat(self, *, answered: bool) -> None:
        self._beat = self._clock()
        if answered:
            self.answered = time.time()

    @property
    def silence(self) -> float:
        """Seconds since the last beat; 0 before the first."""
        return 0.0 if self._beat is None else self._clock() - self._beat


class HeartbeatRequest(BaseRequest):
    """Wraps the HTTP client of getUpdates and reports every request to `heartbeat`."""

    def __init__(self, heartbeat: Heartbeat, connection: BaseRequest) -> None:
        self._heartbeat, self._connection = heartbeat, connection

    @property
    def read_timeout(self) -> float | None:
        return self._connection.read_timeout

    async def initialize(self) -> None:
        await self._connection.initialize()

    async def shutdown(self) -> None:
        await self._connection.shutdown()

    async def do_request(self, *arguments: Any, **named: Any) -> tuple[int, bytes]:
        try:
            code, body = await self._connection.do_request(*arguments, **named)
        except Exception:
            self._heartbeat.beat(answered=False)
            raise
        self._heartbeat.beat(answered=code == 200)
        return code, body


class Watchdog:
    """A thread, so that it also looks while the event loop stands still."""

    def __init__(
        self,
        heartbeat: Heartbeat,
        end: Callable[[int], object] = os._exit,
        look: float = WATCH_SECONDS,
        silent: float = MAX_SILENCE_SECONDS,
    ) -> None:
        self._heartbeat, self._end, self._silent = heartbeat, end, silent
        self._thread = PollingThread("watchdog", self._check, "the watchdog failed; it looks again", look)

    def close(self) -> None:
        self._thread.close()

    def _check(self) -> None:
        if self._heartbeat.silence > self._silent:
            log.critical("Telegram was not asked for %.0f s though the bot runs: it ends", self._heartbeat.silence)
            self._thread.closing.set()
            self._end(WATCHDOG_EXIT_CODE)
