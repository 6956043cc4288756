"""Puts the parts together: the bot in Telegram, the bot in the terminal."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from telegram.error import InvalidToken, TelegramError

from bot.app import application as app
from bot.app import lifecycle
from bot.app.application import App, Parts
from bot.background.digest_worker import delivering
from bot.background.feed_worker import feeding
from bot.background.retention_worker import everything, forgetting
from bot.container import Desk
from bot.monitoring.logging import answered, start_logging
from bot.question_log.log import Journal
from bot.settings import ConfigError, Settings
from bot.transport.heartbeat import Watchdog
from bot.transport.send_scheduler import Limits
from retrieval.library import Library

log = logging.getLogger(__name__)


def run_bot(settings: Settings, library: Library, limits: Limits | None = None, told: str = "") -> None:
    """`limits` take the place of Telegram's where the bot is measured; `told` is for who runs it, at the start."""
    start_logging(settings.token.get_secret_value() if settings.token else "", settings.log_format)
    journal = Journal(settings.data / "bot.db")
    journal.listeners.append(partial(answered, texts=settings.log_questions == "on"))
    desk = Desk.of(settings, library, journal)
    warming = threading.Thread(target=library.warm, name="warm", daemon=True)
    warming.start()
    try:
        parts = app.assemble(settings, desk, limits=limits)
        digests = partial(deliver, desk, parts)
        sources = partial(follow, desk, parts)
        said = partial(tell, parts, told)
        old, watched = partial(forget, desk, parts, settings), partial(watch, desk, parts, settings)
        asyncio.run(lifecycle.serve(settings, parts, [said, digests, sources, old, watched], warming.join))
    except InvalidToken:
        raise ConfigError("TELEGRAM_BOT_TOKEN: Telegram does not know this token") from None
    except TelegramError as error:
        log.error("the bot could not start", exc_info=error)
        raise SystemExit(1) from None
    finally:
        journal.close()
        desk.close()


def deliver(desk: Desk, parts: Parts, application: App) -> AbstractAsyncContextManager[object]:
    return delivering(desk, application.bot, parts.pacer.turns, parts.alarms)


def follow(desk: Desk, parts: Parts, _: App) -> AbstractAsyncContextManager[object]:
    return feeding(desk, parts.alarms)


def forget(desk: Desk, parts: Parts, settings: Settings, _: App) -> AbstractAsyncContextManager[object]:
    return forgetting(everything(desk, parts.inbox, settings), desk.replies.now)


@asynccontextmanager
async def tell(parts: Parts, told: str, _: App) -> AsyncIterator[None]:
    if told:
        parts.alarms(told)
    yield


@asynccontextmanager
async def watch(desk: Desk, parts: Parts, settings: Settings, _: App) -> AsyncIterator[None]:
    """Figures and health where they are wanted, and the end of a process that only looks alive."""
    watchdog, exposed = Watchdog(parts.heartbeat), None
    if settings.metrics:
        from bot.monitoring.metrics import Exposed, Metrics, Queues

        metrics = Metrics(desk, Queues(parts.inbox.qsize, lambda: parts.pacer.floods), parts.heartbeat)
        desk.replies.journal.listeners.append(metrics.asked)
        parts.order.ended = metrics.answered
        host, port = settings.metrics.rsplit(":", 1)
        exposed = Exposed(metrics, host, int(port))
    try:
        yield
    finally:
        watchdog.close()
        if exposed:
            exposed.close()
