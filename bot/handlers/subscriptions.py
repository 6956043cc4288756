"""/subscribe, /subscriptions and /digest: commands and membership changes go in, subscriptions and digests go out."""

import asyncio

from telegram import Message, Update
from telegram.constants import ChatType

from bot.digest.subscription import Destination, PauseReason
from bot.digest.subscription_service import Subscriber, SubscriptionService
from bot.handlers import permissions
from bot.handlers.base import Context, HandlerGroup, with_message
from bot.handlers.completion import ReplyCompleter
from bot.render.html import escape
from bot.render.reply import Reply
from bot.transport.message_text import after_command
from bot.transport.sender import send


class SubscriptionHandlers(HandlerGroup):
    @with_message
    async def subscribe(self, message: Message, context: Context) -> None:
        subscriber = await permissions.subscriber_from_message(message, self._services)
        service = self._service(context)
        command = await asyncio.to_thread(service.parse, after_command(message), subscriber)
        channel, title, refusal = await _target(command.channel, message, context, subscriber)
        reply = Reply(escape(refusal))
        if not refusal:
            origin = None if channel else message.message_id
            reply = await asyncio.to_thread(service.subscribe, command, subscriber, origin, channel, title)
        await send(message, reply)

    @with_message
    async def subscriptions(self, message: Message, context: Context) -> None:
        """Resumes what was paused because the chat could not be reached: the reader is evidently there."""
        subscriber = await permissions.subscriber_from_message(message, self._services)
        service = self._service(context)
        await asyncio.to_thread(service.resume_place, subscriber.place)
        await send(message, await asyncio.to_thread(service.listing, 0, subscriber))

    @with_message
    async def digest(self, message: Message, context: Context) -> None:
        subscriber = await permissions.subscriber_from_message(message, self._services)
        if wait := self.wait(message):
            if refusal := self.too_many(message, wait, subscriber.say):
                await send(message, refusal)
            return
        for page in await asyncio.to_thread(self._service(context).digest, subscriber):
            await ReplyCompleter(self._services).send(message, Reply(page))

    async def membership(self, update: Update, context: Context) -> None:
        """Pauses everything of a chat that blocked or removed the bot, and resumes it when the bot is let in again."""
        if change := update.my_chat_member:
            place, service = Destination(change.chat.id), self._service(context)
            if change.new_chat_member.status in permissions.LEFT_STATUSES:
                reason: PauseReason = "blocked" if change.chat.type == ChatType.PRIVATE else "kicked"
                await asyncio.to_thread(service.planner.subscriptions.pause_place, place, reason)
                await asyncio.to_thread(service.planner.outbox.drop, place, reason, service.now)
            else:
                await asyncio.to_thread(service.resume_place, place)

    @with_message
    async def started(self, message: Message, context: Context) -> None:
        """/start also resumes, for unblocking and invitations that the bot missed while it was down."""
        await asyncio.to_thread(self._service(context).resume_place, Destination(message.chat_id))

    @with_message
    async def reopened(self, message: Message, context: Context) -> None:
        place = Destination(message.chat_id, message.message_thread_id or 0)
        await asyncio.to_thread(self._service(context).resume_place, place)

    def _service(self, context: Context) -> SubscriptionService:
        return self._services.subscription_service(context.bot.username)


async def _target(
    channel: str | None, message: Message, context: Context, subscriber: Subscriber
) -> tuple[Destination | None, str, str]:
    """The channel to deliver to, if one is named, with its title; or the refusal."""
    if not await permissions.is_from_chat_admin(message, context.bot):
        return None, "", subscriber.say("follow-groups-only")
    if not channel:
        return None, "", ""
    return await permissions.find_channel(channel, message, context.bot, subscriber)
