"""Our commands, the menus that show them, and what the bot says of itself before anybody has written to it."""

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
)
from telegram.error import TelegramError

from bot.render.i18n import LANGUAGES, Say, say_in

log = logging.getLogger(__name__)

GROUP_COMMANDS = ("ask", "topics", "subscriptions", "digest", "status", "help")
PRIVATE_COMMANDS = (
    "ask",
    "topics",
    "subscribe",
    "subscriptions",
    "digest",
    "settings",
    "status",
    "privacy",
    "export",
    "forget",
    "help",
)
ADMIN_COMMANDS = ("ask", "topics", "subscribe", "subscriptions", "digest", "settings", "status", "help")
COMMANDS = frozenset({*GROUP_COMMANDS, *PRIVATE_COMMANDS, "start", "invite", "revoke", "feeds", "alias", "stats"})

MENUS: tuple[tuple[BotCommandScope, Sequence[str]], ...] = (
    (BotCommandScopeDefault(), GROUP_COMMANDS),
    (BotCommandScopeAllPrivateChats(), PRIVATE_COMMANDS),
    (BotCommandScopeAllGroupChats(), GROUP_COMMANDS),
    (BotCommandScopeAllChatAdministrators(), ADMIN_COMMANDS),
)


async def publish_menus(bot: Bot) -> None:
    """Sets menus and descriptions where they differ. They are display only: failing here keeps nobody from asking.

    The bot's name is its operator's. Without a language code stands what everybody sees whose language has none here.
    """
    try:
        for language in LANGUAGES:
            say, code = say_in(language), "" if language == "en" else language
            for scope, names in MENUS:
                commands = tuple(BotCommand(name, description(name, say)) for name in names)
                if await bot.get_my_commands(scope, code or None) != commands:
                    await bot.set_my_commands(commands, scope, code or None)
            if (await bot.get_my_description(code or None)).description != say("bot-description"):
                await bot.set_my_description(say("bot-description"), code or None)
            if (await bot.get_my_short_description(code or None)).short_description != say("bot-short-description"):
                await bot.set_my_short_description(say("bot-short-description"), code or None)
    except TelegramError as error:
        log.warning("the command menu was not set: %s", error)


def description(name: str, say: Say) -> str:
    return {
        "ask": say("command-ask"),
        "topics": say("command-topics"),
        "subscribe": say("command-subscribe"),
        "subscriptions": say("command-subscriptions"),
        "digest": say("command-digest"),
        "settings": say("command-settings"),
        "status": say("command-status"),
        "privacy": say("command-privacy"),
        "export": say("command-export"),
        "forget": say("command-forget"),
        "help": say("command-help"),
    }[name]
