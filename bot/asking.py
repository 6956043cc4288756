"""Telegram's handlers: read, ask, reply."""

import asyncio
from collections.abc import Callable

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot.catalogue import Language, reader_language
from bot.journal import Asker
from bot.replies import Replies

Context = ContextTypes.DEFAULT_TYPE


class Asking:
    """`replies` is given the bot's name and so comes with each call: Telegram tells it only after the start."""

    def __init__(self, replies: Callable[[str], Replies]) -> None:
        self._replies = replies

    async def question(self, update: Update, context: Context) -> None:
        """A private text is a question."""
        if message := update.message:
            await self._answer(message, message.text or "", context)

    async def ask(self, update: Update, context: Context) -> None:
        """/ask with a question, or in reply to the message that is one."""
        if message := update.message:
            await self._answer(message, after_command(message) or quoted(message), context)

    async def start(self, update: Update, context: Context) -> None:
        if message := update.message:
            here = self._replies(context.bot.username)
            await reply(message, await asyncio.to_thread(here.start, after_command(message), language(message)))

    async def help(self, update: Update, context: Context) -> None:
        if message := update.message:
            await reply(message, self._replies(context.bot.username).help(language(message)))

    async def topics(self, update: Update, context: Context) -> None:
        if message := update.message:
            here = self._replies(context.bot.username)
            await reply(message, await asyncio.to_thread(here.topics, language(message)))

    async def only_text(self, update: Update, context: Context) -> None:
        """Stickers, photographs, voice: Telegram counts private messages that go unanswered against the bot."""
        if message := update.message:
            await reply(message, self._replies(context.bot.username).only_text(language(message)))

    async def _answer(self, message: Message, text: str, context: Context) -> None:
        here = self._replies(context.bot.username)
        await reply(message, await asyncio.to_thread(here.question, text, language(message, text), asker(message)))


async def reply(message: Message, pages: list[str]) -> None:
    """In a group the first page hangs on the question: others may have spoken in between."""
    for number, page in enumerate(pages):
        await message.reply_html(page, do_quote=number == 0 and message.chat.type != ChatType.PRIVATE)


def language(message: Message, text: str = "") -> Language:
    return reader_language(message.from_user.language_code if message.from_user else None, text)


def asker(message: Message) -> Asker:
    return Asker(
        place="private" if message.chat.type == ChatType.PRIVATE else "group",
        user=message.from_user.id if message.from_user else None,
        chat=message.chat_id,
        thread=message.message_thread_id if message.is_topic_message else None,
    )


def after_command(message: Message) -> str:
    """A command's words as they were typed; its entity is ASCII, so that UTF-16 units are characters."""
    command = message.entities[0].length if message.entities else 0
    return (message.text or "")[command:].strip()


def quoted(message: Message) -> str:
    """The words of the message that is replied to: only the quoted part where there is one."""
    if message.quote:
        return message.quote.text
    original = message.reply_to_message
    return (original.text or original.caption or "") if original else ""
