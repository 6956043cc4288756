"""Serves Telegram's updates from the start of the application to a signal to stop."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Updater

from bot.app.application import App, AppParts
from bot.settings import ConfigError, Settings
from bot.transport import webhook
from bot.transport.command_menu import publish_menus

log = logging.getLogger(__name__)

ALLOWED_UPDATES = (
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
    Update.CHOSEN_INLINE_RESULT,
    Update.MY_CHAT_MEMBER,
)
START_ATTEMPTS = 12  # with the pauses, about five minutes without a network
MAX_START_PAUSE_SECONDS = 30.0
STOP_GRACE_SECONDS = 5.0  # for answers in progress at a stop; the rest is answered at the next start

# Runs beside the answers, such as digests: starts before the first update is taken, ends after the last answer.
Worker = Callable[[], AbstractAsyncContextManager[object]]


class ConflictError(ConfigError):
    """For the operator: Telegram gives each update to one process only."""

    def __init__(self) -> None:
        super().__init__(
            "TELEGRAM_BOT_TOKEN: another process asks Telegram for this bot's messages; this one stops. Run only one"
        )


async def serve(settings: Settings, parts: AppParts, workers: Sequence[Worker], ready: Callable[[], object]) -> None:
    """Returns after a signal to stop. Questions that came while the bot was away are answered.

    `ready` blocks until everything is loaded that the first question needs.
    """
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    try:
        if task:
            for number in signals:
                loop.add_signal_handler(number, task.cancel)
        await initialize(parts.application)
        async with running(parts), AsyncExitStack() as stack:
            for worker in workers:
                await stack.enter_async_context(worker())
            menus = loop.create_task(publish_menus(parts.application.bot))
            stack.callback(menus.cancel)
            aside, late = await parts.inbox.recover(parts.application.bot, ready)
            for update in aside:
                await parts.errors.apologize(update, str(update.update_id))  # as the alarm names it
            for update in late:
                await parts.errors.answer_late(update)
            await receive_updates(parts, settings)
    except asyncio.CancelledError:
        log.info("stopped")
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
        await parts.application.shutdown()
        await parts.application.bot.shutdown()  # `shutdown` leaves it open when the token was refused
        parts.inbox.close()


async def initialize(application: App) -> None:
    """Retries, since the network may come up later than the bot."""
    for attempt in range(START_ATTEMPTS):
        try:
            await application.initialize()
            return
        except TelegramError as error:
            if isinstance(error, InvalidToken):
                raise
            log.warning("Telegram cannot be reached yet: %s", error)
            if attempt == START_ATTEMPTS - 1:
                raise
        await asyncio.sleep(min(MAX_START_PAUSE_SECONDS, 2**attempt))


async def receive_updates(parts: AppParts, settings: Settings) -> None:
    """Never returns; ConflictError when another process takes this bot's updates too."""
    updater = parts.application.updater
    assert updater  # noqa: S101  # built with one
    allowed = [*ALLOWED_UPDATES, *([Update.GUEST_MESSAGE] if settings.guests == "on" else [])]
    if settings.webhook_url:
        await webhook.listen(updater, settings.webhook_url, settings.webhook_listen, allowed, START_ATTEMPTS)
        await webhook.watch_webhook(parts.application.bot, settings.webhook_url, parts.heartbeat)
        raise ConflictError
    await start_polling(updater, allowed)


async def start_polling(updater: Updater, allowed: Sequence[str]) -> None:
    conflict: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    last_warning = ""

    def failed(error: TelegramError) -> None:
        nonlocal last_warning
        if isinstance(error, Conflict) and not conflict.done():
            conflict.set_exception(ConflictError())
        elif str(error) != last_warning:  # a long outage is logged once, not every few seconds
            last_warning = str(error)
            log.warning("no updates from Telegram: %s", error)

    await updater.start_polling(
        allowed_updates=allowed, bootstrap_retries=START_ATTEMPTS, drop_pending_updates=False, error_callback=failed
    )
    await conflict


@asynccontextmanager
async def running(parts: AppParts) -> AsyncIterator[None]:
    """At the end, handlers that are at work get STOP_GRACE_SECONDS, and no new one starts."""
    application = parts.application
    await application.start()
    try:
        yield
    finally:
        parts.processor.stop()
        if application.updater and application.updater.running:
            await application.updater.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(parts.inbox.join(), STOP_GRACE_SECONDS)
        parts.limiter.stop()
        await application.stop()
        await parts.alerts.settle()
