"""/stats: for who runs the bot, in private: what people ask and do not find."""

import asyncio

from telegram import Message, Update
from telegram.constants import ChatType

from bot.analytics import chart, report
from bot.analytics.statistics import UsageStats
from bot.container import Services
from bot.handlers.questions import Context
from bot.render.html import escape
from bot.render.i18n import Say, say_in
from bot.render.reply import Reply
from bot.transport.sender import asker, send

STATS_DAYS = 30
STATS_BAR_CHARS = 16  # blocks in a bar: with date and number, a line on a phone


class StatsHandlers:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def stats(self, update: Update, _: Context) -> None:
        if message := update.message:
            say = say_in(await asyncio.to_thread(self._services.language, asker(message), _code(message)))
            if message.chat.type != ChatType.PRIVATE or not self._services.access.is_admin(asker(message).user):
                await send(message, Reply(escape(say("operators-only"))))
                return
            census = await asyncio.to_thread(self._services.usage_stats, STATS_DAYS)
            await send_caption(message, census, say)
            for page in report.pages(census, say):
                await send(message, Reply(page))


async def send_caption(message: Message, census: UsageStats, say: Say) -> None:
    """The picture, or bars of characters where it cannot be drawn."""
    caption = report.caption(census, say)
    if picture := await chart.render_chart(census.days, say):
        await message.reply_photo(picture, caption, do_quote=False)
    else:
        lines = [
            f"{day} {count:>4} {''.join(parts)}" for day, parts, count in report.bars(census.days, STATS_BAR_CHARS)
        ]
        lines.append(say("stats-bars"))
        await send(message, Reply(f"{caption}\n<pre>{escape(chr(10).join(lines))}</pre>"))


def _code(message: Message) -> str | None:
    return message.from_user.language_code if message.from_user else None
