"""Commands in words: 'stop', 退订新型储能 come in; what would change something is asked back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from telegram import Message, Update

from bot.container import Services
from bot.conversation.follow_grammar import names_following
from bot.conversation.request import COMMAND_INTENTS, Intent, Request
from bot.digest import spoken_changes
from bot.digest.subscription_service import Subscriber, SubscriptionService
from bot.handlers.base import Context, HandlerGroup
from bot.handlers.buttons import ButtonPress, PressHandler
from bot.handlers.permissions import refuse_press, subscriber_from_message, subscriber_from_press
from bot.handlers.subscription_buttons import post_below
from bot.render.callback_data import Operation
from bot.render.html import escape, truncate, utf16_len
from bot.render.reply import Reply
from bot.transport import message_text
from bot.transport.sender import asker, send

UpdateHandler = Callable[[Update, Context], Awaitable[None]]
MAX_NAMED_CHARS = 80


class SpokenCommands(HandlerGroup):
    """`commands` are the handlers of commands that need no words, `question` takes all that is no command."""

    def __init__(self, services: Services, question: UpdateHandler, commands: Mapping[Intent, UpdateHandler]) -> None:
        super().__init__(services)
        self._question, self._commands = question, commands

    @property
    def operations(self) -> dict[Operation, PressHandler]:
        return {Operation.SPOKEN_FOLLOW: self._follow}

    async def message(self, update: Update, context: Context) -> None:
        message = update.message
        text = message_text.own_text(message, context.bot.bot) if message else ""
        request = await self._command(text)
        if message is None or request is None:
            await self._question(update, context)
        else:
            await self._obey(request, message, update, context)

    async def unknown_command(self, update: Update, context: Context) -> None:
        """'/stop', '/unsubscribe 储能' and '/news' are as good as the words; '/search 储能' asks 储能."""
        message = update.message
        words = (message.text or "").removeprefix("/").replace("_", " ") if message else ""
        request = await asyncio.to_thread(self._services.answers.recognize, words)
        if message and request and request.intent in COMMAND_INTENTS:
            await self._obey(request, message, update, context)
        elif message and (request or message_text.after_command(message)):
            await self._question(update, context)
        else:
            await self._commands["help"](update, context)

    async def _obey(self, request: Request, message: Message, update: Update, context: Context) -> None:
        if handle := self._commands.get(request.intent):
            await handle(update, context)
        elif reply := await self._reply(request, message, context):
            await send(message, reply)
        else:
            await self._question(update, context)

    async def _command(self, text: str) -> Request | None:
        answers = self._services.answers
        if not text or answers.is_question(text):
            return None
        request = await asyncio.to_thread(answers.recognize, text)
        return request if request and request.intent in COMMAND_INTENTS else None

    async def _reply(self, request: Request, message: Message, context: Context) -> Reply | None:
        """None where the words are a question after all."""
        subscriber = await subscriber_from_message(message, self._services)
        if request.intent == "follow" and not request.subject and not request.when:
            replied = message_text.replied_answer(message, context.bot.bot)
            subject = await asyncio.to_thread(self._services.answers.subject_before, asker(message), replied)
            request = replace(request, subject=subject if utf16_len(subject) <= spoken_changes.MAX_WANTED_CHARS else "")
        reply = await asyncio.to_thread(_ask_back, request, subscriber, self._service(context))
        if reply or not names_following(message.text or ""):
            return reply
        return Reply(escape(subscriber.say("spoken-unknown", subject=truncate(request.subject, MAX_NAMED_CHARS))))

    async def _follow(self, press: ButtonPress) -> str:
        """The button's label is what is followed, as it would be written after /subscribe."""
        if refusal := await refuse_press(press, press.say("follow-groups-only")):
            return refusal
        wanted = spoken_changes.wanted_by_label(press.label)
        if not wanted:
            return press.say("too-old")
        service, subscriber = self._service(press.context), subscriber_from_press(press)
        command = await asyncio.to_thread(service.parse, wanted, subscriber)
        await post_below(press, await asyncio.to_thread(service.subscribe, command, subscriber, None, None, ""))
        return ""

    def _service(self, context: Context) -> SubscriptionService:
        return self._services.subscription_service(context.bot.username)


def _ask_back(request: Request, subscriber: Subscriber, service: SubscriptionService) -> Reply | None:
    usual = service.usual_schedule(subscriber)
    match request.intent:
        case "follow":
            return spoken_changes.ask_to_follow(request.subject, request.when, usual, subscriber.say)
        case "unfollow":
            own = service.subscriptions_of(subscriber)
            return spoken_changes.ask_to_unfollow(request.subject, own, subscriber.say)
    own = service.subscriptions_of(subscriber)
    return spoken_changes.ask_to_reschedule(request.subject, request.when, own, usual, subscriber.say)
