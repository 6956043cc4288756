"""Reads one update: Telegram's JSON goes in, an update comes out, or an exception where it cannot be read.

A newer or older Bot API server may send what python-telegram-bot cannot read.
"""

from datetime import UTC, datetime
from typing import Any

from telegram import Bot, CallbackQuery, Chat, InlineQuery, Message, MessageEntity, Update, User

MAX_ID = 2**63 - 1  # that SQLite can hold

# The fields that the bot reads; python-telegram-bot takes any type for them.
FIELD_TYPES: dict[type, dict[str, type | tuple[type, ...]]] = {
    Update: {"update_id": int},
    Message: {"message_id": int, "date": datetime, "text": (str, type(None)), "caption": (str, type(None))},
    MessageEntity: {"offset": int, "length": int, "type": str},
    Chat: {"id": int, "type": str},
    User: {"id": int, "language_code": (str, type(None))},
    CallbackQuery: {"id": str, "data": (str, type(None))},
    InlineQuery: {"id": str, "query": str, "offset": str},
}

UPDATE_FIELDS = frozenset({"update_id", "message"})
TEXT_FIELDS = frozenset({"message_id", "date", "chat", "from", "text"})
CHAT_FIELDS = frozenset({"id", "type", "first_name", "last_name", "username"})
USER_FIELDS = frozenset({"id", "is_bot", "first_name", "last_name", "username", "language_code", "is_premium"})


class UnreadableError(Exception):
    """The update has a field of a type that Telegram does not document."""


def read_update(raw: object, bot: Bot) -> Update:
    """Raises any exception where the update cannot be read."""
    if not isinstance(raw, dict):
        raise UnreadableError("an update is no JSON object")
    update = _read_plain_question(raw, bot) or Update.de_json(raw, bot)
    if not 0 <= update.update_id <= MAX_ID:
        raise UnreadableError("update_id is beyond 64 bits")
    for thing in (update, update.callback_query, update.inline_query, update.effective_user, update.effective_chat):
        _check_fields(thing)
    pressed = update.callback_query.message if update.callback_query else None
    for message in (update.message, update.edited_message, update.guest_message, pressed):
        if isinstance(message, Message):
            _check_message(message)
            if message.reply_to_message:
                _check_message(message.reply_to_message)
    return update


def _read_plain_question(raw: dict[str, Any], bot: Bot) -> Update | None:
    """As `Update.de_json`, which looks for a hundred fields: for a private message that has a text and nothing else."""
    message = raw.get("message")
    if raw.keys() != UPDATE_FIELDS or not isinstance(message, dict) or message.keys() != TEXT_FIELDS:
        return None
    chat, user, date = message["chat"], message["from"], message["date"]
    if not (isinstance(chat, dict) and chat.keys() <= CHAT_FIELDS and isinstance(user, dict)):
        return None
    if not (user.keys() <= USER_FIELDS and type(date) is int and chat.get("type") == "private"):
        return None
    objects = (
        known_chat := Chat(**chat),
        known_user := User(**user),
        read := Message(
            message["message_id"], datetime.fromtimestamp(date, UTC), known_chat, known_user, text=message["text"]
        ),
        update := Update(raw["update_id"], message=read),
    )
    for one in objects:
        one.set_bot(bot)
    return update


def _check_message(message: Message) -> None:
    for thing in (message, message.chat, message.from_user, *message.entities, *message.caption_entities):
        _check_fields(thing)


def _check_fields(thing: object) -> None:
    for name, types in FIELD_TYPES.get(type(thing), {}).items():
        if not isinstance(getattr(thing, name), types):
            raise UnreadableError(f"{type(thing).__name__}.{name} has another type than Telegram documents")
