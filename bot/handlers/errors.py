"""The error handler: an exception goes in; the log and operators get the trace, the person who asked an id."""

import logging
import traceback
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from secrets import token_hex

from telegram import CallbackQuery, Update
from telegram.error import TelegramError

from bot.handlers.base import Context
from bot.render.html import escape
from bot.render.i18n import Say, reader_language, say_in
from bot.render.redaction import redact
from bot.render.reply import Reply
from bot.transport.admin_alerts import AdminAlerts
from bot.transport.errors import DeliveryCertainty, certainty_of, is_benign, unreachable_reason
from bot.transport.sender import send
from bot.transport.update_inbox import UpdateInbox
from retrieval.model.errors import CorpusUnreachableError

log = logging.getLogger(__name__)

CORPUS_RETRY_SECONDS = 10.0  # until a question is asked again that the cluster could not answer
MAX_TOLD_WAITING = 10_000


class ErrorHandler:
    """`secrets` are redacted from what operators get; the log redacts it by itself."""

    def __init__(self, inbox: UpdateInbox, alerts: AdminAlerts, secrets: Collection[str]) -> None:
        self._inbox, self._alerts, self._secrets = inbox, alerts, tuple(secrets)
        self._waiting: deque[int] = deque(maxlen=MAX_TOLD_WAITING)  # updates whose senders know that it takes longer

    async def failed(self, update: object, context: Context) -> None:
        error = context.error
        if isinstance(error, TelegramError):
            if is_benign(error) or unreachable_reason(error):
                log.info("the answer reaches nobody: %s", error)
                await self._ask_to_press_again(update)
                return
            if certainty_of(error) is not DeliveryCertainty.NEVER:
                log.warning("Telegram cannot be reached: %s", error)
                await self._ask_to_press_again(update)
                self._retry_later(update)
                return
        if isinstance(error, CorpusUnreachableError):
            log.warning("a question waits for the corpus: %s", error)
            await self._ask_to_wait(update)
            return
        number = token_hex(4)
        # Logged first, so that a second failure loses nothing.
        log.error("failure %s while handling an update", number, exc_info=error)
        if error:
            trace = "".join(traceback.format_exception(error))
            self._alerts.report(lambda say: say("alarm-failure", id=number), "failure", redact(trace, *self._secrets))
        await self.apologize(update, number)

    async def apologize(self, update: object, number: str) -> None:
        if not isinstance(update, Update) or not (user := update.effective_user):
            return
        text = update.message.text if update.message else None
        apology = say_in(reader_language(user.language_code, text or ""))("failed", id=number)
        try:
            if update.callback_query:
                await update.callback_query.answer(apology, show_alert=True)
            elif update.message:
                await send(update.message, Reply(escape(apology)))
        except TelegramError as error:
            log.info("the failure could not be reported to the person: %s", error)
            if certainty_of(error) is not DeliveryCertainty.NEVER:
                self._retry_later(update)

    async def answer_late(self, update: Update) -> None:
        """For a button that was pressed before the process ended: Telegram shows it as busy until it is answered."""
        if query := update.callback_query:
            say = _say_to(query)
            await _answer_press(query, say("pressed-late"))

    async def _ask_to_press_again(self, update: object) -> None:
        """A press cannot wait until Telegram takes an answer."""
        if isinstance(update, Update) and (query := update.callback_query):
            say = _say_to(query)
            await _answer_press(query, say("press-again"))

    async def _ask_to_wait(self, update: object) -> None:
        """Says once that the corpus cannot be reached; a message is handled again until it can be."""
        if not isinstance(update, Update) or not (user := update.effective_user):
            return
        if query := update.callback_query:
            say = _say_to(query)
            await _answer_press(query, say("corpus-away-press"))
            return
        self._retry_later(update, CORPUS_RETRY_SECONDS)
        if update.message and update.update_id not in self._waiting:
            self._waiting.append(update.update_id)
            say = say_in(reader_language(user.language_code, update.message.text or ""))
            with suppress(TelegramError):
                await send(update.message, Reply(escape(say("corpus-away"))))

    def _retry_later(self, update: object, seconds: float | None = None) -> None:
        if isinstance(update, Update) and (update.message or update.edited_message):
            self._inbox.leave(update, seconds)


def _say_to(query: CallbackQuery) -> Say:
    return say_in(reader_language(query.from_user.language_code))


async def _answer_press(query: CallbackQuery, text: str) -> None:
    try:
        await query.answer(text)
    except TelegramError as error:
        log.info("a press could not be answered: %s", error)
