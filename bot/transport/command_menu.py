"""The bot's commands, and its menus and descriptions as Telegram shows them before anybody has written to it."""

import logging
from collections.abc import Sequence

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    MenuButton,
    MenuButtonCommands,
    MenuButtonWebApp,
    WebAppInfo,
)
from telegram.error import TelegramError

from bot.render.i18n import LANGUAGES, say_in

log = logging.getLogger(__name__)

GROUP_COMMANDS = ("ask", "topics", "subscriptions", "digest", "status", "help")
ADMIN_COMMANDS = ("ask", "topics", "subscribe", "subscriptions", "digest", "settings", "status", "help")
PRIVATE_COMMANDS = (*ADMIN_COMMANDS[:-1], "privacy", "export", "forget", "help")
COMMANDS = frozenset({*PRIVATE_COMMANDS, "start", "web", "invite", "revoke", "feeds", "topic", "alias", "stats"})

MENUS: tuple[tuple[BotCommandScope, Sequence[str]], ...] = (
    (BotCommandScopeDefault(), GROUP_COMMANDS),
    (BotCommandScopeAllPrivateChats(), PRIVATE_COMMANDS),
    (BotCommandScopeAllGroupChats(), GROUP_COMMANDS),
    (BotCommandScopeAllChatAdministrators(), ADMIN_COMMANDS),
)


async def publish_menus(bot: Bot, page: str) -> None:
    """Sets menus, descriptions and the button for the public `page`, where they differ.

    An error is only logged, since nobody needs them to ask.

    The bot's name is left to its operator. English is set without a language code, for all languages but ours.
    """
    try:
        await publish_menu_button(bot, page)
        for language in LANGUAGES:
            say, code = say_in(language), None if language == "en" else language
            for scope, names in MENUS:
                commands = tuple(BotCommand(name, say(f"command-{name}")) for name in names)
                if await bot.get_my_commands(scope, code) != commands:
                    await bot.set_my_commands(commands, scope, code)
            if (await bot.get_my_description(code)).description != say("bot-description"):
                await bot.set_my_description(say("bot-description"), code)
            if (await bot.get_my_short_description(code)).short_description != say("bot-short-description"):
                await bot.set_my_short_description(say("bot-short-description"), code)
    except TelegramError as error:
        log.warning("the command menu was not set: %s", error)


async def publish_menu_button(bot: Bot, page: str) -> None:
    """The button beside the input opens the page; without one, an earlier page's button gives way to the commands."""
    present, label = await bot.get_chat_menu_button(), say_in("zh")("button-page")
    if page:
        wanted: MenuButton = MenuButtonWebApp(label, WebAppInfo(page))
        if present != wanted:
            await bot.set_chat_menu_button(menu_button=wanted)
    elif isinstance(present, MenuButtonWebApp) and present.text == label:
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
