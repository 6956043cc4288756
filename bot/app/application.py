"""The Telegram application, put together: what comes in, in which order it is worked on, how answers go out."""

import os
from dataclasses import dataclass
from typing import Any

from telegram import LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.ext import Application, ApplicationBuilder, Defaults, ExtBot
from telegram.request import BaseRequest

from bot.container import Desk
from bot.handlers.errors import Mishaps
from bot.handlers.questions import Context
from bot.handlers.table import table
from bot.settings import Settings
from bot.transport.admin_alerts import Alarms
from bot.transport.command_menu import COMMANDS
from bot.transport.heartbeat import Heartbeat, Polls
from bot.transport.http_client import connection
from bot.transport.rate_limiter import Pacer
from bot.transport.routing import Way, way_in
from bot.transport.send_scheduler import Limits
from bot.transport.update_inbox import Inbox, migrations
from bot.transport.update_processor import InOrder
from retrieval.storage.store import Store

App = Application[ExtBot[Any], Context, dict[Any, Any], dict[Any, Any], dict[Any, Any], None]

CONNECTIONS = 256  # to send by
# With a single connection, one that is torn keeps getUpdates waiting for it for ever.
POLLS = 4


class Keeping(ExtBot[Pacer]):
    """Updates that it gets are kept together, before they are looked at one by one."""

    def __init__(self, inbox: Inbox, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._inbox = inbox

    async def get_updates(self, *arguments: Any, **named: Any) -> tuple[Update, ...]:
        updates = await super().get_updates(*arguments, **named)
        await self._inbox.keep(updates)
        return updates


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
    proxy = settings.proxy.get_secret_value() if settings.proxy else None

    def hears(update: Update) -> Way:
        return way_in(update, application.bot.bot, COMMANDS)

    alarms = Alarms(lambda: application.bot, settings.admins)
    inbox = Inbox(Store(settings.data / "bot.db", migrations), hears, alarms)
    order, pacer = InOrder(inbox), Pacer(limits, desk.everything.move)
    mishaps, heartbeat = Mishaps(inbox, alarms, token), Heartbeat()
    bot = Keeping(
        inbox,
        token,
        base_url=settings.api_url,
        base_file_url=settings.file_url,
        request=request or connection(CONNECTIONS, proxy),
        get_updates_request=request or Polls(heartbeat, connection(POLLS, proxy)),
        defaults=Defaults(
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            allow_sending_without_reply=True,
        ),
        rate_limiter=pacer,
    )
    builder: Any = ApplicationBuilder().bot(bot).job_queue(None).update_queue(inbox).concurrent_updates(order)
    application: App = builder.build()
    for group, handlers in table(desk).items():
        application.add_handlers(handlers, group)
    application.add_error_handler(mishaps.failed)
    return Parts(application, inbox, order, pacer, alarms, mishaps, heartbeat)


def build(settings: Settings, desk: Desk, request: BaseRequest | None = None, limits: Limits | None = None) -> App:
    return assemble(settings, desk, request, limits).application
