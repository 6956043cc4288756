"""The bot's life in Telegram, from its start to a signal to stop."""

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
START_ATTEMPTS = 12  # at the start; with the pauses, some five minutes without a network
MAX_START_PAUSE_SECONDS = 30.0  # seconds between them, at most
STOP_GRACE_SECONDS = (
    5.0  # seconds that answers under way have when the bot is stopped; the rest is answered at its next start
)

# What runs beside the answers, such as digests: begun before the first update is taken, ended after the last answer.
Service = Callable[[App], AbstractAsyncContextManager[object]]


class ConflictError(ConfigError):
    """For the operator: Telegram gives each update to one process only."""

    def __init__(self) -> None:
        super().__init__(
            "TELEGRAM_BOT_TOKEN: another process asks Telegram for this bot's messages; this one stops. Run only one"
        )


async def serve(
    settings: Settings, parts: AppParts, services: Sequence[Service] = (), ready: Callable[[], object] = lambda: None
) -> None:
    """Works until a signal to stop. Questions that came while the bot was away are answered.

    `ready` blocks until all is loaded that the first question needs.
    """
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    try:
        if task:
            for number in signals:
                loop.add_signal_handler(number, task.cancel)
        await initialized(parts.application)
        async with running(parts), AsyncExitStack() as stack:
            for service in services:
                await stack.enter_async_context(service(parts.application))
            menus = loop.create_task(publish_menus(parts.application.bot))
            stack.callback(menus.cancel)
            aside, late = await parts.inbox.recover(parts.application.bot, ready)
            for update in aside:
                await parts.errors.sorry(update, str(update.update_id))  # as the alarm names it
            for update in late:
                await parts.errors.late(update)
            await receive_updates(parts, settings)
    except asyncio.CancelledError:
        log.info("stopped")
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
        await parts.application.shutdown()
        await parts.application.bot.shutdown()  # which that leaves open where the token was refused
        parts.inbox.close()


async def initialized(application: App) -> None:
    """With patience: the network may come up later than the bot."""
    for attempt in range(START_ATTEMPTS):
        try:
            return await application.initialize()
        except InvalidToken:
            raise
        except TelegramError as error:
            log.warning("Telegram cannot be reached yet: %s", error)
            if attempt == START_ATTEMPTS - 1:
                raise
        await asyncio.sleep(min(MAX_START_PAUSE_SECONDS, 2**attempt))
    return None


async def receive_updates(parts: AppParts, settings: Settings) -> None:
    """Takes updates from now on, and returns no more; ConflictError when another process takes them, too."""
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
    complained = ""

    def failed(error: TelegramError) -> None:
        nonlocal complained
        if isinstance(error, Conflict) and not conflict.done():
            conflict.set_exception(ConflictError())
        elif str(error) != complained:  # a long outage is said once, not every few seconds
            complained = str(error)
            log.warning("no updates from Telegram: %s", error)

    await updater.start_polling(
        allowed_updates=allowed, bootstrap_retries=START_ATTEMPTS, drop_pending_updates=False, error_callback=failed
    )
    await conflict


@asynccontextmanager
async def running(parts: AppParts) -> AsyncIterator[None]:
    """Handlers work; at the end those at work get a little time, and nothing new is begun."""
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
