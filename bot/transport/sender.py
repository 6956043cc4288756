"""Sends and edits messages: takes replies of text and buttons, calls the Bot API. Places for later lines stay empty."""

from typing import Any

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest
from telegram.ext import Defaults

from bot.question_log.log import Asker
from bot.render.reply import Button, ButtonRow, Reply
from bot.render.translation import fill_places
from bot.transport.errors import is_benign

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
DEFAULTS = Defaults(parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW, allow_sending_without_reply=True)


class InlineKeyboard(InlineKeyboardMarkup):
    """Serializes itself: python-telegram-bot inspects every button's fields, which takes as long as the request."""

    def __init__(self, rows: tuple[ButtonRow, ...]) -> None:
        super().__init__([])
        self._rows = rows

    def to_dict(self, recursive: bool = True) -> dict[str, Any]:  # noqa: ARG002
        return keyboard_fields(self._rows)


def keyboard(rows: tuple[ButtonRow, ...]) -> InlineKeyboardMarkup | None:
    return InlineKeyboard(rows) if rows else None


def keyboard_fields(rows: tuple[ButtonRow, ...]) -> dict[str, Any]:
    return {"inline_keyboard": [[_button(button) for button in row] for row in rows]}


def _button(button: Button) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#inlinekeyboardbutton"""
    fields = {
        "callback_data": button.code,
        "url": button.url,
        "copy_text": {"text": button.copy} if button.copy else None,
        "switch_inline_query_current_chat": button.inline,
        "web_app": {"url": button.app} if button.app else None,
    }
    return {"text": button.label} | {name: value for name, value in fields.items() if value is not None}


async def send(message: Message, reply: Reply) -> int:
    """In the message's chat and forum topic; in a group as a reply, since others may have written in between.

    Returns the id of the sent message.
    """
    where: dict[str, object] = {}
    if message.is_topic_message:
        where["message_thread_id"] = message.message_thread_id
    if message.direct_messages_topic:
        where["direct_messages_topic_id"] = message.direct_messages_topic.topic_id
    if message.business_connection_id:
        where["business_connection_id"] = message.business_connection_id
    if message.chat.type != ChatType.PRIVATE:
        where["reply_parameters"] = {"message_id": message.message_id, "allow_sending_without_reply": True}
    return await _send_text(message.get_bot(), message.chat_id, reply, where)


async def post(bot: Bot, chat: int, reply: Reply, thread: int | None = None) -> int:
    """Returns the id of the sent message."""
    return await _send_text(bot, chat, reply, {} if thread is None else {"message_thread_id": thread})


async def _send_text(bot: Bot, chat: int, reply: Reply, where: dict[str, object]) -> int:
    """As `Bot.send_message`, which looks into each argument and makes objects of the answer: half a millisecond."""
    data: dict[str, object] = {
        "chat_id": chat,
        "text": fill_places(reply.text, {}),
        "parse_mode": ParseMode.HTML.value,
        "link_preview_options": {"is_disabled": True},
    }
    if reply.rows:
        data["reply_markup"] = keyboard_fields(reply.rows)
    sent = await bot._post("sendMessage", data | where)
    return int(sent["message_id"])


async def edit(bot: Bot, chat: int, message: int, reply: Reply) -> bool:
    """Whether the message could still be edited. Without a text only its buttons change."""
    try:
        if reply.text:
            await bot.edit_message_text(fill_places(reply.text, {}), chat, message, reply_markup=keyboard(reply.rows))
        else:
            await bot.edit_message_reply_markup(chat, message, reply_markup=keyboard(reply.rows))
    except BadRequest as error:
        if "can't be edited" in str(error) or "not found" in str(error):
            return False
        if not is_benign(error):
            raise
    return True


def asker(message: Message) -> Asker:
    return Asker(
        place="private" if message.chat.type == ChatType.PRIVATE else "group",
        user=message.from_user.id if message.from_user else None,
        chat=message.chat_id,
        thread=message.message_thread_id if message.is_topic_message else None,
        message=message.message_id,
    )
