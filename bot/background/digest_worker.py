"""Builds the delivery loop from the services and runs it beside the bot."""

from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from telegram.ext import ExtBot

from bot.background.service import run_beside
from bot.container import Services
from bot.delivery.dispatcher import DeliveryLoop
from bot.delivery.sender import OutboxSender
from bot.digest.standing_questions import StandingQuestions
from bot.transport.admin_alerts import AdminAlerts

DIGEST_GRACE_SECONDS = 8.0  # seconds that requests in flight have when the bot is stopped; then they are uncertain


def run_digests(services: Services, bot: ExtBot[Any], alerts: AdminAlerts) -> AbstractAsyncContextManager[None]:
    planner, now = services.planner(bot.username), services.answers.now
    alert = partial(alerts.report, kind="digest")
    sender = OutboxSender(planner, bot, alert, now)
    loop = DeliveryLoop(planner, StandingQuestions(planner), sender, alert, now)
    return run_beside(loop.run(), loop.stop, DIGEST_GRACE_SECONDS)
