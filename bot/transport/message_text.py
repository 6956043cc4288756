"""What a message asks: its words without the command and the mention, or the message it replies to. Pure."""

import re

from telegram import Message, User

from bot.transport.routing import mentions_bot, replies_to


def question_text(message: Message, me: User) -> str:
    """The question, or '' where there is none. What is replied to is one where nothing else is said."""
    text = without_mentions(message, me)
    if command := re.match(r"/ask(?:@\w+)?(?=\s|$)", text, re.IGNORECASE | re.ASCII):
        text = text[command.end() :]
    return text.strip() or quoted_text(message, me)


def without_mentions(message: Message, me: User) -> str:
    text = message.text or message.caption or ""
    for start, end in reversed(mentions_bot(message, me)):
        text = f"{text[:start].rstrip()} {text[end:].lstrip(' ,，:：')}"
    return text.strip()


def quoted_text(message: Message, me: User) -> str:
    """The words of somebody's message that is replied to: only the quoted part where there is one."""
    original = message.reply_to_message
    if original is None or replies_to(message, me):
        return ""
    return message.quote.text if message.quote else original.text or original.caption or ""


def replied_answer(message: Message, me: User) -> int | None:
    """The message of ours that this one replies to."""
    return message.reply_to_message.message_id if message.reply_to_message and replies_to(message, me) else None


def after_command(message: Message) -> str:
    """A command's words as they were typed; its entity is ASCII, so that UTF-16 units are characters."""
    command = message.entities[0].length if message.entities else 0
    return (message.text or "")[command:].strip()
