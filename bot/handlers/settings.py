"""One's own: /settings, /export and /forget; a group's settings are its administrators'."""

import asyncio
import json
from dataclasses import replace

from telegram import Bot, Message, Update
from telegram.constants import ChatMemberStatus

from bot.container import Services
from bot.handlers.buttons import ButtonPress, Operation
from bot.handlers.questions import Context
from bot.render.html import escape
from bot.render.i18n import Language, say_in
from bot.render.reply import Reply
from bot.transport.sender import asker, edit, send
from bot.users import settings_menu
from bot.users.preferences import Preferences

ANONYMOUS_ADMIN_ID = 1087968824  # @GroupAnonymousBot, in whose name anonymous administrators write


class SettingsHandlers:
    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def operations(self) -> dict[str, Operation]:
        return {"p": self._preference, "d": self._data}

    async def settings(self, update: Update, context: Context) -> None:
        """In a group for its administrators: an anonymous one writes in the group's name."""
        if message := update.message:
            language = await self._language(message)
            anonymous = message.sender_chat is not None and message.sender_chat.id == message.chat_id
            user = message.from_user.id if message.from_user else 0
            if anonymous or await is_chat_admin(context.bot, message.chat_id, user):
                await send(message, await asyncio.to_thread(self._page, message.chat_id, language))
            else:
                await send(message, Reply(escape(say_in(language)("administrators-only"))))

    async def export(self, update: Update, _: Context) -> None:
        if (message := update.message) and message.from_user:
            await self._send_data(
                message.get_bot(), message.chat_id, message.from_user.id, await self._language(message)
            )

    async def forget(self, update: Update, _: Context) -> None:
        if message := update.message:
            await send(message, settings_menu.forget_reply(await self._language(message), self._invited))

    async def _preference(self, press: ButtonPress) -> str:
        """Who may is looked up at the press: in a group anybody sees the buttons."""
        chat = press.asker.chat
        if chat is None:
            return press.say("too-old")
        if press.user == ANONYMOUS_ADMIN_ID:
            return press.say("anonymous-press")
        if not await is_chat_admin(press.context.bot, chat, press.user):
            return press.say("administrators-only")
        what, number = (*press.parts, "", "")[:2]
        if what in {"l", "h", "z"} and not number:
            return await press.show(Reply("", settings_menu.choice_reply(what, press.language)))
        before = await asyncio.to_thread(self._services.preferences.preferences, chat)
        if what and (chosen := _choice(before, what, number)):
            await asyncio.to_thread(self._services.preferences.choose, chat, chosen)
            if chosen.language:
                await asyncio.to_thread(self._services.subscriptions.set_language, chat, chosen.language)
            press = replace(press, language=chosen.language or press.language)
        return await press.show(await asyncio.to_thread(self._page, chat, press.language))

    async def _data(self, press: ButtonPress) -> str:
        """Only in private, where nobody else can press."""
        if press.compact or press.asker.chat is None or press.asker.message is None:
            return press.say("too-old")
        bot, chat, message = press.context.bot, press.asker.chat, press.asker.message
        match press.parts:
            case ("e",):
                await self._send_data(bot, chat, press.user, press.language)
            case ("f",):
                return await press.show(settings_menu.forget_reply(press.language, self._invited))
            case ("y",):
                count = await asyncio.to_thread(self._services.personal_data.forget, press.user)
                await edit(bot, chat, message, Reply(escape(press.say("forgotten", count=count))))
            case ("n",):
                await edit(bot, chat, message, Reply(escape(press.say("kept"))))
            case _:
                return press.say("too-old")
        return ""

    async def _send_data(self, bot: Bot, chat: int, user: int, language: Language) -> None:
        data = await asyncio.to_thread(self._services.personal_data.export, user)
        written = json.dumps({"user": user, **data}, ensure_ascii=False, indent=1, default=str)
        caption = say_in(language)("export")
        await bot.send_document(chat, written.encode(), filename="zhidian.json", caption=escape(caption))

    def _page(self, chat: int, language: Language) -> Reply:
        return settings_menu.settings_reply(self._services.preferences.preferences(chat), language, personal=chat > 0)

    async def _language(self, message: Message) -> Language:
        code = message.from_user.language_code if message.from_user else None
        return await asyncio.to_thread(self._services.language, asker(message), code)

    @property
    def _invited(self) -> bool:
        return self._services.access.policy == "invite"


async def is_chat_admin(bot: Bot, chat: int, user: int) -> bool:
    """A private chat is its person's."""
    if chat > 0:
        return chat == user
    member = await bot.get_chat_member(chat, user)
    return member.status in {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}


def _choice(before: Preferences, what: str, number: str) -> Preferences | None:
    return settings_menu.chosen_reply(before, what, int(number, 36)) if number.isdigit() else None
