"""Presses of buttons: one table of operations; each edits its message and says in a few words what it did."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from telegram import CallbackQuery, Update
from telegram.constants import ChatType
from telegram.error import BadRequest

from bot.container import Services
from bot.conversation.answering import AnswerService
from bot.handlers.questions import Context
from bot.question_log.log import Asker
from bot.render import callback_data
from bot.render.callback_data import AnswerView
from bot.render.i18n import LANGUAGES, Language, Say, say_in
from bot.render.keyboards import FEEDBACK_REASONS, GOOD_REASON
from bot.render.reply import Reply
from bot.transport.errors import is_benign
from bot.transport.sender import edit, post

MAX_TOAST_CHARS = 200  # characters of what an answered press may say


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A button that was pressed: what stood in it, where, and by whom. `short`: the message stands in a group."""

    query: CallbackQuery
    context: Context
    parts: tuple[str, ...]
    asker: Asker
    language: Language
    here: AnswerService

    @property
    def compact(self) -> bool:
        return self.asker.place != "private"

    @property
    def user(self) -> int:
        return self.query.from_user.id

    @property
    def say(self) -> Say:
        return say_in(self.language)

    async def show(self, reply: Reply | None) -> str:
        """Edits the message; what there is to say besides: that the button is too old, or nothing."""
        chat, message = self.asker.chat, self.asker.message
        if reply and chat and message and await edit(self.context.bot, chat, message, reply):
            return ""
        return self.say("too-old")


Operation = Callable[[ButtonPress], Awaitable[str]]


class ButtonRouter:
    """`operations` by their letter in the code; what another version wrote is refused politely."""

    def __init__(self, services: Services, operations: Mapping[str, Operation]) -> None:
        self._services, self._operations = services, operations

    async def pressed(self, update: Update, context: Context) -> None:
        if query := update.callback_query:
            code = callback_data.decode(query.data or "")
            press = await asyncio.to_thread(self._press, query, context, code.parts if code else ())
            operation = self._operations.get(code.op) if code else None
            toast = await operation(press) if operation else press.say("too-old")
            try:
                await query.answer(toast[:MAX_TOAST_CHARS] or None, show_alert=len(toast) > 40)
            except BadRequest as error:
                if not is_benign(error):
                    raise

    def _press(self, query: CallbackQuery, context: Context, parts: tuple[str, ...]) -> ButtonPress:
        message = query.message
        asker = Asker(
            place="private" if message and message.chat.type == ChatType.PRIVATE else "group",
            user=query.from_user.id,
            chat=message.chat.id if message else None,
            message=message.message_id if message else None,
        )
        language = self._services.language(asker, query.from_user.language_code)
        return ButtonPress(query, context, parts, asker, language, self._services.for_bot(context.bot.username))


class AnswerButtons:
    """Operations on answers, summaries and topics: they work for everybody who sees the message."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "m": self._answer,
            "k": self._row,
            "l": self._level_down,
            "b": self._reasons,
            "r": self._reason,
            "s": self._summary,
            "t": self._topic,
            "T": self._topics,
            "x": self._starter,
        }

    async def _answer(self, press: ButtonPress) -> str:
        return await press.show(await _with_view(press, lambda v: press.here.view(v, press.language, press.compact)))

    async def _row(self, press: ButtonPress) -> str:
        reply = await _with_view(press, lambda v: press.here.view(v, press.language, press.compact))
        return await press.show(Reply("", reply.rows) if reply else None)

    async def _level_down(self, press: ButtonPress) -> str:
        user = press.user
        return await press.show(
            await _with_view(press, lambda v: press.here.more_menu(v, press.language, press.compact, user))
        )

    async def _reasons(self, press: ButtonPress) -> str:
        user = press.user
        return await press.show(
            await _with_view(press, lambda v: press.here.reasons(v, press.language, press.compact, user))
        )

    async def _reason(self, press: ButtonPress) -> str:
        view, reason = callback_data.decode_view(press.parts), _at(FEEDBACK_REASONS, press.parts[3:])
        if view is None or reason is None:
            return press.say("too-old")
        stands = await asyncio.to_thread(press.here.judge, view, press.compact, press.user, reason)
        if stands is None:
            return press.say("too-old")
        await (self._level_down if reason == FEEDBACK_REASONS[GOOD_REASON] else self._reasons)(press)
        return press.say("reason-kept") if stands else press.say("reason-withdrawn")

    async def _summary(self, press: ButtonPress) -> str:
        document, page = (*press.parts, "", "")[:2]
        opened_from = callback_data.decode_view(press.parts[2:])
        reply = press.here.document
        return await press.show(await asyncio.to_thread(reply, document, _number(page), press.language, opened_from))

    async def _topic(self, press: ButtonPress) -> str:
        key, page = (*press.parts, "", "")[:2]
        return await press.show(await asyncio.to_thread(press.here.topic, key, _number(page), press.language))

    async def _topics(self, press: ButtonPress) -> str:
        page = _number(press.parts[0] if press.parts else "")
        return await press.show(await asyncio.to_thread(press.here.topics, page, press.language))

    async def _starter(self, press: ButtonPress) -> str:
        """Asks the question as if it had been written; the greeting stays above it."""
        reply = await asyncio.to_thread(self._started, press)
        if reply is None or press.asker.chat is None:
            return press.say("too-old")
        sent = await post(press.context.bot, press.asker.chat, reply)
        await asyncio.to_thread(press.here.record_sent, reply.question, sent.message_id)
        return ""

    def _started(self, press: ButtonPress) -> Reply | None:
        document, number, language = (*press.parts, "", "", "")[:3]
        written = next((known for known in LANGUAGES if known == language), press.language)
        suggestions = press.here.suggestions
        question = suggestions.redraw(document, _number(number), written) if suggestions else None
        if question is None:
            return None
        notice = press.say("you-asked", question=question)
        return press.here.question(question, press.language, press.asker, notice=notice)


async def _with_view(press: ButtonPress, make: Callable[[AnswerView], Reply | None]) -> Reply | None:
    view = callback_data.decode_view(press.parts)
    return await asyncio.to_thread(make, view) if view else None


def _number(part: str) -> int:
    """A page's number, 0 where it is none; nobody turns beyond the thousandth."""
    return min(int(part, 36), 1000) if callback_data.is_number(part) else 0


def _at(known: tuple[str, ...], parts: tuple[str, ...]) -> str | None:
    number = _number(parts[0]) if parts else len(known)
    return known[number] if number < len(known) else None
