"""Who is let in, at every way in; invitations and their end."""

import asyncio

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Message,
    Update,
)
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop
from telegram.helpers import create_deep_linked_url

from bot.container import Services
from bot.handlers.buttons import ButtonPress, Operation
from bot.handlers.questions import Context
from bot.render.html import escape
from bot.render.i18n import Language, reader_language, say_in
from bot.render.reply import Reply
from bot.transport import message_text
from bot.transport.sender import asker, send
from bot.users import settings_menu

ALWAYS_ALLOWED = {"/privacy", "/forget", "/export"}  # to one's data: a stranger's, too
INVITATION_PREFIX = "i_"


class AccessGate:
    """Before all other handlers: stops updates of people and chats that may not use the bot."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def check(self, update: Update, _: Context) -> None:
        if await self._may(update):
            return
        await self._refuse(update)
        raise ApplicationHandlerStop

    async def _may(self, update: Update) -> bool:
        access, user, chat = self._services.access, update.effective_user, update.effective_chat
        message = update.message
        if update.my_chat_member or (message and (message.migrate_to_chat_id or message.migrate_from_chat_id)):
            return True
        if access.policy == "open" or await asyncio.to_thread(
            access.allows, user.id if user else None, chat.id if chat else None
        ):
            return True
        if message and user and message.chat.type == ChatType.PRIVATE:
            said, _, payload = (message.text or "").partition(" ")
            if said == "/start" and payload.startswith(INVITATION_PREFIX):
                code = payload.removeprefix(INVITATION_PREFIX).strip()
                return await asyncio.to_thread(access.accept, code, user.id, user.full_name)
            return said in ALWAYS_ALLOWED
        # Of one's data, a stranger's buttons are only these: yes and no.
        query = update.callback_query
        return bool(query and chat and chat.type == ChatType.PRIVATE and (query.data or "").startswith("1d:"))

    async def _refuse(self, update: Update) -> None:
        """One sentence, whichever way they came."""
        user = update.effective_user
        say = say_in(reader_language(user.language_code if user else None, ""))
        if query := update.callback_query:
            await query.answer(say("stranger"), show_alert=True)
        elif inline := update.inline_query:
            button = InlineQueryResultsButton(say("stranger-inline"), start_parameter="stranger")
            await inline.answer([], cache_time=60, is_personal=True, button=button)
        elif (guest := update.guest_message) and guest.guest_query_id and self._services.guests:
            article = InlineQueryResultArticle("stranger", "–", InputTextMessageContent(escape(say("stranger"))))
            await guest.get_bot().answer_guest_query(guest.guest_query_id, article)
        elif message := update.message:
            await send(message, Reply(escape(say("stranger"))))


class AccessHandlers:
    """For the people who run the bot."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def operations(self) -> dict[str, Operation]:
        return {"v": self._revoked}

    async def invite(self, update: Update, context: Context) -> None:
        """In private a link that lets one person in; in a group it lets the group in."""
        if message := update.message:
            await send(message, await asyncio.to_thread(self._invite, message, context.bot.username))

    async def revoke(self, update: Update, _: Context) -> None:
        """In private the list of who was let in; in a group its own end."""
        if message := update.message:
            await send(message, await asyncio.to_thread(self._revoke, message))

    def _invite(self, message: Message, bot_name: str) -> Reply:
        access, language, user = self._services.access, self._language(message), message.from_user
        say = say_in(language)
        if user is None or not access.is_admin(user.id):
            return Reply(escape(say("operators-only")))
        if access.policy == "open":
            return Reply(escape(say("invite-open")))
        if message.chat.type != ChatType.PRIVATE:
            access.allow_chat(message.chat_id, message.chat.title or "", user.id)
            return Reply(escape(say("invited-group")))
        address = create_deep_linked_url(bot_name, INVITATION_PREFIX + access.invite(user.id))
        return Reply(escape(say("invitation", address=address)))

    def _revoke(self, message: Message) -> Reply:
        access, language, user = self._services.access, self._language(message), message.from_user
        say = say_in(language)
        if user is None or not access.is_admin(user.id):
            return Reply(escape(say("operators-only")))
        if message.chat.type != ChatType.PRIVATE:
            access.revoke(message.chat_id)
            return Reply(escape(say("revoked-group")))
        wanted = message_text.after_command(message)
        if wanted.lstrip("-").isdigit():
            return Reply(escape(say("revoked") if access.revoke(int(wanted)) else say("revoked-nobody")))
        return settings_menu.admitted_reply(access.admitted(), language)

    async def _revoked(self, press: ButtonPress) -> str:
        access = self._services.access
        if not access.is_admin(press.user):
            return press.say("operators-only")
        id = press.parts[0] if press.parts else ""
        gone = id.lstrip("-").isdigit() and await asyncio.to_thread(access.revoke, int(id))
        await press.show(settings_menu.admitted_reply(await asyncio.to_thread(access.admitted), press.language))
        return press.say("revoked") if gone else press.say("revoked-nobody")

    def _language(self, message: Message) -> Language:
        return self._services.language(asker(message), message.from_user.language_code if message.from_user else None)
