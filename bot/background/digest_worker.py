"""Digests beside the answers: begun with the bot, ended with it, what is in flight included."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegram import Bot
from telegram.ext import ExtBot

from bot.container import Desk
from bot.delivery.dispatcher import Delivery
from bot.delivery.sender import Courier
from bot.digest.standing_questions import Standing
from bot.transport.admin_alerts import Alarms
from bot.transport.send_scheduler import Turns

log = logging.getLogger(__name__)

GRACE = 8.0  # seconds that what is in flight has when the bot is stopped; then it counts as uncertain


@asynccontextmanager
async def delivering(desk: Desk, bot: ExtBot[Any], turns: Turns, alarms: Alarms) -> AsyncIterator[Delivery]:
    planner = desk.planner(bot.username)
    now = desk.replies.now
    courier = Courier(planner, unpaced(bot), turns, alarms.report, desk.everything.move, now)
    delivery = Delivery(planner, Standing(planner), courier, alarms.report, now)
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        delivery.stop()
        try:
            await asyncio.wait_for(task, GRACE)
        except TimeoutError:
            log.warning("deliveries in flight were given up")


def unpaced(bot: ExtBot[Any]) -> Bot:
    """The same bot without its rate limiter: the outbox takes its turns itself, to note each send right before it."""
    base = bot.base_url.removesuffix(bot.token)
    return Bot(bot.token, base_url=base, request=bot.request, get_updates_request=bot.request)
