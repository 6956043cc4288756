"""Assembles the Telegram application: inbox, order of processing, handlers, rate limiter, error handling."""

import os
from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, ExtBot
from telegram.request import BaseRequest

from bot.container import Services
from bot.handlers.base import Context
from bot.handlers.errors import ErrorHandler
from bot.handlers.questions import waiting_line
from bot.handlers.table import handler_table
from bot.settings import Settings
from bot.transport.admin_alerts import AdminAlerts
from bot.transport.command_menu import COMMANDS
from bot.transport.heartbeat import Heartbeat, HeartbeatRequest
from bot.transport.http_client import build_request
from bot.transport.inbox_table import inbox_migrations
from bot.transport.rate_limiter import AdaptiveRateLimiter
from bot.transport.routing import Route, classify_update
from bot.transport.send_scheduler import SendLimits
from bot.transport.sender import DEFAULTS
from bot.transport.update_inbox import UpdateInbox
from bot.transport.update_poller import RawUpdatesBot
from bot.transport.update_processor import PerChatUpdateProcessor
from bot.transport.waiting_sign import WaitingSign
from retrieval.storage.store import Store

App = Application[ExtBot[Any], Context, dict[Any, Any], dict[Any, Any], dict[Any, Any], None]

MAX_CONNECTIONS = 256
# With a single connection, getUpdates waits for ever for a broken one.
POLL_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class AppParts:
    application: App
    bot: RawUpdatesBot
    inbox: UpdateInbox
    processor: PerChatUpdateProcessor
    limiter: AdaptiveRateLimiter
    alerts: AdminAlerts
    errors: ErrorHandler
    heartbeat: Heartbeat
    sign: WaitingSign


def assemble(
    settings: Settings, services: Services, request: BaseRequest | None = None, limits: SendLimits | None = None
) -> AppParts:
    """In tests `request` replaces both HTTP clients and `limits` Telegram's."""
    # python-telegram-bot recommends it; without it every flood limit gives a deprecation warning.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    token = settings.token.get_secret_value() if settings.token else ""
    proxy = settings.proxy.get_secret_value() if settings.proxy else None

    def route(update: Update) -> Route:
        return classify_update(update, application.bot.bot, COMMANDS)

    alerts = AdminAlerts(lambda: application.bot, settings.admins, language=services.operator_language)
    inbox = UpdateInbox(Store(settings.data / "bot.db", inbox_migrations), route, partial(alerts, kind="inbox"))
    sign = WaitingSign(partial(waiting_line, services.access, services.preferences))
    processor, limiter = PerChatUpdateProcessor(inbox, sign), AdaptiveRateLimiter(limits, services.personal_data.move)
    errors, heartbeat = ErrorHandler(inbox, alerts, settings.secrets()), Heartbeat()
    bot = RawUpdatesBot(
        token,
        base_url=settings.api_url,
        base_file_url=settings.file_url,
        request=request or build_request(MAX_CONNECTIONS, proxy),
        get_updates_request=request or HeartbeatRequest(heartbeat, build_request(POLL_CONNECTIONS, proxy)),
        defaults=DEFAULTS,
        rate_limiter=limiter,
    )
    builder: Any = ApplicationBuilder().bot(bot).job_queue(None).updater(None).update_queue(inbox)
    application: App = builder.concurrent_updates(processor).build()
    for group, handlers in handler_table(services, sign).items():
        application.add_handlers(handlers, group)
    application.add_error_handler(errors.failed)
    return AppParts(application, bot, inbox, processor, limiter, alerts, errors, heartbeat, sign)
