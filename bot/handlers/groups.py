"""Groups as such: being added, removed and moved, and which ways of asking work in a chat."""

import asyncio
import logging
from dataclasses import replace

from telegram import ChatMember, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.container import Services
from bot.digest.subscription import Destination
from bot.digest.subscription_service import Subscriber
from bot.handlers.questions import Context
from bot.question_log.log import Asker
from bot.render.html import escape
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Reply
from bot.transport.sender import asker, post, send

log = logging.getLogger(__name__)

LEFT_STATUSES = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


MAX_FAILING_SHOWN = 10  # feeds that are named


class GroupHandlers:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def membership(self, update: Update, context: Context) -> None:
        """Welcomes where it was added, cleans up where it was removed. Who blocks the bot keeps what they chose."""
        change = update.my_chat_member
        if change is None or change.chat.type not in {ChatType.GROUP, ChatType.SUPERGROUP}:
            return
        was, now = change.old_chat_member.status in LEFT_STATUSES, change.new_chat_member.status in LEFT_STATUSES
        if now:
            await asyncio.to_thread(self._services.personal_data.left, change.chat.id)
        elif was and may_write(change.new_chat_member):
            by = change.from_user
            allowed = await asyncio.to_thread(self._let_in, change.chat.id, change.chat.title or "", by.id)
            who = Asker("group", by.id, change.chat.id)
            language = await asyncio.to_thread(self._services.language, who, by.language_code)
            say = say_in(language)
            text = (
                f"{say('welcome')}\n\n{ways_to_ask(context.bot.bot, change.new_chat_member, say)}"
                if allowed
                else say("stranger")
            )
            await _quietly(context, change.chat.id, Reply(escape(text)))

    async def moved(self, update: Update, _: Context) -> None:
        """Both the old group and the new one tell of it; whichever comes first counts."""
        if (message := update.message) and message.migrate_to_chat_id:
            await asyncio.to_thread(self._services.personal_data.move, message.chat_id, message.migrate_to_chat_id)
        elif message and message.migrate_from_chat_id:
            await asyncio.to_thread(self._services.personal_data.move, message.migrate_from_chat_id, message.chat_id)

    async def status(self, update: Update, context: Context) -> None:
        if message := update.message:
            code = message.from_user.language_code if message.from_user else None
            language = await asyncio.to_thread(self._services.language, asker(message), code)
            here = self._services.for_bot(context.bot.username)
            text = await self._ways(context, message.chat_id, language)
            reply = await asyncio.to_thread(here.status, text, language)
            deliveries = await asyncio.to_thread(self._deliveries, asker(message), context.bot.username, language)
            await send(message, replace(reply, text=f"{reply.text}\n\n{escape(deliveries)}"))

    def _deliveries(self, who: Asker, bot_name: str, language: Language) -> str:
        """To who runs the bot, in private, those of all chats."""
        admin = who.place == "private" and self._services.access.is_admin(who.user)
        reader = Subscriber(Destination(who.chat or 0, who.thread or 0), who.user, language)
        lines = [self._services.subscription_service(bot_name).status(reader, admin)]
        if admin and (failing := self._services.feeds.failing()):
            lines.append(say_in(language)("status-feeds", feeds=len(failing)))
            lines += [f"{feed.url}: {feed.error}" for feed in failing[:MAX_FAILING_SHOWN]]
        return "\n".join(lines)

    async def _ways(self, context: Context, chat: int, language: Language) -> str:
        say = say_in(language)
        if chat > 0:
            inline = context.bot.bot.supports_inline_queries
            return "\n".join([say("way-private"), *([say("way-inline", bot=context.bot.username)] if inline else [])])
        return ways_to_ask(context.bot.bot, await context.bot.get_chat_member(chat, context.bot.id), say)

    def _let_in(self, chat: int, title: str, by: int) -> bool:
        """Who runs the bot and adds it to a group lets the group in."""
        access = self._services.access
        if access.policy == "invite" and access.is_admin(by):
            access.allow_chat(chat, title, by)
        return access.allows(by, chat)


def ways_to_ask(me: User, member: ChatMember, say: Say) -> str:
    """Which ways of asking work in a group: Telegram withholds its talk from bots in privacy mode."""
    hears = me.can_read_all_group_messages or member.status == ChatMemberStatus.ADMINISTRATOR
    lines = [say("way-ask"), say("way-reply")]
    lines.append(
        say("way-mention", bot=me.username or "") if hears else say("way-mention-maybe", bot=me.username or "")
    )
    if me.supports_inline_queries:
        lines.append(say("way-inline", bot=me.username or ""))
    return "\n".join(lines)


def may_write(member: ChatMember) -> bool:
    return getattr(member, "can_send_messages", None) is not False


async def _quietly(context: Context, chat: int, reply: Reply) -> None:
    """A welcome nobody may hear, in a group where the bot may not write, is no failure."""
    try:
        await post(context.bot, chat, reply)
    except TelegramError as error:
        log.info("no welcome in a group: %s", error)
