"""The waiting sign: shows a chat that its question is worked on, where the answer takes long."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

from telegram import Message
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.render.reply import Reply
from bot.transport.sender import send

TYPING_AFTER_SECONDS = 0.7  # until then most answers are there
TYPING_SECONDS = 4.5  # after which it is sent again: Telegram shows it for five
LINE_AFTER_SECONDS = 3.0
LINE_PAUSE_SECONDS = 60.0  # between two lines in a chat
MAX_TOLD_CHATS = 10_000

WaitingReason = Literal["one-moment", "answers-wait"]  # the name of the text


class WaitingSign:
    """`line` is what a message's writer is told, or nothing if they may not use the bot; it blocks on SQLite."""

    def __init__(self, line: Callable[[Message, WaitingReason], Reply | None]) -> None:
        self._line = line
        self.told: dict[int, float] = {}  # monotonic times of the last lines by chat

    @asynccontextmanager
    async def over(self, message: Message) -> AsyncIterator[None]:
        """The sign is shown for as long as the block takes."""
        loop = asyncio.get_running_loop()
        tasks: list[asyncio.Task[None]] = []
        # most answers are there before a task is worth making
        timer = loop.call_later(TYPING_AFTER_SECONDS, lambda: tasks.append(loop.create_task(self._show(message))))
        try:
            yield
        finally:
            timer.cancel()
            for showing in tasks:
                showing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await showing

    async def tell(self, message: Message) -> None:
        """Says at once that answers take a while; nothing where a line was said a moment ago."""
        if (line := await asyncio.to_thread(self._line, message, "answers-wait")) and self._may_tell(message.chat_id):
            with contextlib.suppress(TelegramError):
                await send(message, line)

    async def _show(self, message: Message) -> None:
        """No failure of the sign is one of the answer."""
        if not (line := await asyncio.to_thread(self._line, message, "one-moment")):
            return
        await _type(message)
        await asyncio.sleep(LINE_AFTER_SECONDS - TYPING_AFTER_SECONDS)
        if self._may_tell(message.chat_id):
            with contextlib.suppress(TelegramError):
                await send(message, line)
        while True:
            await _type(message)
            await asyncio.sleep(TYPING_SECONDS)

    def _may_tell(self, chat: int) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self.told.get(chat, -LINE_PAUSE_SECONDS) < LINE_PAUSE_SECONDS:
            return False
        if len(self.told) >= MAX_TOLD_CHATS:
            self.told = {chat: at for chat, at in self.told.items() if now - at < LINE_PAUSE_SECONDS}
        self.told[chat] = now
        return True


async def _type(message: Message) -> None:
    with contextlib.suppress(TelegramError):
        thread = message.message_thread_id if message.is_topic_message else None
        await message.get_bot().send_chat_action(message.chat_id, ChatAction.TYPING, message_thread_id=thread)
