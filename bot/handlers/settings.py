"""/settings, /export and /forget: commands and presses go in, menus and the person's own data go out."""

import asyncio
import json

from telegram import Bot, Message

from bot.handlers.base import Context, HandlerGroup, with_message
from bot.handlers.buttons import ButtonPress, PressHandler
from bot.handlers.permissions import is_from_chat_admin, refuse_press
from bot.render.callback_data import Operation, is_number
from bot.render.html import escape
from bot.render.i18n import Language, say_in
from bot.render.reply import Reply
from bot.transport.sender import edit, send
from bot.users import settings_menu

TRACES_SECONDS = 1.0  # after which the press that asked for it is answered and out of the inbox


class SettingsHandlers(HandlerGroup):
    """A group's settings are its administrators'."""

    @property
    def operations(self) -> dict[Operation, PressHandler]:
        return {Operation.PREFERENCE: self._preference, Operation.PERSONAL_DATA: self._personal_data}

    @with_message
    async def settings(self, message: Message, context: Context) -> None:
        language = await asyncio.to_thread(self.language, message)
        if await is_from_chat_admin(message, context.bot):
            await send(message, await asyncio.to_thread(self._menu, message.chat_id, language))
        else:
            await send(message, Reply(escape(say_in(language)("administrators-only"))))

    @with_message
    async def export(self, message: Message, _: Context) -> None:
        if message.from_user:
            language = await asyncio.to_thread(self.language, message)
            if wait := self.wait(message):
                await send(message, Reply(escape(say_in(language)("too-many", seconds=wait))))
                return
            await self._send_data(message.get_bot(), message.chat_id, message.from_user.id, language)

    @with_message
    async def forget(self, message: Message, _: Context) -> None:
        language = await asyncio.to_thread(self.language, message)
        await send(message, settings_menu.forget_reply(language, self._invited))

    async def _preference(self, press: ButtonPress) -> str:
        if refusal := await refuse_press(press, press.say("administrators-only")):
            return refusal
        setting = press.part(0)
        if setting in {"l", "h", "z"} and not press.part(1):
            return await press.show(Reply("", settings_menu.choice_rows(setting, press.language)))
        return await press.show(await asyncio.to_thread(self._choose, press, press.asker.chat or 0))

    def _choose(self, press: ButtonPress, chat: int) -> Reply:
        preferences, language = self._services.preferences, press.language
        before = preferences.preferences(chat)
        if is_number(press.part(1)) and (chosen := settings_menu.apply_choice(before, press.part(0), press.number(1))):
            preferences.choose(chat, chosen)
            if chosen.language:
                self._services.subscriptions.set_language(chat, chosen.language)
            language = chosen.language or language
        return self._menu(chat, language)

    async def _personal_data(self, press: ButtonPress) -> str:
        """Only in private, where nobody else can press."""
        bot, chat, message = press.context.bot, press.asker.chat, press.asker.message
        if press.compact or chat is None or message is None:
            return press.say("too-old")
        match press.parts:
            case ("e",):
                await self._send_data(bot, chat, press.user, press.language)
            case ("f",):
                return await press.show(settings_menu.forget_reply(press.language, self._invited))
            case ("y",):
                count = await asyncio.to_thread(self._services.personal_data.forget, press.user)
                await edit(bot, chat, message, Reply(escape(press.say("forgotten", count=count))))
                if press.context.application.running:  # this very press is in the inbox, with a name, until it ends
                    press.context.application.create_task(self._erase_traces())
            case ("n",):
                await edit(bot, chat, message, Reply(escape(press.say("kept"))))
            case _:
                return press.say("too-old")
        return ""

    async def _erase_traces(self) -> None:
        await asyncio.sleep(TRACES_SECONDS)
        await asyncio.to_thread(self._services.personal_data.truncate_wal)

    async def _send_data(self, bot: Bot, chat: int, user: int, language: Language) -> None:
        data = await asyncio.to_thread(self._services.personal_data.export, user)
        exported = json.dumps({"user": user, **data}, ensure_ascii=False, indent=1, default=str)
        caption = say_in(language)("export")
        await bot.send_document(chat, exported.encode(), filename="zhidian.json", caption=escape(caption))

    def _menu(self, chat: int, language: Language) -> Reply:
        chosen, model = self._services.preferences.preferences(chat), self._services.model
        composing = bool(model and model.composer)
        return settings_menu.settings_reply(chosen, language, chat > 0, model is not None, composing)

    @property
    def _invited(self) -> bool:
        return self._services.access.policy == "invite"
