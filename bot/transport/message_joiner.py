"""Joins what a person sent as one and Telegram delivers in parts: an album, or one text that the client cut.

Updates go in as they come; each leaves alone, or as one with its parts. Nothing is lost here: the inbox has kept every
part before, and strikes all of them when the whole is done.
"""

import asyncio
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from telegram import Message, MessageEntity, Update

from bot.render.html import utf16_len
from bot.transport.routing import chat_of

JOIN_SECONDS = 1.0  # after a part, in which the next one comes in
JOIN_SPAN = timedelta(seconds=3)  # between the dates of two parts; Telegram's dates are whole seconds
# Clients cut at 4,096 UTF-16 units, or at the last good place before; none cuts in the first half.
MAX_TEXT_UNITS = 4096
MIN_CUT_UNITS = MAX_TEXT_UNITS // 2
MAX_PARTS = 20  # an album has ten at most
MAX_TAILS = 1000
WIDE = frozenset("WF")  # Chinese with its punctuation: it has no spaces


class JoinedMessage(Message):
    """The message that stands for all `parts`, in the order in which they were sent."""

    __slots__ = ("_parts",)
    _parts: tuple[Message, ...]

    @property
    def parts(self) -> tuple[Message, ...]:
        return self._parts


@dataclass
class _Held:
    parts: list[Update]
    timer: asyncio.TimerHandle | None = field(default=None)


class MessageJoiner:
    """`release` gets each whole in the order of its first part within a chat, and the ids of all its parts."""

    def __init__(self, release: Callable[[Update, Sequence[int]], None]) -> None:
        self._release = release
        self._held: dict[Hashable, _Held] = {}  # by chat
        self._tails: dict[Hashable, Update] = {}  # what may go on in a message that does not address the bot, by chat

    def expects(self, update: Update, addressed: bool) -> bool:
        """Whether it goes on what was addressed to the bot. Called for each update in order, before `add`."""
        chat = chat_of(update)
        before = self._tails.pop(chat, None)
        goes_on = before is not None and continues(before, update)
        if (addressed or goes_on) and is_cut(update) and len(self._tails) < MAX_TAILS:
            self._tails[chat] = update
        if goes_on and (held := self._held.get(chat)):
            self._wait(chat, held)  # while it is written
        return goes_on

    def add(self, update: Update) -> None:
        chat = chat_of(update)
        held = self._held.get(chat)
        if held and continues(held.parts[-1], update):
            held.parts.append(update)
            if may_go_on(update) and len(held.parts) < MAX_PARTS:
                self._wait(chat, held)
            else:
                self._let_go(chat)
            return
        if held:
            self._let_go(chat)
        if may_go_on(update):
            held = self._held[chat] = _Held([update])
            self._wait(chat, held)
        else:
            self._release(update, [update.update_id])

    def close(self) -> None:
        """What is held stays in the inbox, for the next start."""
        for held in self._held.values():
            if held.timer:
                held.timer.cancel()
        self._held.clear()

    def _wait(self, chat: Hashable, held: _Held) -> None:
        if held.timer:
            held.timer.cancel()
        held.timer = asyncio.get_running_loop().call_later(JOIN_SECONDS, self._let_go, chat)

    def _let_go(self, chat: Hashable) -> None:
        held = self._held.pop(chat)
        if held.timer:
            held.timer.cancel()
        self._tails.pop(chat, None)
        self._release(join(held.parts), [part.update_id for part in held.parts])


def may_go_on(update: Update) -> bool:
    return bool(update.message and update.message.media_group_id) or is_cut(update)


def is_cut(update: Update) -> bool:
    return bool(update.message and update.message.text and utf16_len(update.message.text) >= MIN_CUT_UNITS)


def continues(before: Update, update: Update) -> bool:
    """Whether it is the next part of what `before`, of the same chat, is a part of."""
    first, second = before.message, update.message
    if first is None or second is None or chat_of(before) != chat_of(update):
        return False
    if first.media_group_id or second.media_group_id:
        return first.media_group_id == second.media_group_id
    return (
        is_cut(before)
        and bool(second.text)
        and not second.reply_to_message
        and not _is_command(second)
        and (first.forward_origin is None) == (second.forward_origin is None)
        and first.message_thread_id == second.message_thread_id
        and abs(second.date - first.date) <= JOIN_SPAN
    )


def groups_of_parts(updates: Iterable[Update]) -> list[list[Update]]:
    """Each update alone, or with the parts that belong to it; in the order of their first parts."""
    groups: list[list[Update]] = []
    last: dict[Hashable, list[Update]] = {}
    for update in updates:
        chat = chat_of(update)
        group = last.get(chat)
        if group and len(group) < MAX_PARTS and continues(group[-1], update):
            group.append(update)
        else:
            last[chat] = [update]
            groups.append(last[chat])
    return groups


def join(parts: Sequence[Update]) -> Update:
    """One update with the first part's number; the message is the one with words, or the first."""
    messages = [part.message for part in parts if part.message]
    if len(parts) < 2 or len(messages) < len(parts):
        return parts[0]
    if messages[0].media_group_id:
        raw = next((one for one in messages if one.caption), messages[0]).to_dict()
    else:
        raw = messages[0].to_dict() | _joined_text(messages)
    whole = JoinedMessage.de_json(raw, messages[0].get_bot())
    whole._parts = tuple(messages)
    return Update(parts[0].update_id, message=whole)


def parts_of(message: Message) -> tuple[Message, ...]:
    return message.parts if isinstance(message, JoinedMessage) else (message,)


def is_first_part(text: str, whole: str) -> bool:
    """Whether the text, of which Telegram reports an edit, may be unchanged: the whole was sent in several parts."""
    return utf16_len(text) >= MIN_CUT_UNITS and whole.startswith(text)


def _joined_text(messages: Sequence[Message]) -> dict[str, Any]:
    text, entities = messages[0].text or "", [entity.to_dict() for entity in messages[0].entities]
    last = text
    for message in messages[1:]:
        part = message.text or ""
        text += between(last, part)
        offset, last = utf16_len(text), part
        text += part
        entities += [entity.to_dict() | {"offset": entity.offset + offset} for entity in message.entities]
    return {"text": text, "entities": entities}


def between(before: str, after: str) -> str:
    """The space that was lost where a text was cut; none within a word, and none in Chinese."""
    within_word = utf16_len(before) >= MAX_TEXT_UNITS
    return "" if within_word or _is_wide(before[-1:]) or _is_wide(after[:1]) else " "


def _is_wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in WIDE


def _is_command(message: Message) -> bool:
    return any(one.type == MessageEntity.BOT_COMMAND and one.offset == 0 for one in message.entities)
