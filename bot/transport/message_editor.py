"""Edits messages later: a message that was sent and texts that get ready go in, edits of it go out, while it stands."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from telegram import Bot
from telegram.error import TelegramError

from bot.render.reply import ButtonRow, Reply
from bot.transport.sender import edit

log = logging.getLogger(__name__)


@dataclass(slots=True)
class AwaitingMessage:
    """`rows` are the buttons below it now, which an edit of its text must repeat."""

    rows: tuple[ButtonRow, ...]
    task: asyncio.Task[None] | None = None


class MessageEditor:
    """To be called in the event loop's thread."""

    def __init__(self) -> None:
        self._awaiting: dict[tuple[int, int], AwaitingMessage] = {}

    def follow(self, bot: Bot, chat: int, message: int, reply: Reply, texts: AsyncGenerator[str, None]) -> None:
        """Edits the message to each of `texts`, unless it is changed to something else before."""
        self.changed(chat, message, reply)
        awaiting = self._awaiting[chat, message] = AwaitingMessage(reply.rows)
        awaiting.task = asyncio.create_task(self._edit(bot, chat, message, awaiting, texts))

    def changed(self, chat: int, message: int, reply: Reply) -> None:
        """To be called before each other edit: a new text ends what was awaited, new buttons alone are kept."""
        if awaiting := self._awaiting.get((chat, message)):
            if reply.text:
                del self._awaiting[chat, message]
                if awaiting.task:
                    awaiting.task.cancel()
            else:
                awaiting.rows = reply.rows

    async def settle(self) -> None:
        """Waits for all that is awaited now."""
        tasks = [awaiting.task for awaiting in self._awaiting.values() if awaiting.task]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        tasks = [awaiting.task for awaiting in self._awaiting.values() if awaiting.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._awaiting.clear()

    async def _edit(
        self, bot: Bot, chat: int, message: int, awaiting: AwaitingMessage, texts: AsyncGenerator[str, None]
    ) -> None:
        try:
            async with contextlib.aclosing(texts):
                async for text in texts:
                    if not await edit(bot, chat, message, Reply(text, awaiting.rows)):
                        return
        except TelegramError as error:
            log.info("a message could not be completed: %s", error)
        except Exception:
            log.exception("a message could not be completed")
        finally:
            if self._awaiting.get((chat, message)) is awaiting:
                del self._awaiting[chat, message]
