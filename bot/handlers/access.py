"""Access: every update passes the gate, /invite and /revoke of operators change who is let in."""

import asyncio
import logging

from telegram import InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent, Message, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import ApplicationHandlerStop
from telegram.helpers import create_deep_linked_url

from bot.handlers.base import Context, HandlerGroup, operators_only
from bot.handlers.buttons import ButtonPress, PressHandler
from bot.render.callback_data import Operation, decode
from bot.render.html import escape
from bot.render.i18n import Say, reader_language, say_in
from bot.render.reply import Reply
from bot.transport import message_text
from bot.transport.routing import is_migration
from bot.transport.sender import send
from bot.users import settings_menu
from bot.users.access_list import INVITATION_SPAN, parse_id
from retrieval.model.documents import BEIJING

log = logging.getLogger(__name__)

ALWAYS_ALLOWED = {"/privacy", "/forget", "/export"}  # everybody's data is their own, also a stranger's
INVITATION_PREFIX = "i_"
MAX_INVITATIONS_SHOWN = 30  # which fit into a message


class AccessGate(HandlerGroup):
    """Before all other handlers: stops updates of people and chats that may not use the bot."""

    async def check(self, update: Update, context: Context) -> None:
        """Whatever fails here ends the update: after any other error the next group of handlers would serve it."""
        try:
            if await self._may(update):
                return
        except Exception as error:
            await context.application.process_error(update, error)
            raise ApplicationHandlerStop from error
        try:
            await self._refuse(update)
        except TelegramError as error:
            log.info("the refusal reaches nobody: %s", error)
        except Exception as error:
            await context.application.process_error(update, error)
        raise ApplicationHandlerStop

    async def _may(self, update: Update) -> bool:
        access, user, chat = self._services.access, update.effective_user, update.effective_chat
        message = update.message
        if guest := update.guest_message:  # of its chat nothing is known, whose id may be anybody's
            user, chat = guest.guest_bot_caller_user or guest.from_user, None
        if update.my_chat_member or access.policy == "open" or (message and is_migration(message)):
            return True
        if await asyncio.to_thread(access.allows, user.id if user else None, chat.id if chat else None):
            return True
        if message and user and message.chat.type == ChatType.PRIVATE:
            command, _, payload = (message.text or "").partition(" ")
            if command == "/start" and payload.startswith(INVITATION_PREFIX):
                code = payload.removeprefix(INVITATION_PREFIX).strip()
                return await asyncio.to_thread(access.accept, code, user.id, user.full_name)
            return command in ALWAYS_ALLOWED
        # The buttons of /forget are the only ones a stranger may press.
        operation, _ = decode((update.callback_query and update.callback_query.data) or "")
        return operation is Operation.PERSONAL_DATA and chat is not None and chat.type == ChatType.PRIVATE

    async def _refuse(self, update: Update) -> None:
        user = update.effective_user
        say = say_in(reader_language(user.language_code if user else None))
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


class AccessHandlers(HandlerGroup):
    @property
    def operations(self) -> dict[Operation, PressHandler]:
        return {Operation.REVOKE: self._revoke_one}

    @operators_only()
    async def invite(self, message: Message, context: Context, say: Say) -> None:
        """In private a link that lets one person in; in a group it lets the group in."""
        await send(message, Reply(escape(await asyncio.to_thread(self._invite, message, context.bot.username, say))))

    @operators_only()
    async def revoke(self, message: Message, _: Context, say: Say) -> None:
        """In private one person or the list of everybody; in a group the group itself."""
        await send(message, await asyncio.to_thread(self._revoke, message, say))

    def _invite(self, message: Message, bot_name: str, say: Say) -> str:
        access, user = self._services.access, message.from_user.id if message.from_user else 0
        if access.policy == "open":
            return say("invite-open")
        if message.chat.type != ChatType.PRIVATE:
            access.allow_chat(message.chat_id, message.chat.title or "", user)
            return say("invited-group")
        unused = access.invitations()[-MAX_INVITATIONS_SHOWN:]
        lines = [say("invitation", address=_link(bot_name, access.invite(user)), days=INVITATION_SPAN.days)]
        if unused:
            lines += ["", say("invitations-unused")]
            lines += [f"{one.ends.astimezone(BEIJING):%Y-%m-%d %H:%M} {_link(bot_name, one.code)}" for one in unused]
        return "\n".join(lines)

    def _revoke(self, message: Message, say: Say) -> Reply:
        access = self._services.access
        if message.chat.type != ChatType.PRIVATE:
            access.revoke(message.chat_id)
            return Reply(escape(say("revoked-group")))
        if argument := message_text.after_command(message):
            id = parse_id(argument)
            return Reply(escape(say("revoked") if id is not None and access.revoke(id) else say("revoked-nobody")))
        return settings_menu.admitted_reply(access.admitted(), self.language(message))

    async def _revoke_one(self, press: ButtonPress) -> str:
        access, id = self._services.access, parse_id(press.part(0))
        if not access.is_admin(press.user):
            return press.say("operators-only")
        revoked = id is not None and await asyncio.to_thread(access.revoke, id)
        await press.show(settings_menu.admitted_reply(await asyncio.to_thread(access.admitted), press.language))
        return press.say("revoked") if revoked else press.say("revoked-nobody")


def _link(bot_name: str, code: str) -> str:
    return create_deep_linked_url(bot_name, INVITATION_PREFIX + code)
