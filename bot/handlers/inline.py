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

from bot.container import Services
from bot.conversation.answering import AnswerService
from bot.handlers.questions import Context
from bot.question_log.log import Asker
from bot.render import answer
from bot.render.answer import RenderContext
from bot.render.html import escape, single_line, truncate
from bot.render.i18n import say_in
from bot.transport import message_text
from bot.transport.errors import is_benign
from bot.transport.sender import NO_PREVIEW
from retrieval.model.results import Hit

INLINE_PAGE = 10
MAX_INLINE_RESULTS = 50  # points that scrolling leads to
ANSWER_BUDGET_SECONDS = 1.8  # seconds: Telegram waits for an inline answer about ten, a person who types two
CACHE_SECONDS = 60  # seconds
MAX_DESCRIPTION_CHARS = 200
ONLY_TOPIC = re.compile(r'^\s*topic:(?:"([^"]+)"|(\S+))\s*$', re.IGNORECASE)


class InlineHandlers:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def query(self, update: Update, context: Context) -> None:
        """Always an answer, an empty one when the time is over; keystrokes leave no trace."""
        if query := update.inline_query:
            here, who = self._services.for_bot(context.bot.username), query.from_user
            language = await asyncio.to_thread(
                self._services.language, Asker("inline", who.id), who.language_code, query.query
            )
            offset = int(query.offset) if query.offset.isdigit() and len(query.offset) < 4 else 0
            try:
                search = asyncio.to_thread(inline_results, here, query.query, offset)
                hits = await asyncio.wait_for(search, ANSWER_BUDGET_SECONDS)
            except TimeoutError:
                hits = []
            style = await asyncio.to_thread(here.style, language)
            button = InlineQueryResultsButton(style.say("inline-open"), start_parameter="inline")
            try:
                await query.answer(
                    [article(hit, query.query, style) for hit in hits],
                    cache_time=CACHE_SECONDS,
                    is_personal=True,
                    next_offset=str(offset + INLINE_PAGE)
                    if len(hits) == INLINE_PAGE and offset + INLINE_PAGE < MAX_INLINE_RESULTS
                    else "",
                    button=button,
                )
            except BadRequest as error:  # somebody typed on, and nobody waits for this one any more
                if not is_benign(error):
                    raise

    async def chosen(self, update: Update, _: Context) -> None:
        """What was sent is a question; without words there was none."""
        if (chosen := update.chosen_inline_result) and chosen.query.strip():
            who = Asker("inline", chosen.from_user.id)
            await asyncio.to_thread(self._services.answers.chosen, chosen.result_id[:16], chosen.query, who)

    async def guest(self, update: Update, context: Context) -> None:
        """One reply, in a chat that the bot is not in: it knows and keeps nothing of that chat."""
        if (message := update.guest_message) and message.guest_query_id:
            text = message_text.question_text(message, context.bot.bot)
            here, who = self._services.for_bot(context.bot.username), message.guest_bot_caller_user or message.from_user
            asker = Asker("guest", who.id if who else None)
            language = await asyncio.to_thread(self._services.language, asker, who.language_code if who else None, text)
            if wait := self._services.quota.wait(asker.user, message.date):
                said = escape(say_in(language)("too-many", seconds=wait))
            else:
                said = (await asyncio.to_thread(here.question, text, language, asker)).text
            result = InlineQueryResultArticle("answer", "–", content(said))
            await context.bot.answer_guest_query(message.guest_query_id, result)


def inline_results(here: AnswerService, text: str, offset: int) -> Sequence[Hit]:
    """A page of points; without words the newest, of a topic where only that is said."""
    if not text.strip():
        return here.newest(offset, INLINE_PAGE)
    if only := ONLY_TOPIC.match(text):
        return here.newest(offset, INLINE_PAGE, only[1] or only[2])
    result = here.search(text, MAX_INLINE_RESULTS)
    return result.hits[offset : offset + INLINE_PAGE] if result.verdict != "none" else ()


def article(hit: Hit, question: str, style: RenderContext) -> InlineQueryResultArticle:
    """The finished message with its source; below it only links, which work in any chat."""
    addresses = {link.kind: link.url for link in style.links(hit.document)}
    rows = (
        [[InlineKeyboardButton(style.say("button-summary"), url=addresses["summary"])]]
        if "summary" in addresses
        else None
    )
    return InlineQueryResultArticle(
        f"{hit.point.id}{style.language}",
        truncate(single_line(hit.document.title), 100) or "–",
        content(answer.render_single(hit, question, style)),
        description=truncate(
            f"{answer.render_date(hit.document, style)}: {single_line(hit.point.text)}", MAX_DESCRIPTION_CHARS
        ),
        reply_markup=InlineKeyboardMarkup(rows) if rows else None,
    )


def content(html: str) -> InputTextMessageContent:
    return InputTextMessageContent(html, parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW)
