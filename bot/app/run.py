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
from bot.app.application import App, AppParts
from bot.background.digest_worker import run_digests
from bot.background.feed_worker import run_feeds
from bot.background.retention_worker import retention_rules, run_retention
from bot.container import Services
from bot.monitoring.logging import log_question, start_logging
from bot.question_log.log import QuestionLog
from bot.settings import ConfigError, Settings
from bot.transport.heartbeat import Watchdog
from bot.transport.send_scheduler import SendLimits
from retrieval.library import Library

log = logging.getLogger(__name__)


def run_bot(settings: Settings, library: Library, limits: SendLimits | None = None, told: str = "") -> None:
    """`limits` take the place of Telegram's where the bot is measured; `told` is for who runs it, at the start."""
    start_logging(settings.token.get_secret_value() if settings.token else "", settings.log_format)
    question_log = QuestionLog(settings.data / "bot.db")
    question_log.listeners.append(partial(log_question, texts=settings.log_questions == "on"))
    services = Services.of(settings, library, question_log)
    warming = threading.Thread(target=library.warm, name="warm", daemon=True)
    warming.start()
    try:
        parts = app.assemble(settings, services, limits=limits)
        digests = partial(digest_service, services, parts)
        sources = partial(feed_service, services, parts)
        said = partial(start_notice, parts, told)
        old, watched = (
            partial(retention_service, services, parts, settings),
            partial(monitoring_service, services, parts, settings),
        )
        asyncio.run(lifecycle.serve(settings, parts, [said, digests, sources, old, watched], warming.join))
    except InvalidToken:
        raise ConfigError("TELEGRAM_BOT_TOKEN: Telegram does not know this token") from None
    except TelegramError as error:
        log.error("the bot could not start", exc_info=error)
        raise SystemExit(1) from None
    finally:
        question_log.close()
        services.close()


def digest_service(services: Services, parts: AppParts, application: App) -> AbstractAsyncContextManager[object]:
    return run_digests(services, application.bot, parts.limiter.scheduler, parts.alerts)


def feed_service(services: Services, parts: AppParts, _: App) -> AbstractAsyncContextManager[object]:
    return run_feeds(services, parts.alerts)


def retention_service(
    services: Services, parts: AppParts, settings: Settings, _: App
) -> AbstractAsyncContextManager[object]:
    return run_retention(retention_rules(services, parts.inbox, settings), services.answers.now)


@asynccontextmanager
async def start_notice(parts: AppParts, told: str, _: App) -> AsyncIterator[None]:
    if told:
        parts.alerts(told)
    yield


@asynccontextmanager
async def monitoring_service(services: Services, parts: AppParts, settings: Settings, _: App) -> AsyncIterator[None]:
    """Figures and health where they are wanted, and the end of a process that only looks alive."""
    watchdog, exposed = Watchdog(parts.heartbeat), None
    if settings.metrics:
        from bot.monitoring.metrics import Metrics, MetricsServer, QueueGauges

        metrics = Metrics(services, QueueGauges(parts.inbox.qsize, lambda: parts.limiter.floods), parts.heartbeat)
        services.answers.question_log.listeners.append(metrics.asked)
        parts.processor.ended = metrics.answered
        host, port = settings.metrics.rsplit(":", 1)
        exposed = MetricsServer(metrics, host, int(port))
    try:
        yield
    finally:
        watchdog.close()
        if exposed:
            exposed.close()
