"""Sends and edits replies: replies go in, with notes for a private chat, and edits follow when a model is ready."""

import asyncio
from dataclasses import dataclass, replace

from telegram import Bot, Message

from bot.container import Services
from bot.render.html import fits_message, italic
from bot.render.i18n import say_in
from bot.render.reply import Reply
from bot.transport.sender import edit, post, send
from retrieval.model.documents import BEIJING


@dataclass(frozen=True, slots=True)
class ReplyCompleter:
    """Without a model and notes its methods are those of bot/transport/sender.py."""

    services: Services

    async def send(self, message: Message, reply: Reply) -> int:
        reply = await self._hinting(message.chat_id, reply)
        told = await self._telling(message.chat_id, reply)
        sent = await send(message, told)
        await self._follow(message.get_bot(), message.chat_id, sent, told, tells=told is not reply)
        return sent

    async def post(self, bot: Bot, chat: int, reply: Reply, thread: int | None = None) -> int:
        reply = await self._hinting(chat, reply)
        told = await self._telling(chat, reply)
        sent = await post(bot, chat, told, thread)
        await self._follow(bot, chat, sent, told, tells=told is not reply)
        return sent

    async def edit(self, bot: Bot, chat: int, message: int, reply: Reply) -> bool:
        self.services.editor.changed(chat, message, reply)
        edited = await edit(bot, chat, message, reply)
        if edited and reply.text:
            await self._follow(bot, chat, message, reply)
        return edited

    async def _hinting(self, chat: int, reply: Reply) -> Reply:
        """The reply, in a private chat once a day with a line on how Telegram translates it, where it is foreign."""
        if reply.foreign is None or chat < 0:
            return reply
        preferences, today = self.services.preferences, self.services.answers.now().astimezone(BEIJING).date()
        known = preferences.known(chat)
        if known is None:
            known = await asyncio.to_thread(preferences.preferences, chat)
        text = f"{reply.text}\n\n{italic(say_in(reply.foreign)('translate-how'))}"
        if known.hinted == today.isoformat() or not fits_message(text):
            return reply
        preferences.hint(chat, today)
        return replace(reply, text=text)

    async def _telling(self, chat: int, reply: Reply) -> Reply:
        """The reply, in a private chat once with a note below it that questions will go to a model."""
        model = self.services.model
        if model is None or model.composer is None or reply.composable is None or chat < 0:
            return reply
        chosen = await asyncio.to_thread(self.services.preferences.preferences, chat)
        if chosen.uncomposed or chosen.told == model.host:
            return reply
        note = italic(say_in(reply.composable.language)("composing-told", host=model.host))
        text = f"{reply.text}\n\n{note}"
        return replace(reply, text=text, composable=None) if fits_message(text) else reply

    async def _follow(self, bot: Bot, chat: int, message: int, reply: Reply, *, tells: bool = False) -> None:
        model = self.services.model
        if model is None:
            return
        if tells:
            await asyncio.to_thread(self.services.preferences.tell, chat, model.host)
            composing = False
        else:
            composing = await asyncio.to_thread(self.services.composes_for, chat)
        if texts := model.completions(reply, composing=composing):
            self.services.editor.follow(bot, chat, message, reply, texts)
