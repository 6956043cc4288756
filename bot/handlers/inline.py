"""`@bot words` in any chat, and questions from chats the bot is not in: finished messages, found within two seconds."""

import asyncio
import re
from collections.abc import Sequence

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.container import Desk
from bot.conversation.answering import Replies
from bot.handlers.questions import Context
from bot.question_log.log import Asker
from bot.render import answer
from bot.render.answer import Style
from bot.render.html import cut, escape, line
from bot.render.i18n import say_in
from bot.transport import message_text
from bot.transport.errors import benign
from bot.transport.sender import NO_PREVIEW
from retrieval.model.results import Hit

PAGE = 10
MOST = 50  # points that scrolling leads to
BUDGET = 1.8  # seconds: Telegram waits for an inline answer about ten, a person who types two
CACHE = 60  # seconds
DESCRIPTION = 200
ONLY_TOPIC = re.compile(r'^\s*topic:(?:"([^"]+)"|(\S+))\s*$', re.IGNORECASE)


class Inline:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def query(self, update: Update, context: Context) -> None:
        """Always an answer, an empty one when the time is over; keystrokes leave no trace."""
        if query := update.inline_query:
            here, who = self._desk.here(context.bot.username), query.from_user
            language = await asyncio.to_thread(
                self._desk.language, Asker("inline", who.id), who.language_code, query.query
            )
            offset = int(query.offset) if query.offset.isdigit() and len(query.offset) < 4 else 0
            try:
                search = asyncio.to_thread(found, here, query.query, offset)
                hits = await asyncio.wait_for(search, BUDGET)
            except TimeoutError:
                hits = []
            style = await asyncio.to_thread(here.style, language)
            button = InlineQueryResultsButton(style.say("inline-open"), start_parameter="inline")
            try:
                await query.answer(
                    [article(hit, query.query, style) for hit in hits],
                    cache_time=CACHE,
                    is_personal=True,
                    next_offset=str(offset + PAGE) if len(hits) == PAGE and offset + PAGE < MOST else "",
                    button=button,
                )
            except BadRequest as error:  # somebody typed on, and nobody waits for this one any more
                if not benign(error):
                    raise

    async def chosen(self, update: Update, _: Context) -> None:
        """What was sent is a question; without words there was none."""
        if (chosen := update.chosen_inline_result) and chosen.query.strip():
            who = Asker("inline", chosen.from_user.id)
            await asyncio.to_thread(self._desk.replies.chosen, chosen.result_id[:16], chosen.query, who)

    async def guest(self, update: Update, context: Context) -> None:
        """One reply, in a chat that the bot is not in: it knows and keeps nothing of that chat."""
        if (message := update.guest_message) and message.guest_query_id:
            text = message_text.asked(message, context.bot.bot)
            here, who = self._desk.here(context.bot.username), message.guest_bot_caller_user or message.from_user
            asker = Asker("guest", who.id if who else None)
            language = await asyncio.to_thread(self._desk.language, asker, who.language_code if who else None, text)
            if wait := self._desk.quota.wait(asker.user, message.date):
                said = escape(say_in(language)("too-many", seconds=wait))
            else:
                said = (await asyncio.to_thread(here.question, text, language, asker)).text
            result = InlineQueryResultArticle("answer", "–", content(said))
            await context.bot.answer_guest_query(message.guest_query_id, result)


def found(here: Replies, text: str, offset: int) -> Sequence[Hit]:
    """A page of points; without words the newest, of a topic where only that is said."""
    if not text.strip():
        return here.newest(offset, PAGE)
    if only := ONLY_TOPIC.match(text):
        return here.newest(offset, PAGE, only[1] or only[2])
    result = here.found(text, MOST)
    return result.hits[offset : offset + PAGE] if result.verdict != "none" else ()


def article(hit: Hit, question: str, style: Style) -> InlineQueryResultArticle:
    """The finished message with its source; below it only links, which work in any chat."""
    addresses = {link.kind: link.url for link in style.links(hit.document)}
    rows = (
        [[InlineKeyboardButton(style.say("button-summary"), url=addresses["summary"])]]
        if "summary" in addresses
        else None
    )
    return InlineQueryResultArticle(
        f"{hit.point.id}{style.language}",
        cut(line(hit.document.title), 100) or "–",
        content(answer.single(hit, question, style)),
        description=cut(f"{answer.dated(hit.document, style)}: {line(hit.point.text)}", DESCRIPTION),
        reply_markup=InlineKeyboardMarkup(rows) if rows else None,
    )


def content(html: str) -> InputTextMessageContent:
    return InputTextMessageContent(html, parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW)
