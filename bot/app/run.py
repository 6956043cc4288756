"""Runs the bot in Telegram: builds its services, its application and its workers, and closes them at the end."""

import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from functools import partial

from telegram.error import InvalidToken, TelegramError

from bot.app.application import AppParts, assemble
from bot.app.lifecycle import serve
from bot.background.cluster_worker import run_cluster_watch
from bot.background.digest_worker import run_digests
from bot.background.feed_worker import run_feeds
from bot.background.model_worker import run_model
from bot.background.retention_worker import retention_rules, run_retention
from bot.container import Services
from bot.monitoring.logging import log_question, start_logging
from bot.question_log.log import QuestionLog
from bot.render.i18n import Localized
from bot.settings import ConfigError, Settings
from bot.transport.heartbeat import Watchdog
from bot.transport.send_scheduler import SendLimits
from retrieval.library import Library

EXAMPLES_SECONDS = 1.0  # between two looks at whether an encoder is there
EXAMPLES_TRIES = 120  # it is loaded, or there is none
# Objects between two collections of garbage, by default 700: an answer's are gone with it, and few have circles.
# Looking for them took 0.04 ms an answer, and takes 0.01.
ANSWERING_GARBAGE_THRESHOLDS = (10_000, 20, 20)
log = logging.getLogger(__name__)


def warm_recognizer(services: Services, stopped: threading.Event) -> None:
    """Before the first message rather than at it: the search process has no encoder until it has loaded one."""
    services.answers.recognizer.warm()
    for _ in range(EXAMPLES_TRIES):
        if stopped.wait(EXAMPLES_SECONDS) or services.answers.recognizer.start_encoding():
            return


def run_bot(
    settings: Settings,
    library: Library,
    limits: SendLimits | None = None,
    notice: Localized | None = None,
    end_early_sign: Callable[[], Mapping[int, float]] = dict,
) -> None:
    """`limits` replace Telegram's in benchmarks; `notice` is sent to the administrators at the start.

    `end_early_sign` gives the chats that were told to wait, as WaitingSign has them.
    """
    start_logging(settings.secrets(), settings.log_format)
    gc.set_threshold(*ANSWERING_GARBAGE_THRESHOLDS)
    question_log = QuestionLog(settings.data / "bot.db")
    question_log.listeners.append(partial(log_question, texts=settings.log_questions == "on"))
    services = Services.of(settings, library, question_log)
    warming = threading.Thread(target=library.warm, name="warm", daemon=True)
    warming.start()
    stopped = threading.Event()
    threading.Thread(target=warm_recognizer, args=(services, stopped), name="examples", daemon=True).start()
    try:
        parts = assemble(settings, services, limits=limits)
        bot, alerts = parts.application.bot, parts.alerts
        workers = (
            lambda: start_notice(parts, notice),
            lambda: introduce_to_page(services, bot.username),
            lambda: run_sandboxes(services),
            lambda: run_digests(services, bot, alerts),
            lambda: run_feeds(services, alerts),
            lambda: run_cluster_watch(services, alerts),
            lambda: run_model(services, bot.username, alerts),
            lambda: run_retention(
                retention_rules(services, parts.inbox, settings),
                services.subscription_db.truncate_wal,
                services.answers.now,
            ),
            lambda: run_monitoring(services, parts, settings),
        )
        parts.sign.told.update(end_early_sign())
        asyncio.run(serve(settings, parts, workers, warming.join))
    except InvalidToken:
        raise ConfigError("TELEGRAM_BOT_TOKEN: Telegram does not know this token") from None
    except TelegramError as error:
        log.error("the bot could not start", exc_info=error)
        raise SystemExit(1) from None
    finally:
        stopped.set()
        question_log.close()
        services.close()


@asynccontextmanager
async def start_notice(parts: AppParts, notice: Localized | None) -> AsyncIterator[None]:
    if notice:
        parts.alerts(notice, "start")
    yield


@asynccontextmanager
async def introduce_to_page(services: Services, bot_name: str) -> AsyncIterator[None]:
    """The page's process, which does not speak with Telegram, sends visitors to the bot by its name."""
    await asyncio.to_thread(services.page_sessions.set_bot_name, bot_name)
    yield


@asynccontextmanager
async def run_sandboxes(services: Services) -> AsyncIterator[None]:
    """At the end, stops what is being read: the process cannot end while a thread waits for it."""
    yield
    for sandbox in (services.sandbox, services.upload_sandbox):
        await asyncio.to_thread(sandbox.close)


@asynccontextmanager
async def run_monitoring(services: Services, parts: AppParts, settings: Settings) -> AsyncIterator[None]:
    """Metrics and health if ZHIDIAN_METRICS is set, and the watchdog always."""
    with ExitStack() as stack:
        stack.callback(Watchdog(parts.heartbeat).close)
        if settings.metrics:
            from bot.monitoring.metrics import Metrics, MetricsServer, QueueGauges

            metrics = Metrics(services, QueueGauges(parts.inbox.qsize, lambda: parts.limiter.floods), parts.heartbeat)
            services.answers.question_log.listeners.append(metrics.asked)
            parts.processor.ended = metrics.answered
            host, port = settings.metrics.rsplit(":", 1)
            stack.callback(MetricsServer(metrics, host, int(port)).close)
        yield
