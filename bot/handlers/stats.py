"""/stats: for who runs the bot, in private: what people ask and do not find."""

import asyncio

from telegram import Message, Update
from telegram.constants import ChatType

from bot.analytics import chart, report
from bot.analytics.statistics import Census
from bot.container import Desk
from bot.handlers.questions import Context
from bot.render.html import escape
from bot.render.i18n import Say, say_in
from bot.render.reply import Reply
from bot.transport.sender import asker, send

DAYS = 30
WIDTH = 16  # blocks in a bar: with date and number, a line on a phone


class Counting:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def stats(self, update: Update, _: Context) -> None:
        if message := update.message:
            say = say_in(await asyncio.to_thread(self._desk.language, asker(message), _code(message)))
            if message.chat.type != ChatType.PRIVATE or not self._desk.access.is_admin(asker(message).user):
                await send(message, Reply(escape(say("operators-only"))))
                return
            census = await asyncio.to_thread(self._desk.usage, DAYS)
            await head(message, census, say)
            for page in report.pages(census, say):
                await send(message, Reply(page))


async def head(message: Message, census: Census, say: Say) -> None:
    """The picture, or bars of characters where it cannot be drawn."""
    caption = report.caption(census, say)
    if picture := await chart.drawn(census.days, say):
        await message.reply_photo(picture, caption, do_quote=False)
    else:
        lines = [f"{day} {count:>4} {''.join(parts)}" for day, parts, count in report.bars(census.days, WIDTH)]
        lines.append(say("stats-bars"))
        await send(message, Reply(f"{caption}\n<pre>{escape(chr(10).join(lines))}</pre>"))


def _code(message: Message) -> str | None:
    return message.from_user.language_code if message.from_user else None
