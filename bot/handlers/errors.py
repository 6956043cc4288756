"""The one error handler: the log gets everything under an id, whoever asked the id, the administrators the trace."""

import logging
import secrets
import traceback

from telegram import Update
from telegram.error import TelegramError

from bot.handlers.questions import Context
from bot.render.html import escape
from bot.render.i18n import reader_language, say_in
from bot.render.redaction import redact
from bot.render.reply import Reply
from bot.transport.admin_alerts import AdminAlerts
from bot.transport.errors import DeliveryCertainty, certainty_of, chat_is_gone, is_benign
from bot.transport.sender import send
from bot.transport.update_inbox import UpdateInbox

log = logging.getLogger(__name__)


class ErrorHandler:
    """`token` is kept out of what the administrators get; the log sees to that by itself."""

    def __init__(self, inbox: UpdateInbox, alerts: AdminAlerts, token: str) -> None:
        self._inbox, self._alerts, self._token = inbox, alerts, token

    async def failed(self, update: object, context: Context) -> None:
        error = context.error
        if isinstance(error, TelegramError):
            if is_benign(error) or chat_is_gone(error):
                log.info("nobody is there for the answer: %s", error)
                return
            if certainty_of(error) is not DeliveryCertainty.NEVER:
                log.warning("no way through to Telegram: %s", error)
                self._later(update)
                return
        number = secrets.token_hex(4)
        # Logged first, so that a second failure loses nothing.
        log.error("failure %s while handling an update", number, exc_info=error)
        if error:
            trace = "".join(traceback.format_exception(error))
            self._alerts.report(f"failure {number}", redact(trace, self._token))
        await self.sorry(update, number)

    async def sorry(self, update: object, number: str) -> None:
        """One sentence to whoever waits for an answer."""
        if not isinstance(update, Update) or not (user := update.effective_user):
            return
        text = update.message.text if update.message else None
        words = say_in(reader_language(user.language_code, text or ""))("failed", id=number)
        try:
            if update.callback_query:
                await update.callback_query.answer(words, show_alert=True)
            elif update.message:
                await send(update.message, Reply(escape(words)))
        except TelegramError as error:
            log.info("nor could the failure be told: %s", error)
            if certainty_of(error) is not DeliveryCertainty.NEVER:
                self._later(update)

    async def late(self, update: Update) -> None:
        """A button that was pressed before the process ended: else its wheel goes on turning."""
        if query := update.callback_query:
            words = say_in(reader_language(query.from_user.language_code))("pressed-late")
            try:
                await query.answer(words)
            except TelegramError as error:
                log.info("a late press could not be answered: %s", error)

    def _later(self, update: object) -> None:
        if isinstance(update, Update) and (update.message or update.edited_message):
            self._inbox.leave(update)
