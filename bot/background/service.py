"""Runs a coroutine beside a block of code, such as the bot's polling, and ends it with the block."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

log = logging.getLogger(__name__)


@asynccontextmanager
async def run_beside(
    work: Coroutine[Any, Any, None], stop: Callable[[], object] | None = None, grace: float = 0
) -> AsyncIterator[None]:
    """At the end of the block `stop` asks `work` to finish within `grace` seconds; then it is cancelled."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        if stop:
            stop()
            try:
                await asyncio.wait_for(task, grace)
            except TimeoutError:
                log.warning("%s was cancelled: it took longer than %.0f s to finish", task, grace)
        task.cancel()
