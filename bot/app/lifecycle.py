"""Serves Telegram's updates from the start of the application to a signal to stop."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from telegram import Update

from bot.app.application import AppParts
from bot.settings import Settings
from bot.transport import webhook
from bot.transport.command_menu import publish_menus
from bot.transport.update_poller import ConflictError, UpdatePoller, persist

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
STOP_GRACE_SECONDS = 5.0  # for answers in progress at a stop; the rest is answered at the next start

# Runs beside the answers, such as digests: starts before the first update is taken, ends after the last answer.
Worker = Callable[[], AbstractAsyncContextManager[object]]


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
        await persist(parts.application.initialize, START_ATTEMPTS)
        async with running(parts), AsyncExitStack() as stack:
            for worker in workers:
                await stack.enter_async_context(worker())
            holding = loop.create_task(parts.processor.hold(ready))
            stack.callback(holding.cancel)
            menus = loop.create_task(publish_menus(parts.application.bot, settings.public_page))
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


def allowed_updates(settings: Settings) -> list[str]:
    """The kinds of updates that Telegram is asked for; it remembers them."""
    return [*ALLOWED_UPDATES, *([Update.GUEST_MESSAGE] if settings.guests == "on" else [])]


async def receive_updates(parts: AppParts, settings: Settings) -> None:
    """Never returns; ConflictError when another process takes this bot's updates too."""
    allowed, bot = allowed_updates(settings), parts.bot

    async def receive(raws: Sequence[object]) -> None:
        await parts.inbox.receive(raws, bot)

    if settings.webhook_url:
        url = settings.webhook_url
        async with webhook.listening(settings.webhook_listen, url, receive) as secret:
            await persist(lambda: bot.set_webhook(url, allowed_updates=allowed, secret_token=secret), START_ATTEMPTS)
            await webhook.watch_webhook(bot, url, parts.heartbeat)
        raise ConflictError
    await persist(lambda: bot.delete_webhook(drop_pending_updates=False), START_ATTEMPTS)
    await UpdatePoller(bot, receive, allowed).run()


@asynccontextmanager
async def running(parts: AppParts) -> AsyncIterator[None]:
    """At the end, handlers that are at work get STOP_GRACE_SECONDS, and no new one starts."""
    application = parts.application
    await application.start()
    try:
        yield
    finally:
        parts.processor.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(parts.inbox.join(), STOP_GRACE_SECONDS)
        parts.limiter.stop()
        await application.stop()
        await parts.alerts.settle()
