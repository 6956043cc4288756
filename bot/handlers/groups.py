"""Groups: membership changes, migrations and /status go in, a welcome and the ways to ask in the chat go out."""

import asyncio
import logging
from dataclasses import replace

from telegram import ChatMember, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.digest.subscription import Destination
from bot.digest.subscription_service import Subscriber
from bot.handlers.base import Context, HandlerGroup, with_message
from bot.handlers.permissions import LEFT_STATUSES
from bot.question_log.log import Asker
from bot.render.html import escape
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Reply
from bot.transport.sender import asker, post, send

log = logging.getLogger(__name__)

MAX_FAILING_SHOWN = 10  # feeds


class GroupHandlers(HandlerGroup):
    async def membership(self, update: Update, context: Context) -> None:
        """Welcomes where the bot was added, cleans up where it was removed; a person who blocks it keeps settings."""
        change = update.my_chat_member
        if change is None or change.chat.type not in {ChatType.GROUP, ChatType.SUPERGROUP}:
            return
        if change.new_chat_member.status in LEFT_STATUSES:
            await asyncio.to_thread(self._services.personal_data.left, change.chat.id)
        elif change.old_chat_member.status in LEFT_STATUSES and _can_send(change.new_chat_member):
            await self._welcome(change, context)

    @with_message
    async def moved(self, message: Message, _: Context) -> None:
        """Both the old group and the new one report it; the first report counts."""
        if message.migrate_to_chat_id:
            await asyncio.to_thread(self._services.personal_data.move, message.chat_id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id:
            await asyncio.to_thread(self._services.personal_data.move, message.migrate_from_chat_id, message.chat_id)

    @with_message
    async def status(self, message: Message, context: Context) -> None:
        language = await asyncio.to_thread(self.language, message)
        answers = self._services.for_bot(context.bot.username)
        ways = await _ways_here(context, message.chat_id, say_in(language))
        reply = await asyncio.to_thread(answers.status, ways, language)
        deliveries = await asyncio.to_thread(self._deliveries, asker(message), context.bot.username, language)
        await send(message, replace(reply, text=f"{reply.text}\n\n{escape(deliveries)}"))

    async def _welcome(self, change: ChatMemberUpdated, context: Context) -> None:
        """Not being able to write in the group is no failure."""
        chat, adder = change.chat, change.from_user
        allowed = await asyncio.to_thread(self._admit, chat.id, chat.title or "", adder.id)
        who = Asker("group", adder.id, chat.id)
        say = say_in(await asyncio.to_thread(self._services.language, who, adder.language_code))
        text = f"{say('welcome')}\n\n{ways_to_ask(context.bot.bot, change.new_chat_member, say)}"
        try:
            await post(context.bot, chat.id, Reply(escape(text if allowed else say("stranger"))))
        except TelegramError as error:
            log.info("no welcome in a group: %s", error)

    def _deliveries(self, who: Asker, bot_name: str, language: Language) -> str:
        """Those of all chats for an operator in private."""
        operator = who.place == "private" and self._services.access.is_admin(who.user)
        subscriber = Subscriber(Destination(who.chat or 0, who.thread or 0), who.user, language)
        lines = [self._services.subscription_service(bot_name).status(subscriber, operator)]
        if operator and (failing := self._services.feeds.failing()):
            lines.append(say_in(language)("status-feeds", feeds=len(failing)))
            lines += [f"{feed.url}: {feed.error}" for feed in failing[:MAX_FAILING_SHOWN]]
        return "\n".join(lines)

    def _admit(self, chat: int, title: str, adder: int) -> bool:
        """A group that an operator adds the bot to is allowed by that."""
        access = self._services.access
        if access.policy == "invite" and access.is_admin(adder):
            access.allow_chat(chat, title, adder)
        return access.allows(adder, chat)


async def _ways_here(context: Context, chat: int, say: Say) -> str:
    if chat < 0:
        return ways_to_ask(context.bot.bot, await context.bot.get_chat_member(chat, context.bot.id), say)
    inline = context.bot.bot.supports_inline_queries
    return "\n".join([say("way-private"), *([say("way-inline", bot=context.bot.username)] if inline else [])])


def ways_to_ask(me: User, member: ChatMember, say: Say) -> str:
    """The ways that work in a group: in privacy mode Telegram keeps its messages from bots."""
    hears = me.can_read_all_group_messages or member.status == ChatMemberStatus.ADMINISTRATOR
    name = me.username or ""
    mention = say("way-mention", bot=name) if hears else say("way-mention-maybe", bot=name)
    inline = [say("way-inline", bot=name)] if me.supports_inline_queries else []
    return "\n".join([say("way-ask"), say("way-reply"), mention, *inline])


def _can_send(member: ChatMember) -> bool:
    return getattr(member, "can_send_messages", None) is not False
