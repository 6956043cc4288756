"""Whether an update is for the bot: decided before anything of it is written, by `way_in` alone."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from telegram import Message, MessageEntity, Update, User
from telegram.constants import ChatType

# inbox: kept until it is answered; passing: answered at once or not at all; nowhere: not ours, and not looked at.
Route = Literal["inbox", "passing", "nowhere"]

STALE_AFTER = timedelta(minutes=2)  # in a group the talk has moved on by then

TELEGRAM_HOSTS = {"t.me", "telegram.me", "telegram.dog"}


def classify_update(update: Update, me: User, commands: Collection[str]) -> Route:
    """`commands` are ours, without the slash: a group's bare /command may be meant for another bot."""
    if update.my_chat_member or update.callback_query:
        return "inbox"
    if message := update.message or update.edited_message:
        return "inbox" if is_addressed(message, me, commands) else "nowhere"
    # Keystrokes of inline mode come again with the next one, and a guest's question has no second attempt.
    return "passing" if update.inline_query or update.chosen_inline_result or update.guest_message else "nowhere"


def is_stale(update: Update, received: datetime, now: datetime) -> bool:
    """Too late to be answered. A private message never is; a press of a button has no date but that of its arrival."""
    if update.callback_query:
        return now - received > STALE_AFTER
    message = update.message or update.edited_message
    if message is None or message.chat.type == ChatType.PRIVATE or is_migration(message):
        return False
    return now - (message.edit_date or message.date) > STALE_AFTER


def is_addressed(message: Message, me: User, commands: Collection[str]) -> bool:
    """Private, or in a group for us: a command, a mention, a reply to our message, the group's move to a new id."""
    if not from_person(message, me):
        return False
    if message.chat.type == ChatType.PRIVATE:
        return True
    return bool(
        is_migration(message)
        or message.forum_topic_reopened  # what was paused there goes on
        or replies_to(message, me)
        or is_our_command(message, me, commands)
        or mentions_bot(message, me)
    )


def from_person(message: Message, me: User) -> bool:
    """Written by a person here: no other bot, and not our own answer sent by way of inline mode."""
    if message.via_bot and message.via_bot.id == me.id:
        return False
    # An anonymous administrator writes as a bot, in the name of the chat.
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
    """Where text or caption name the bot: start and end, in Python's characters, from left to right."""
    text = message.text or message.caption or ""
    units = text.encode("utf-16-le", "surrogatepass")
    found = []
    for entity in message.entities or message.caption_entities:
        before, named = units[: 2 * entity.offset], units[2 * entity.offset : 2 * (entity.offset + entity.length)]
        if names_bot(entity, named.decode("utf-16-le", "replace"), me):
            start = len(before.decode("utf-16-le", "surrogatepass"))
            found.append((start, start + len(named.decode("utf-16-le", "surrogatepass"))))
    return sorted(found)


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
    """The name, in small letters, that a bare t.me address leads to; a deep link or a message's address is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    host = (parts.hostname or "").removeprefix("www.")
    return parts.path.strip("/").casefold() if host in TELEGRAM_HOSTS and not parts.query else None
