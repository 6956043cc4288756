"""Puts the parts together: the bot in Telegram, the bot in the terminal."""

import logging
import os
import threading
from dataclasses import replace
from functools import partial

from telegram.error import InvalidToken, TelegramError

from bot import answers, app, terminal
from bot.answers import Style
from bot.asking import Asking
from bot.catalogue import language_of
from bot.journal import Journal
from bot.logs import start_logging
from bot.replies import Replies
from bot.settings import ConfigError, Settings
from retrieval.library import Library
from retrieval.outlets import links
from retrieval.results import Result

log = logging.getLogger(__name__)


def run_bot(settings: Settings, library: Library) -> None:
    start_logging(settings.token.get_secret_value() if settings.token else "")
    journal = Journal(settings.data / "bot.db")
    replies = Replies(library, journal, settings.search_address)
    threading.Thread(target=library.warm, name="warm", daemon=True).start()
    try:
        app.serve(settings, Asking(lambda name: replace(replies, bot_name=name)))
    except InvalidToken:
        raise ConfigError("TELEGRAM_BOT_TOKEN: Telegram does not know this token") from None
    except TelegramError as error:
        log.error("the bot could not start", exc_info=error)
        raise SystemExit(1) from None
    finally:
        journal.close()


def run_terminal(settings: Settings, library: Library) -> None:
    journal = Journal(settings.data / "bot.db")
    console = terminal.console()
    try:
        terminal.chat(Replies(library, journal, settings.search_address), terminal.language(os.environ), console)
    finally:
        journal.close()


def print_answer(result: Result, library: Library, settings: Settings, points: int) -> None:
    style = Style(language_of(result.question), partial(links, search_address=settings.search_address))
    topics = library.topics() if result.verdict == "none" else []
    terminal.show(answers.answer(result, topics, style, points), terminal.console())
