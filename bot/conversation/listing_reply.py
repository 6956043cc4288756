"""Replies with documents: a listing goes in, its page with a button to each summary comes out."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from bot.conversation.listing import Listing
from bot.conversation.request import Request
from bot.digest.digest import DigestItem, render_bullets, render_item
from bot.render.answer import RenderContext
from bot.render.callback_data import AnswerView, Operation, encode
from bot.render.follow_button import follow_question_button, follow_topic_button
from bot.render.html import bold, escape, single_line, take_fitting, truncate
from bot.render.reply import Button, Reply, button_row, without_empty

LISTED_IN_PRIVATE = 5  # on a page, in a group LISTED_COMPACT
LISTED_COMPACT = 3
MAX_LABEL_CHARS = 40  # UTF-16 units of a title on a button
MAX_LISTED_SUBJECT_CHARS = 80  # of a subject


def listing_size(compact: bool) -> int:
    return LISTED_COMPACT if compact else LISTED_IN_PRIVATE


def render_listing_reply(listing: Listing, request: Request, view: AnswerView, style: RenderContext) -> Reply:
    items, say = listing.page(view.page, listing_size(style.compact)), style.say
    if not items:
        return Reply(escape(say("none-empty")))
    blocks = [_head(listing, request, style)]
    blocks += take_fitting(_blocks(items, style), blocks)
    return Reply("\n\n".join(filter(None, blocks)), _rows(listing, request, view, style), view.question)


def _blocks(items: Sequence[DigestItem], style: RenderContext) -> Iterator[str]:
    """Items of one document have its title once, below them."""
    for _, group in groupby(items, key=lambda item: item.document.id):
        *others, last = group
        yield "\n".join([*(render_bullets(item, style) for item in others), render_item(last, style)])


def _head(listing: Listing, request: Request, style: RenderContext) -> str:
    say = style.say
    topic = style.named(listing.topic) if listing.topic else ""
    subject = truncate(single_line(topic or request.subject or request.outlet), MAX_LISTED_SUBJECT_CHARS)
    if listing.undated:
        return bold(say("listing-undated", when=request.when))
    if not subject:
        return bold(say("listing-newest"))
    return bold(say("listing-news", subject=subject) if request.intent == "news" else subject)


def _rows(listing: Listing, request: Request, view: AnswerView, style: RenderContext) -> tuple[tuple[Button, ...], ...]:
    say, size = style.say, listing_size(style.compact)
    summaries = (
        (
            Button(
                f"📄 {truncate(single_line(item.document.title), MAX_LABEL_CHARS)}",
                encode(Operation.SUMMARY, item.document.id, 0, *view.parts),
            ),
        )
        for item in {item.document.id: item for item in listing.page(view.page, size)}.values()
    )

    def turn(label: str, page: int) -> Button:
        return Button(label, encode(Operation.ANSWER_PAGE, *AnswerView(view.question, page).parts))

    follow = follow_topic_button(listing.topic, say) if listing.topic else None
    if not follow and request.subject:
        follow = follow_question_button(view.question, say)
    turning = button_row(
        turn(say("button-back"), view.page - 1) if view.page else None,
        turn(say("button-more"), view.page + 1) if view.page + 1 < listing.pages(size) else None,
        follow,
    )
    return without_empty(*summaries, turning)
