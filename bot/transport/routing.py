"""Pure routing: takes an update, says whether it is for the bot, whether it has to be stored, and what it waits for."""

from collections.abc import Collection, Hashable
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from telegram import Message, MessageEntity, Update, User
from telegram.constants import ChatType

# inbox: stored until it is answered; passing: answered at once or not at all; nowhere: not for us, and dropped.
Route = Literal["inbox", "passing", "nowhere"]

STALE_AFTER = timedelta(minutes=2)  # by then a group's conversation has moved on

TELEGRAM_HOSTS = {"t.me", "telegram.me", "telegram.dog"}


def classify_update(update: Update, me: User, commands: Collection[str]) -> Route:
    """`commands` are the bot's, without slash: a bare /command in a group may be meant for another bot."""
    if update.my_chat_member or update.callback_query:
        return "inbox"
    if message := update.message or update.edited_message:
        return "inbox" if is_addressed(message, me, commands) else "nowhere"
    # The next keystroke of inline mode replaces this one, and a guest's question can be answered only once.
    return "passing" if update.inline_query or update.chosen_inline_result or update.guest_message else "nowhere"


def is_stale(update: Update, received: datetime, now: datetime) -> bool:
    """Whether it is too late to answer. Private messages never go stale; a press is dated by its arrival."""
    if update.callback_query:
        return now - received > STALE_AFTER
    message = update.message or update.edited_message
    if message is None or message.chat.type == ChatType.PRIVATE or is_migration(message):
        return False
    return now - (message.edit_date or message.date) > STALE_AFTER


def is_addressed(message: Message, me: User, commands: Collection[str]) -> bool:
    """Private, or in a group a command, a mention, a reply to the bot's message, or the group's move to a new id."""
    if not from_person(message, me):
        return False
    if message.chat.type == ChatType.PRIVATE:
        return True
    return bool(
        is_migration(message)
        or message.forum_topic_reopened  # subscriptions paused there resume
        or replies_to(message, me)
        or is_our_command(message, me, commands)
        or mentions_bot(message, me)
    )


def from_person(message: Message, me: User) -> bool:
    """Written by a person: not by another bot, and not the bot's own answer sent in inline mode."""
    if message.via_bot and message.via_bot.id == me.id:
        return False
    # Anonymous administrators write as a bot in the name of the chat.
    return message.from_user is None or not message.from_user.is_bot or message.sender_chat is not None


def is_migration(message: Message) -> bool:
    return bool(message.migrate_to_chat_id or message.migrate_from_chat_id)


def replies_to(message: Message, me: User) -> bool:
    original = message.reply_to_message
    if original is None or original.from_user is None or original.from_user.id != me.id:
        return False
    # Every message of a forum topic that the bot opened formally replies to the opening.
    return original.forum_topic_created is None


def is_our_command(message: Message, me: User, commands: Collection[str]) -> bool:
    first = next(iter(message.entities), None)
    if first is None or first.type != MessageEntity.BOT_COMMAND or first.offset:
        return False
    name, _, bot = (message.text or "")[1 : first.length].partition("@")
    return bot.casefold() == (me.username or "").casefold() if bot else name.lower() in commands


def mentions_bot(message: Message, me: User) -> list[tuple[int, int]]:
    """Spans (start, end) in text or caption that name the bot, in Python's characters, in ascending order."""
    text = message.text or message.caption or ""
    units = text.encode("utf-16-le", "surrogatepass")
    spans = []
    for entity in message.entities or message.caption_entities:
        before, named = units[: 2 * entity.offset], units[2 * entity.offset : 2 * (entity.offset + entity.length)]
        if names_bot(entity, named.decode("utf-16-le", "replace"), me):
            start = len(before.decode("utf-16-le", "surrogatepass"))
            spans.append((start, start + len(named.decode("utf-16-le", "surrogatepass"))))
    return sorted(spans)


def names_bot(entity: MessageEntity, text: str, me: User) -> bool:
    name = (me.username or "").casefold()
    match entity.type:
        case MessageEntity.MENTION:
            return text.casefold() == f"@{name}"
        case MessageEntity.TEXT_MENTION:
            return entity.user is not None and entity.user.id == me.id
        case MessageEntity.TEXT_LINK:
            return tme_username(entity.url or "") == name
        case MessageEntity.URL:
            return tme_username(text if "://" in text else f"https://{text}") == name
    return False


def tme_username(address: str) -> str | None:
    """The lower-case username that a bare t.me address leads to; None for deep links and other addresses."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    host = (parts.hostname or "").removeprefix("www.")
    return parts.path.strip("/").casefold() if host in TELEGRAM_HOSTS and not parts.query else None


def chat_of(update: Update) -> Hashable:
    """The key of updates that are handled in order.

    Presses do not wait for answers, and inline queries for nothing. In a group nobody waits for another's questions.
    """
    if update.callback_query:
        return "press", update.callback_query.from_user.id
    chat, user = update.effective_chat, update.effective_user
    if chat is None:
        return update.update_id
    return chat.id if user is None or chat.type == ChatType.PRIVATE else (chat.id, user.id)
