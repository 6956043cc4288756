"""/stats: an operator's command goes in, the chart and the report of what people ask and do not find go out."""

import asyncio

from telegram import Message

from bot.analytics import report
from bot.analytics.chart import render_chart
from bot.analytics.statistics import UsageStats
from bot.handlers.base import Context, HandlerGroup, operators_only
from bot.render.html import escape
from bot.render.i18n import Say
from bot.render.reply import Reply
from bot.transport.sender import send

STATS_DAYS = 30
STATS_BAR_CHARS = 16  # with date and number, a line on a phone


class StatsHandlers(HandlerGroup):
    @operators_only(private=True)
    async def stats(self, message: Message, _: Context, say: Say) -> None:
        usage = await asyncio.to_thread(self._services.usage_stats, STATS_DAYS)
        await _send_chart(message, usage, say)
        for page in report.render_pages(usage, say):
            await send(message, Reply(page))


async def _send_chart(message: Message, usage: UsageStats, say: Say) -> None:
    caption = report.render_caption(usage, say)
    if picture := await render_chart(usage.days, say):
        await message.reply_photo(picture, caption, do_quote=False)
        return
    bars = report.draw_bars(usage.days, STATS_BAR_CHARS)
    lines = [*(f"{day} {count:>4} {''.join(parts)}" for day, parts, count in bars), say("stats-bars")]
    await send(message, Reply(f"{caption}\n<pre>{escape(chr(10).join(lines))}</pre>"))
