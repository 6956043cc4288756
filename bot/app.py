"""The Telegram application, put together: what comes in, in which order it is worked on, how answers go out."""

import os
from dataclasses import dataclass
from typing import Any

from telegram import LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.ext import Application, ApplicationBuilder, Defaults, ExtBot
from telegram.request import BaseRequest

from bot.addressed import Way, way_in
from bot.alarms import Alarms
from bot.asking import Context
from bot.commands import COMMANDS
from bot.database import Store
from bot.desk import Desk
from bot.handlers import table
from bot.heartbeat import Heartbeat, Polls
from bot.inbox import Inbox, migrations
from bot.mishaps import Mishaps
from bot.pacing import Pacer
from bot.processing import InOrder
from bot.settings import Settings
from bot.turns import Limits

App = Application[ExtBot[Any], Context, dict[Any, Any], dict[Any, Any], dict[Any, Any], None]

CONNECT, WRITE, READ = 10.0, 10.0, 20.0  # seconds: through a slow proxy, too
POOL = 5.0  # seconds to wait for one of the connections below
CONNECTIONS = 256
# With a single connection, one that is torn keeps getUpdates waiting for it for ever.
POLLS = 4


@dataclass(frozen=True, slots=True)
class Parts:
    application: App
    inbox: Inbox
    order: InOrder
    pacer: Pacer
    alarms: Alarms
    mishaps: Mishaps
    heartbeat: Heartbeat


def assemble(settings: Settings, desk: Desk, request: BaseRequest | None = None, limits: Limits | None = None) -> Parts:
    """`request` takes the place of both HTTP clients in tests, `limits` that of Telegram's."""
    # python-telegram-bot asks for it itself: without it every flood limit warns of a change to come.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    token = settings.token.get_secret_value() if settings.token else ""

    def hears(update: Update) -> Way:
        return way_in(update, application.bot.bot, COMMANDS)

    alarms = Alarms(lambda: application.bot, settings.admins)
    inbox = Inbox(Store(settings.data / "bot.db", migrations), hears, alarms)
    order, pacer = InOrder(inbox), Pacer(limits, desk.everything.move)
    mishaps, heartbeat = Mishaps(inbox, alarms, token), Heartbeat()
    builder = (
        ApplicationBuilder()
        .token(token)
        .base_url(settings.api_url)
        .base_file_url(settings.file_url)
        .defaults(
            Defaults(
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                allow_sending_without_reply=True,
            )
        )
        .job_queue(None)
        .update_queue(inbox)
        .concurrent_updates(order)
        .rate_limiter(pacer)
    )
    application: App = (
        connected(builder, settings, heartbeat) if request is None else replaced(builder, request)
    ).build()
    for group, handlers in table(desk).items():
        application.add_handlers(handlers, group)
    application.add_error_handler(mishaps.failed)
    return Parts(application, inbox, order, pacer, alarms, mishaps, heartbeat)


def build(settings: Settings, desk: Desk, request: BaseRequest | None = None, limits: Limits | None = None) -> App:
    return assemble(settings, desk, request, limits).application


def connected(builder: Any, settings: Settings, heartbeat: Heartbeat) -> Any:
    """getUpdates has a client of its own: what is set for one must be set for both."""
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    builder = (
        builder.connect_timeout(CONNECT)
        .write_timeout(WRITE)
        .read_timeout(READ)
        .pool_timeout(POOL)
        .connection_pool_size(CONNECTIONS)
        .get_updates_request(
            Polls(
                heartbeat,
                connect_timeout=CONNECT,
                write_timeout=WRITE,
                read_timeout=READ,
                pool_timeout=POOL,
                connection_pool_size=POLLS,
                proxy=proxy,
            )
        )
    )
    return builder.proxy(proxy) if proxy else builder


def replaced(builder: Any, request: BaseRequest) -> Any:
    return builder.request(request).get_updates_request(request)
