"""Permissions: a message or a press goes in, who subscribes where and whether they may comes out."""

import asyncio

from telegram import Bot, Message
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.container import Services
from bot.digest.subscription import Destination, Subscription
from bot.digest.subscription_service import Subscriber
from bot.handlers.buttons import ButtonPress
from bot.transport.errors import bot_was_removed
from bot.transport.sender import asker

ANONYMOUS_ADMIN_ID = 1087968824  # @GroupAnonymousBot, in whose name anonymous administrators write
LEFT_STATUSES = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


async def subscriber_from_message(message: Message, services: Services) -> Subscriber:
    who = asker(message)
    code = message.from_user.language_code if message.from_user else None
    language = await asyncio.to_thread(services.language, who, code, message.text or "")
    user = who.user if who.user != ANONYMOUS_ADMIN_ID else None
    return Subscriber(Destination(message.chat_id, who.thread or 0), user, language)


def subscriber_from_press(press: ButtonPress) -> Subscriber:
    message = press.query.message
    thread = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
    return Subscriber(Destination(press.asker.chat or 0, thread or 0), press.user, press.language)


async def is_chat_admin(bot: Bot, chat: int, user: int) -> bool:
    """A private chat is its person's. Raises TelegramError where Telegram does not answer or the bot is not there."""
    if chat > 0:
        return chat == user
    try:
        member = await bot.get_chat_member(chat, user)
    except BadRequest as error:
        if bot_was_removed(error):
            raise
        return False
    return member.status in {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}


async def is_from_chat_admin(message: Message, bot: Bot) -> bool:
    """An anonymous administrator writes in the group's name."""
    anonymous = message.sender_chat is not None and message.sender_chat.id == message.chat_id
    user = message.from_user.id if message.from_user else 0
    return anonymous or await is_chat_admin(bot, message.chat_id, user)


async def refuse_press(press: ButtonPress, refusal: str) -> str:
    """Empty for the chat's administrators; asked at each press, since everybody in a group sees the buttons."""
    if press.asker.chat is None:
        return press.say("too-old")
    if press.user == ANONYMOUS_ADMIN_ID:
        return press.say("anonymous-press")
    return "" if await is_chat_admin(press.context.bot, press.asker.chat, press.user) else refusal


async def may_change(subscription: Subscription, press: ButtonPress) -> bool:
    """A channel's subscription is changed in private, by those who are the channel's administrators now."""
    return await _administers(subscription, press) is True


async def may_delete(subscription: Subscription, press: ButtonPress) -> bool:
    """Also the person who subscribed a channel that the bot was removed from: they clear up."""
    administers = await _administers(subscription, press)
    return subscription.spec.user == press.user if administers is None else administers


async def _administers(subscription: Subscription, press: ButtonPress) -> bool | None:
    """None where the bot was removed from the chat. Raises TelegramError where Telegram does not answer."""
    chat = subscription.spec.place.chat
    if chat == press.asker.chat:
        return True
    try:
        return await is_chat_admin(press.context.bot, chat, press.user)
    except TelegramError as error:
        if bot_was_removed(error):
            return None
        raise


async def find_channel(
    name: str, message: Message, bot: Bot, subscriber: Subscriber
) -> tuple[Destination | None, str, str]:
    """The channel's place and title, or the refusal: person and bot must both be its administrators."""
    if message.chat.type != ChatType.PRIVATE:
        return None, "", subscriber.say("follow-channel-private")
    try:
        chat = await bot.get_chat(name)
        mine = await bot.get_chat_member(chat.id, bot.id)
        theirs = subscriber.user is not None and await is_chat_admin(bot, chat.id, subscriber.user)
    except (BadRequest, Forbidden):
        return None, "", subscriber.say("follow-channel-rights")
    if not theirs or not getattr(mine, "can_post_messages", mine.status == ChatMemberStatus.OWNER):
        return None, "", subscriber.say("follow-channel-rights")
    return Destination(chat.id), chat.title or name, ""
