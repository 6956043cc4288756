"""The base of all handlers: an update goes in, its message, its writer's language and the operator check come out."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from functools import wraps
from typing import Any, TypeVar

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot.container import Services
from bot.conversation.answering import AnswerService
from bot.render.html import escape
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Reply
from bot.transport.sender import asker, send

Context = ContextTypes.DEFAULT_TYPE


class HandlerGroup:
    def __init__(self, services: Services) -> None:
        self._services = services

    def language(self, message: Message, text: str = "") -> Language:
        """Blocks on SQLite."""
        code = message.from_user.language_code if message.from_user else None
        return self._services.language(asker(message), code, text)

    def wait(self, message: Message) -> int:
        """Seconds until the writer may ask again; 0 admits and counts the question."""
        return self._services.quota.wait(quota_key(message), message.date)

    def too_many(self, message: Message, seconds: int, say: Say) -> Reply | None:
        """None in a group where they were told a moment ago: each reply would delay those to others."""
        told = message.chat.type == ChatType.PRIVATE or self._services.quota.must_tell(quota_key(message), message.date)
        return Reply(escape(say("too-many", seconds=seconds))) if told else None

    async def say(self, message: Message) -> Say:
        return say_in(await asyncio.to_thread(self.language, message))


async def record_sent(answers: AnswerService, reply: Reply, message: int) -> None:
    """Notes the message that answers; a thread is needed only where its question is on the disk already."""
    if reply.question and not answers.question_log.record_sent(reply.question, message):
        await asyncio.to_thread(answers.record_sent, reply.question, message)


def quota_key(message: Message) -> Hashable:
    """Anonymous administrators and channels write under ids that many share."""
    if message.sender_chat:
        return message.sender_chat.id, message.chat_id
    return message.from_user.id if message.from_user else None


H = TypeVar("H", bound=HandlerGroup)
OnUpdate = Callable[[H, Update, Context], Coroutine[Any, Any, None]]
OnMessage = Callable[[H, Message, Context], Coroutine[Any, Any, None]]
OnOperatorMessage = Callable[[H, Message, Context, Say], Coroutine[Any, Any, None]]


def with_message(handle: OnMessage[H]) -> OnUpdate[H]:
    """The handler is called with the update's message, and only if there is one."""

    @wraps(handle)
    async def handle_update(self: H, update: Update, context: Context) -> None:
        if message := update.message:
            await handle(self, message, context)

    return handle_update


def operators_only(
    private: bool = False, refusal: Callable[[Say], str] = lambda say: say("operators-only")
) -> Callable[[OnOperatorMessage[H]], OnUpdate[H]]:
    """The handler is called for operators, if `private` only in their private chat; everybody else gets `refusal`."""

    def decorate(handle: OnOperatorMessage[H]) -> OnUpdate[H]:
        @wraps(handle)
        async def handle_update(self: H, update: Update, context: Context) -> None:
            if message := update.message:
                say = await self.say(message)
                here = not private or message.chat.type == ChatType.PRIVATE
                if here and self._services.access.is_admin(asker(message).user):
                    await handle(self, message, context, say)
                else:
                    await send(message, Reply(escape(refusal(say))))

        return handle_update

    return decorate
