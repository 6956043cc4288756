"""Who follows something, and where: read from messages and presses, and whether they may."""

import asyncio

from telegram import Bot, Message
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.container import Services
from bot.digest.subscription import Destination, Subscription
from bot.digest.subscription_service import Subscriber
from bot.handlers.buttons import ButtonPress
from bot.handlers.settings import ANONYMOUS_ADMIN_ID, is_chat_admin
from bot.transport.sender import asker


async def subscriber_from_message(message: Message, services: Services) -> Subscriber:
    who = asker(message)
    code = message.from_user.language_code if message.from_user else None
    language = await asyncio.to_thread(services.language, who, code, message.text or "")
    user = who.user if who.user != ANONYMOUS_ADMIN_ID else None
    return Subscriber(Destination(message.chat_id, who.thread or 0), user, language)


def subscriber_from_press(press: ButtonPress) -> Subscriber:
    """Where the message with the button stands, in its forum topic."""
    message = press.query.message
    there = isinstance(message, Message) and message.is_topic_message
    thread = message.message_thread_id if there and isinstance(message, Message) else None
    return Subscriber(Destination(press.asker.chat or 0, thread or 0), press.user, press.language)


async def may_write(message: Message, bot: Bot) -> bool:
    """An anonymous administrator writes in the group's name."""
    anonymous = message.sender_chat is not None and message.sender_chat.id == message.chat_id
    user = message.from_user.id if message.from_user else 0
    return anonymous or await is_chat_admin(bot, message.chat_id, user)


async def refusal(press: ButtonPress) -> str:
    """Who may is looked up at the press: in a group anybody sees the buttons."""
    chat = press.asker.chat
    if chat is None:
        return press.say("too-old")
    if press.user == ANONYMOUS_ADMIN_ID:
        return press.say("anonymous-press")
    may = await is_chat_admin(press.context.bot, chat, press.user)
    return "" if may else press.say("follow-groups-only")


async def still_theirs(one: Subscription, press: ButtonPress) -> bool:
    """A channel's subscription is changed in private, by who still runs the channel. Where nobody can tell any more,
    the bot is out of it, and whoever set it up may clear it away."""
    if one.spec.place.chat == press.asker.chat:
        return True
    try:
        return await is_chat_admin(press.context.bot, one.spec.place.chat, press.user)
    except TelegramError:
        return True


async def find_channel(
    name: str, message: Message, bot: Bot, reader: Subscriber
) -> tuple[Destination | None, str, str]:
    """The channel's place and title, or why not: asker and bot must both be its administrators."""
    if message.chat.type != ChatType.PRIVATE:
        return None, "", reader.say("follow-channel-private")
    try:
        chat = await bot.get_chat(name)
        mine = await bot.get_chat_member(chat.id, bot.id)
        theirs = reader.user is not None and await is_chat_admin(bot, chat.id, reader.user)
    except (BadRequest, Forbidden):
        return None, "", reader.say("follow-channel-rights")
    if not theirs or not getattr(mine, "can_post_messages", mine.status == ChatMemberStatus.OWNER):
        return None, "", reader.say("follow-channel-rights")
    return Destination(chat.id), chat.title or name, ""
