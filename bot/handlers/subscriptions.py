"""/subscribe, /subscriptions, /digest, and whether a chat can be reached; in groups administrators follow."""

import asyncio

from telegram import Update
from telegram.constants import ChatMemberStatus, ChatType

from bot.container import Services
from bot.digest.subscription import Destination, PauseReason
from bot.digest.subscription_service import SubscriptionService
from bot.handlers import permissions
from bot.handlers.questions import Context
from bot.render.html import escape
from bot.render.reply import Reply
from bot.transport.message_text import after_command
from bot.transport.sender import send

LEFT_STATUSES = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


class SubscriptionHandlers:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def subscribe(self, update: Update, context: Context) -> None:
        if message := update.message:
            reader, here = await permissions.subscriber_from_message(message, self._services), self._here(context)
            order = await asyncio.to_thread(here.parse, after_command(message), reader)
            channel, title, refusal = None, "", ""
            if not await permissions.may_write(message, context.bot):
                refusal = reader.say("follow-groups-only")
            elif order.channel:
                channel, title, refusal = await permissions.find_channel(order.channel, message, context.bot, reader)
            if refusal:
                await send(message, Reply(escape(refusal)))
            else:
                wrote = None if channel else message.message_id
                await send(message, await asyncio.to_thread(here.subscribe, order, reader, wrote, channel, title))

    async def subscriptions(self, update: Update, context: Context) -> None:
        """Whoever looks is there: what was paused because the chat could not be reached goes on."""
        if message := update.message:
            reader, here = await permissions.subscriber_from_message(message, self._services), self._here(context)
            await asyncio.to_thread(here.resume_place, reader.place)
            await send(message, await asyncio.to_thread(here.listing, 0, reader))

    async def digest(self, update: Update, context: Context) -> None:
        if message := update.message:
            reader, here = await permissions.subscriber_from_message(message, self._services), self._here(context)
            for page in await asyncio.to_thread(here.digest, reader):
                await send(message, Reply(page))

    async def membership(self, update: Update, context: Context) -> None:
        """Blocked or removed, everything of the chat is paused; let in again, it goes on."""
        if change := update.my_chat_member:
            place, here = Destination(change.chat.id), self._here(context)
            if change.new_chat_member.status in LEFT_STATUSES:
                reason: PauseReason = "blocked" if change.chat.type == ChatType.PRIVATE else "kicked"
                await asyncio.to_thread(here.planner.subscriptions.pause_place, place, reason)
                await asyncio.to_thread(here.planner.outbox.drop, place, reason, here.now)
            else:
                await asyncio.to_thread(here.resume_place, place)

    async def started(self, update: Update, context: Context) -> None:
        """Whoever unblocked the bot or was invited again while it did not look presses Start."""
        if message := update.message:
            await asyncio.to_thread(self._here(context).resume_place, Destination(message.chat_id))

    async def reopened(self, update: Update, context: Context) -> None:
        if message := update.message:
            await asyncio.to_thread(
                self._here(context).resume_place, Destination(message.chat_id, message.message_thread_id or 0)
            )

    def _here(self, context: Context) -> SubscriptionService:
        return self._services.subscription_service(context.bot.username)
