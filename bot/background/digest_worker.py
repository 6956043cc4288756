"""Digests beside the answers: begun with the bot, ended with it, what is in flight included."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegram import Bot
from telegram.ext import ExtBot

from bot.container import Services
from bot.delivery.dispatcher import DeliveryLoop
from bot.delivery.sender import OutboxSender
from bot.digest.standing_questions import StandingQuestions
from bot.transport.admin_alerts import AdminAlerts
from bot.transport.send_scheduler import SendScheduler

log = logging.getLogger(__name__)

DIGEST_GRACE_SECONDS = 8.0  # seconds that what is in flight has when the bot is stopped; then it counts as uncertain


@asynccontextmanager
async def run_digests(
    services: Services, bot: ExtBot[Any], scheduler: SendScheduler, alerts: AdminAlerts
) -> AsyncIterator[DeliveryLoop]:
    planner = services.planner(bot.username)
    now = services.answers.now
    sender = OutboxSender(
        planner, without_rate_limiter(bot), scheduler, alerts.report, services.personal_data.move, now
    )
    delivery = DeliveryLoop(planner, StandingQuestions(planner), sender, alerts.report, now)
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        delivery.stop()
        try:
            await asyncio.wait_for(task, DIGEST_GRACE_SECONDS)
        except TimeoutError:
            log.warning("deliveries in flight were given up")


def without_rate_limiter(bot: ExtBot[Any]) -> Bot:
    """The same bot without its rate limiter: the outbox takes its turns itself, to note each send right before it."""
    base = bot.base_url.removesuffix(bot.token)
    return Bot(bot.token, base_url=base, request=bot.request, get_updates_request=bot.request)
