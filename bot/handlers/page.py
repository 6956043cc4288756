"""Handles /web: the way to the page, by a signed link where it is for invited people; `off` takes links back."""

import asyncio

from telegram import Message
from telegram.constants import ChatType

from bot.handlers.base import Context, HandlerGroup, with_message
from bot.render.html import escape
from bot.render.i18n import Say, say_in
from bot.render.reply import Button, Reply
from bot.transport import message_text
from bot.transport.sender import send
from web.addresses import Addresses


class PageHandlers(HandlerGroup):
    @with_message
    async def web(self, message: Message, _: Context) -> None:
        say = say_in(await asyncio.to_thread(self.language, message))
        await send(message, await asyncio.to_thread(self._reply, message, say))

    def _reply(self, message: Message, say: Say) -> Reply:
        addresses, sender = self._services.answers.page, message.from_user
        if addresses is None:
            return Reply(escape(say("page-none")))
        if message_text.after_command(message).strip().casefold() == "off" and sender:
            return Reply(escape(say("page-taken-back", sessions=self._services.page_sessions.revoke(sender.id))))
        if self._services.access.policy == "open":
            return Reply(escape(say("page-open")), ((Button(say("button-page"), url=addresses.home()),),))
        if message.chat.type != ChatType.PRIVATE or sender is None:
            return Reply(escape(say("page-private")))
        return self._signed(addresses, sender.id, say)

    def _signed(self, addresses: Addresses, user: int, say: Say) -> Reply:
        """Only for who may use the bot: the gate has let the message pass."""
        link = addresses.enter(self._services.page_sessions.give_link(user))
        return Reply(escape(say("page-link")), ((Button(say("button-enter"), url=link),),))
