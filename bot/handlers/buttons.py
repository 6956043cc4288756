"""Buttons: a press goes in, its operation edits the message or answers, and a short toast goes out."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType
from telegram.error import BadRequest

from bot.container import Services
from bot.conversation.browsing import summary_payload, topic_payload, topics_payload
from bot.conversation.conversation import ConversationService
from bot.handlers.base import Context, HandlerGroup, record_sent
from bot.handlers.completion import ReplyCompleter
from bot.question_log.log import Asker
from bot.render.callback_data import AnswerView, Operation, decode, decode_view, parse_number
from bot.render.i18n import Language, Say, say_in
from bot.render.keyboards import FEEDBACK_REASONS, GOOD_REASON
from bot.render.reply import Reply
from bot.transport.errors import is_benign

MAX_TOAST_CHARS = 200  # Telegram's limit
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as Telegram takes it


@dataclass(frozen=True, slots=True)
class PrivateLink:
    """An address that Telegram opens for the person who pressed, and for nobody else."""

    url: str


@dataclass(frozen=True, slots=True)
class ButtonPress:
    query: CallbackQuery
    context: Context
    parts: tuple[str, ...]
    asker: Asker
    language: Language
    answers: ConversationService
    completer: ReplyCompleter

    @property
    def compact(self) -> bool:
        return self.asker.place != "private"

    @property
    def user(self) -> int:
        return self.query.from_user.id

    @property
    def say(self) -> Say:
        return say_in(self.language)

    @property
    def label(self) -> str:
        """The text on the button; empty where Telegram no longer shows the message to bots."""
        markup = self.query.message.reply_markup if isinstance(self.query.message, Message) else None
        buttons = [button for row in markup.inline_keyboard for button in row] if markup else []
        return next((button.text for button in buttons if button.callback_data == self.query.data), "")

    def part(self, at: int) -> str:
        return self.parts[at] if at < len(self.parts) else ""

    def number(self, at: int) -> int:
        """0 where the part is missing or no number."""
        return parse_number(self.part(at))

    def in_private(self, payload: str) -> str | PrivateLink:
        """What /start with that payload shows, in the private chat: with the person's own language and rights."""
        if not START_PAYLOAD.fullmatch(payload):
            return self.say("too-old")
        return PrivateLink(f"https://t.me/{self.context.bot.username}?start={payload}")

    async def show(self, reply: Reply | None) -> str:
        """Edits the message; the toast is empty, or says that the button is too old."""
        chat, message = self.asker.chat, self.asker.message
        if reply and chat and message and await self.completer.edit(self.context.bot, chat, message, reply):
            return ""
        return self.say("too-old")


PressHandler = Callable[[ButtonPress], Awaitable[str | PrivateLink]]


class ButtonRouter:
    """Finds the handler of a press; data of another version gets a polite refusal."""

    def __init__(self, services: Services, operations: Mapping[Operation, PressHandler]) -> None:
        self._services, self._operations = services, operations

    async def pressed(self, update: Update, context: Context) -> None:
        if query := update.callback_query:
            operation, parts = decode(query.data or "")
            press = await asyncio.to_thread(self._press, query, context, parts)
            if wait := self._services.press_quota.wait(press.user, self._services.answers.now()):
                await _answer(query, press.say("too-many-presses", seconds=wait))
                return
            handle = self._operations.get(operation) if operation else None
            await _answer(query, await handle(press) if handle else press.say("too-old"))

    def _press(self, query: CallbackQuery, context: Context, parts: tuple[str, ...]) -> ButtonPress:
        message = query.message
        asker = Asker(
            place="private" if message and message.chat.type == ChatType.PRIVATE else "group",
            user=query.from_user.id,
            chat=message.chat.id if message else None,
            message=message.message_id if message else None,
        )
        language = self._services.language(asker, query.from_user.language_code)
        answers = self._services.for_bot(context.bot.username, asker.chat)
        return ButtonPress(query, context, parts, asker, language, answers, ReplyCompleter(self._services))


class AnswerButtons(HandlerGroup):
    """Buttons of answers, summaries and topics, which work for everybody who sees the message."""

    @property
    def operations(self) -> dict[Operation, PressHandler]:
        return {
            Operation.ANSWER_PAGE: self._answer,
            Operation.ANSWER_BUTTONS: self._answer_buttons,
            Operation.MORE_MENU: self._more_menu,
            Operation.REASONS: self._reasons,
            Operation.FEEDBACK: self._feedback,
            Operation.SUMMARY: self._summary,
            Operation.TOPIC: self._topic,
            Operation.TOPICS: self._topics,
            Operation.SUGGESTION: self._suggestion,
        }

    async def _answer(self, press: ButtonPress) -> str:
        return await press.show(await _for_view(press, press.answers.view))

    async def _answer_buttons(self, press: ButtonPress) -> str:
        reply = await _for_view(press, press.answers.view)
        return await press.show(Reply("", reply.rows) if reply else None)

    async def _more_menu(self, press: ButtonPress) -> str:
        """In a group, where older answers still have ⋯, the buttons that are the same for everybody."""
        if press.compact:
            return await self._answer_buttons(press)
        return await press.show(await _for_view(press, press.answers.more_menu))

    async def _reasons(self, press: ButtonPress) -> str:
        if press.compact:
            return await self._answer_buttons(press)
        return await press.show(await _for_view(press, press.answers.reasons))

    async def _feedback(self, press: ButtonPress) -> str:
        view, reasons = decode_view(press.parts), FEEDBACK_REASONS[press.number(3) :] if press.part(3) else ()
        if view is None or not reasons:
            return press.say("too-old")
        toggle = press.answers.toggle_feedback
        stands = await asyncio.to_thread(toggle, view, press.asker, reasons[0])
        if stands is None:
            return press.say("too-old")
        if not press.compact:
            await (self._more_menu if reasons[0] == FEEDBACK_REASONS[GOOD_REASON] else self._reasons)(press)
        return press.say("reason-kept") if stands else press.say("reason-withdrawn")

    async def _summary(self, press: ButtonPress) -> str | PrivateLink:
        view, show = decode_view(press.parts[2:]), press.answers.document
        if press.compact and view is None:
            return press.in_private(summary_payload(press.part(0)))
        language = await asyncio.to_thread(_shown_language, press, view)
        return await press.show(await asyncio.to_thread(show, press.part(0), press.number(1), language, view))

    async def _topic(self, press: ButtonPress) -> str | PrivateLink:
        """In a group in private, where it changes nothing that others see."""
        if press.compact:
            return press.in_private(topic_payload(press.part(0), press.number(1)))
        show = press.answers.topic
        return await press.show(await asyncio.to_thread(show, press.part(0), press.number(1), press.language))

    async def _topics(self, press: ButtonPress) -> str | PrivateLink:
        if press.compact:
            return press.in_private(topics_payload(press.number(0)))
        return await press.show(await asyncio.to_thread(press.answers.topics, press.number(0), press.language))

    async def _suggestion(self, press: ButtonPress) -> str:
        """Asks the question on the button as if it had been written; the greeting stays above the answer."""
        if not press.label or press.asker.chat is None:
            return press.say("too-old")
        notice, ask = press.say("you-asked", question=press.label), press.answers.ask
        reply = await asyncio.to_thread(ask, press.label, press.language, press.asker, notice=notice)
        sent = await press.completer.post(press.context.bot, press.asker.chat, reply)
        await record_sent(press.answers, reply, sent)
        return ""


async def _for_view(press: ButtonPress, render: Callable[[AnswerView, Language, Asker], Reply | None]) -> Reply | None:
    view = decode_view(press.parts)
    if view is None:
        return None
    language = await asyncio.to_thread(_shown_language, press, view)
    return await asyncio.to_thread(render, view, language, press.asker)


def _shown_language(press: ButtonPress, view: AnswerView | None) -> Language:
    """In a group an answer stays in its question's language: others see it too. Blocks on SQLite."""
    asked = press.answers.question_log.question(view.question) if view and press.compact else None
    if asked is None or asked.asker.chat != press.asker.chat:
        return press.language
    return "zh" if asked.language == "zh" else "en"


async def _answer(query: CallbackQuery, answer: str | PrivateLink) -> None:
    try:
        if isinstance(answer, PrivateLink):
            await query.answer(url=answer.url)
        else:
            await query.answer(answer[:MAX_TOAST_CHARS] or None, show_alert=len(answer) > 40)
    except BadRequest as error:
        if not is_benign(error):
            raise
