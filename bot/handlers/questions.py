"""Telegram's handlers of what is written to the bot: read, ask, reply."""

import asyncio
from collections.abc import Callable

from telegram import Message, Update, User
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot.container import Services
from bot.conversation.answering import AnswerService
from bot.render.html import escape
from bot.render.i18n import Language, say_in
from bot.render.reply import Reply
from bot.transport import message_text
from bot.transport.sender import asker, edit, send

Context = ContextTypes.DEFAULT_TYPE


class QuestionHandlers:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def question(self, update: Update, context: Context) -> None:
        """A private text, /ask, or what a group writes to the bot; the answer is remembered with its message."""
        if message := update.message:
            reply = await asyncio.to_thread(self._answer, message, context.bot.bot)
            sent = await send(message, reply)
            await asyncio.to_thread(self._services.answers.record_sent, reply.question, sent.message_id)

    async def edited(self, update: Update, context: Context) -> None:
        """Editing a question edits its answer. Telegram also tells of edits that nobody sees: the words decide."""
        if message := update.edited_message:
            before = await asyncio.to_thread(
                self._services.answers.question_log.asked_in, message.chat_id, message.message_id
            )
            text = message_text.question_text(message, context.bot.bot)
            if before and before.answer and text and text != before.text:
                reply = await asyncio.to_thread(self._answer, message, context.bot.bot)
                await edit(context.bot, message.chat_id, before.answer, reply)
                await asyncio.to_thread(self._services.answers.record_sent, reply.question, before.answer)

    async def start(self, update: Update, context: Context) -> None:
        if message := update.message:
            payload = message_text.after_command(message) if message.chat.type == ChatType.PRIVATE else ""
            await self.say(message, context, lambda here, language: here.start(payload, language))

    async def help(self, update: Update, context: Context) -> None:
        if message := update.message:
            await self.say(message, context, lambda here, language: here.help(language))

    async def privacy(self, update: Update, context: Context) -> None:
        if message := update.message:
            await self.say(message, context, lambda here, language: here.privacy(language))

    async def topics(self, update: Update, context: Context) -> None:
        if message := update.message:
            await self.say(message, context, lambda here, language: here.topics(0, language))

    async def only_text(self, update: Update, context: Context) -> None:
        """Stickers, photographs, voice: Telegram counts private messages that go unanswered against the bot."""
        if message := update.message:
            await self.say(message, context, lambda here, language: here.only_text(language))

    async def say(self, message: Message, context: Context, what: Callable[[AnswerService, Language], Reply]) -> None:
        """Sends what is made, in a thread, of the bot's knowledge and the reader's language."""
        await send(message, await asyncio.to_thread(lambda: what(self._here(context), self._language(message))))

    def _here(self, context: Context) -> AnswerService:
        return self._services.for_bot(context.bot.username)

    def _answer(self, message: Message, me: User) -> Reply:
        text, who = message_text.question_text(message, me), asker(message)
        language = self._language(message, text)
        if wait := self._services.quota.wait(who.user, message.date):
            return Reply(escape(say_in(language)("too-many", seconds=wait)))
        here = self._services.for_bot(me.username or "")
        return here.question(text, language, who, message_text.replied_answer(message, me))

    def _language(self, message: Message, text: str = "") -> Language:
        code = message.from_user.language_code if message.from_user else None
        return self._services.language(asker(message), code, text)
