"""Inline: queries and questions from chats without the bot go in, finished messages come out within two seconds."""

import asyncio
import re
from collections.abc import Sequence

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Message,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.conversation.conversation import LISTINGS, ConversationService
from bot.conversation.listing import find_documents
from bot.handlers.base import Context, HandlerGroup
from bot.question_log.log import Asker
from bot.render.answer import RenderContext, render_date, render_single
from bot.render.html import escape, single_line, truncate
from bot.render.i18n import say_in
from bot.transport import message_text
from bot.transport.errors import is_benign
from bot.transport.sender import NO_PREVIEW
from retrieval.language.topic_filter import read_topic_filter
from retrieval.model.results import Hit

INLINE_PAGE = 10
MAX_INLINE_RESULTS = 50  # that scrolling leads to
ANSWER_BUDGET_SECONDS = 1.8  # a person who types waits two, Telegram about ten
CACHE_SECONDS = 60
MAX_DESCRIPTION_CHARS = 200


class InlineHandlers(HandlerGroup):
    async def query(self, update: Update, context: Context) -> None:
        """Keystrokes are not logged."""
        if query := update.inline_query:
            answers = self._services.for_bot(context.bot.username)
            offset = int(query.offset) if re.fullmatch("[0-9]{1,3}", query.offset) else 0
            hits = None
            if not self._services.inline_quota.wait(query.from_user.id, answers.now()):
                hits = await _search_in_time(answers, query.query, offset)
            style = await asyncio.to_thread(self._style, answers, query)
            await _answer(query, hits, style, offset + INLINE_PAGE)

    async def chosen(self, update: Update, _: Context) -> None:
        """A result that was sent makes the query a question; without words there was none."""
        if (chosen := update.chosen_inline_result) and chosen.query.strip():
            who = Asker("inline", chosen.from_user.id)
            await asyncio.to_thread(self._services.answers.record_inline, chosen.result_id[:16], chosen.query, who)

    async def guest(self, update: Update, context: Context) -> None:
        """One reply in a chat without the bot, of which nothing else is known or kept."""
        if (message := update.guest_message) and message.guest_query_id:
            text = await asyncio.to_thread(self._guest_answer, message, context)
            result = InlineQueryResultArticle("answer", "–", content(text))
            await context.bot.answer_guest_query(message.guest_query_id, result)

    def _guest_answer(self, message: Message, context: Context) -> str:
        text = message_text.question_text(message, context.bot.bot)
        user = message.guest_bot_caller_user or message.from_user
        asker = Asker("guest", user.id if user else None)
        language = self._services.language(asker, user.language_code if user else None, text)
        if wait := self._services.quota.wait(asker.user, message.date):
            return escape(say_in(language)("too-many", seconds=wait))
        return self._services.for_bot(context.bot.username).ask(text, language, asker).text

    def _style(self, answers: ConversationService, query: InlineQuery) -> RenderContext:
        who = query.from_user
        return answers.style(self._services.language(Asker("inline", who.id), who.language_code, query.query))


async def _search_in_time(answers: ConversationService, text: str, offset: int) -> Sequence[Hit] | None:
    """None where the time ran out."""
    try:
        search = asyncio.to_thread(inline_results, answers, text, offset)
        return await asyncio.wait_for(search, ANSWER_BUDGET_SECONDS)
    except TimeoutError:
        return None


def inline_results(answers: ConversationService, text: str, offset: int) -> Sequence[Hit]:
    """A page of points; without words the newest, of a topic if only that is given. 'Latest' and 'news on …' get what
    they get as a question."""
    if not text.strip():
        return answers.newest(offset, INLINE_PAGE)
    if topic := read_topic_filter(text):
        return answers.newest(offset, INLINE_PAGE, topic)
    request = None if answers.is_question(text) else answers.recognize(text)
    if request and request.intent in LISTINGS:
        listed = find_documents(answers.library, request, answers.now()).hits()
        return listed[offset : offset + INLINE_PAGE]
    result = answers.search(text, MAX_INLINE_RESULTS, shown=offset + INLINE_PAGE)
    return result.hits[offset : offset + INLINE_PAGE] if result.verdict != "none" else ()


async def _answer(query: InlineQuery, found: Sequence[Hit] | None, style: RenderContext, next_offset: int) -> None:
    """`found` is None where nothing was searched to its end: Telegram must not keep that as 'nothing found'."""
    hits = found or ()
    more = len(hits) == INLINE_PAGE and next_offset < MAX_INLINE_RESULTS
    try:
        await query.answer(
            [article(hit, style) for hit in hits],
            cache_time=0 if found is None else CACHE_SECONDS,
            is_personal=True,
            next_offset=str(next_offset) if more else "",
            button=InlineQueryResultsButton(style.say("inline-open"), start_parameter="inline"),
        )
    except BadRequest as error:  # the person typed on and no longer waits for this query
        if not is_benign(error):
            raise


def article(hit: Hit, style: RenderContext) -> InlineQueryResultArticle:
    """The finished message; below it only a link, since callbacks do not work in any chat."""
    address = style.address(hit.document, "summary")
    keyboard = [[InlineKeyboardButton(style.say("button-summary"), url=address)]] if address else None
    description = f"{render_date(hit.document, style)}: {single_line(hit.point.text)}"
    return InlineQueryResultArticle(
        f"{hit.point.id}{style.language}",
        truncate(single_line(hit.document.title), 100) or "–",
        content(render_single(hit, style)),
        description=truncate(description, MAX_DESCRIPTION_CHARS),
        reply_markup=InlineKeyboardMarkup(keyboard) if keyboard else None,
    )


def content(html: str) -> InputTextMessageContent:
    return InputTextMessageContent(html, parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW)
