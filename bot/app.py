"""The Telegram application: the table of handlers, and how it starts and fails."""

import contextlib
import logging
import os
import secrets
from typing import Any

from telegram import BotCommand, LinkPreviewOptions, Message, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, CommandHandler, Defaults, ExtBot, MessageHandler, filters
from telegram.request import BaseRequest

from bot.asking import Asking, Context, language, reply
from bot.catalogue import LANGUAGES, say_in
from bot.markup import escape
from bot.settings import Settings

App = Application[ExtBot[None], Context, dict[Any, Any], dict[Any, Any], dict[Any, Any], None]

log = logging.getLogger(__name__)

ALLOWED_UPDATES = [Update.MESSAGE]
BOOTSTRAP_RETRIES = 10  # with python-telegram-bot's growing pauses: some minutes without a network at the start


class FromPerson(filters.MessageFilter):
    """Written by a person here: no other bot, and not our own answer sent by way of inline mode."""

    def filter(self, message: Message) -> bool:
        if message.via_bot and message.via_bot.id == message.get_bot().id:
            return False
        # An anonymous administrator writes as a bot, in the name of the chat.
        return message.from_user is None or not message.from_user.is_bot or message.sender_chat is not None


def build(settings: Settings, asking: Asking, request: BaseRequest | None = None) -> App:
    """`request` takes the place of both HTTP clients in tests."""
    # python-telegram-bot asks for it itself: without it every flood limit warns of a change to come.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    builder = (
        ApplicationBuilder()
        .token(settings.token.get_secret_value() if settings.token else "")
        .base_url(settings.api_url)
        .base_file_url(settings.file_url)
        .defaults(
            Defaults(
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                allow_sending_without_reply=True,
            )
        )
        .job_queue(None)
        .post_init(describe)
    )
    if request:
        builder = builder.request(request).get_updates_request(request)
    application = builder.build()
    # Without it handlers also fire on edits, channel posts and guest messages.
    here = filters.UpdateType.MESSAGE & FromPerson()
    private = here & filters.ChatType.PRIVATE
    application.add_handlers(
        [
            CommandHandler("ask", asking.ask, here),
            CommandHandler("start", asking.start, here),
            CommandHandler("help", asking.help, here),
            CommandHandler("topics", asking.topics, here),
            MessageHandler(private & filters.COMMAND, asking.help),
            MessageHandler(private & filters.TEXT, asking.question),
            MessageHandler(private & ~filters.StatusUpdate.ALL, asking.only_text),
        ]
    )
    application.add_error_handler(failed)
    return application


async def describe(application: App) -> None:
    """Sets the command menu per language. It is display only, so that failing here keeps nobody from asking."""
    try:
        for menu in LANGUAGES:
            say = say_in(menu)
            commands = [BotCommand(name, say(f"command-{name}")) for name in ("ask", "topics", "help")]
            # Without a language code: everyone whose language has no menu of its own.
            await application.bot.set_my_commands(commands, language_code=None if menu == "en" else menu)
    except TelegramError as error:
        log.warning("the command menu was not set: %s", error)


async def failed(update: object, context: Context) -> None:
    """Logs first, so that a second failure loses nothing; then says sorry, with the log's id."""
    number = secrets.token_hex(4)
    log.error("failure %s while handling an update", number, exc_info=context.error)
    if isinstance(update, Update) and update.message:
        say = say_in(language(update.message))
        with contextlib.suppress(TelegramError):
            await reply(update.message, [escape(say("failed", id=number))])


def serve(settings: Settings, asking: Asking) -> None:
    """Polls until a signal to stop. Questions that came while the bot was away are answered."""
    build(settings, asking).run_polling(
        bootstrap_retries=BOOTSTRAP_RETRIES, allowed_updates=ALLOWED_UPDATES, drop_pending_updates=False
    )
