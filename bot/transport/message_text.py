"""Pure functions from a Telegram message to the question in it, without command and mention."""

import re

from telegram import Message, User

from bot.transport.routing import mentions_bot, replies_to


def question_text(message: Message, me: User) -> str:
    """The question, or '' where there is none; a reply without words of its own asks what it replies to."""
    return own_text(message, me) or quoted_text(message, me)


def own_text(message: Message, me: User) -> str:
    text = without_mentions(message, me)
    if command := re.match(
        r"/(?:ask(?:@\w+)?(?=\s|$)|\w+(?:@\w+)?(?=\s|[^\x00-\x7f]))", text, re.IGNORECASE | re.ASCII
    ):
        text = text[command.end() :]
    return text.strip()


def without_mentions(message: Message, me: User) -> str:
    text = message.text or message.caption or ""
    for start, end in reversed(mentions_bot(message, me)):
        text = f"{text[:start].rstrip()} {text[end:].lstrip(' ,，:：')}"
    return text.strip()


def quoted_text(message: Message, me: User) -> str:
    """The part that is quoted of another person's message, here or from another chat, else all of that message."""
    if replies_to(message, me):
        return ""
    if message.quote:
        return message.quote.text
    original = message.reply_to_message
    return (original.text or original.caption or "") if original else ""


def replied_answer(message: Message, me: User) -> int | None:
    """The id of the bot's message that this one replies to."""
    return message.reply_to_message.message_id if message.reply_to_message and replies_to(message, me) else None


def after_command(message: Message) -> str:
    # Commands are ASCII, so that the entity's UTF-16 units are characters.
    command = message.entities[0].length if message.entities else 0
    return (message.text or "")[command:].strip()
