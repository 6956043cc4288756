"""Handles questions, /help, /topics and greetings: messages and commands go in, replies go out."""

import asyncio

from telegram import Message, Update, User
from telegram.constants import ChatType

from bot.container import Services
from bot.conversation.conversation import ConversationService
from bot.handlers.base import Context, HandlerGroup, record_sent, with_message
from bot.handlers.completion import ReplyCompleter
from bot.render.html import escape
from bot.render.i18n import Language, say_in
from bot.render.reply import Reply
from bot.transport import message_text
from bot.transport.message_joiner import is_first_part
from bot.transport.sender import asker, send
from bot.transport.waiting_sign import WaitingReason, WaitingSign
from bot.users.access_list import AccessList
from bot.users.preferences import PreferenceStore


def waiting_line(
    access: AccessList, preferences: PreferenceStore, message: Message, reason: WaitingReason
) -> Reply | None:
    """What is said where an answer takes long; nothing to somebody who may not use the bot. Blocks on SQLite."""
    who = asker(message)
    if not access.allows(who.user, who.chat):
        return None
    code = message.from_user.language_code if message.from_user else None
    say = say_in(preferences.language((who.chat, who.user), code, message.text or ""))
    return Reply(escape(say("answers-wait") if reason == "answers-wait" else say("one-moment")))


class QuestionHandlers(HandlerGroup):
    def __init__(self, services: Services, sign: WaitingSign) -> None:
        super().__init__(services)
        self._sign = sign

    @with_message
    async def question(self, message: Message, context: Context) -> None:
        async with self._sign.over(message):
            reply = await self._answer_promptly(message, context.bot.bot)
        if reply is None:
            return
        sent = await ReplyCompleter(self._services).send(message, reply)
        await record_sent(self._services.answers, reply, sent)

    async def edited(self, update: Update, context: Context) -> None:
        """Editing a question edits its answer. Telegram also reports invisible edits, so the texts are compared."""
        if message := update.edited_message:
            log, text = self._services.answers.question_log, message_text.question_text(message, context.bot.bot)
            before = await asyncio.to_thread(log.asked_in, message.chat_id, message.message_id)
            if before and before.answer and text and text != before.text and not is_first_part(text, before.text):
                reply = await asyncio.to_thread(self._answer, message, context.bot.bot)
                if reply is None:
                    return
                await ReplyCompleter(self._services).edit(context.bot, message.chat_id, before.answer, reply)
                await record_sent(self._services.answers, reply, before.answer)

    @with_message
    async def start(self, message: Message, context: Context) -> None:
        answers, language = await self._answers(message, context)
        payload = message_text.after_command(message) if message.chat.type == ChatType.PRIVATE else ""
        reply = await asyncio.to_thread(answers.start, payload, language)
        await ReplyCompleter(self._services).send(message, reply)

    @with_message
    async def topics(self, message: Message, context: Context) -> None:
        answers, language = await self._answers(message, context)
        await send(message, await asyncio.to_thread(answers.topics, 0, language))

    @with_message
    async def help(self, message: Message, _: Context) -> None:
        say = await self.say(message)
        operator = message.chat.type == ChatType.PRIVATE and self._services.access.is_admin(asker(message).user)
        await send(message, Reply(escape("\n\n".join([say("help"), *([say("help-operators")] if operator else [])]))))

    @with_message
    async def privacy(self, message: Message, _: Context) -> None:
        say, model = await self.say(message), self._services.model
        parts = [say("privacy")]
        if model:
            parts.append(say("privacy-model", host=model.host))
        if model and model.composer:
            parts.append(say("privacy-composing"))
        await send(message, Reply(escape("\n".join(parts))))

    @with_message
    async def only_text(self, message: Message, _: Context) -> None:
        """Stickers, photographs, voice: Telegram counts unanswered private messages against the bot."""
        say = await self.say(message)
        await send(message, Reply(escape(say("only-text"))))

    async def _answers(self, message: Message, context: Context) -> tuple[ConversationService, Language]:
        language = await asyncio.to_thread(self.language, message)
        return self._services.for_bot(context.bot.username, message.chat_id), language

    async def _answer_promptly(self, message: Message, me: User) -> Reply | None:
        """Without a thread where none is needed."""
        text = message_text.own_text(message, me)
        code = message.from_user.language_code if message.from_user else None
        who = asker(message)
        preferences = self._services.preferences
        language = preferences.known_language((who.chat, who.user), code, text)
        if language is None:
            await asyncio.to_thread(preferences.remember_all)
            language = preferences.known_language((who.chat, who.user), code, text)
        if not text or message.reply_to_message or message.quote or language is None or self._services.model:
            return await asyncio.to_thread(self._answer, message, me)
        if wait := self.wait(message):
            return self.too_many(message, wait, say_in(language))
        answers = self._services.for_bot(me.username or "", message.chat_id)  # whose preferences are known now
        prompt = await self._services.prompt_answers.ask(answers, text, language, who)
        return prompt or await asyncio.to_thread(answers.ask, text, language, who)

    def _answer(self, message: Message, me: User) -> Reply | None:
        text, quoted = message_text.own_text(message, me), message_text.quoted_text(message, me)
        language = self.language(message, text or quoted)
        if wait := self.wait(message):
            return self.too_many(message, wait, say_in(language))
        answers = self._services.for_bot(me.username or "", message.chat_id)
        replied = message_text.replied_answer(message, me)
        return answers.ask(text or quoted, language, asker(message), replied, quoted if text else "")
