"""Buttons below answers, summaries and topics: search results go in, rows of buttons come out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.render.answer import RenderContext, count_pages, hits_on_page
from bot.render.callback_data import AnswerView, Operation, encode
from bot.render.document import PAGE_TOPICS
from bot.render.follow_button import follow_question_button, follow_topic_button
from bot.render.html import MAX_ADDRESS_CHARS, single_line, truncate
from bot.render.i18n import Say
from bot.render.plain_citation import plain_citation
from bot.render.reply import Button, ButtonRow, button_row, without_empty, wrap_buttons
from retrieval.language.topic_filter import topic_filter
from retrieval.model.documents import Document, topic_key
from retrieval.model.results import Result, Topic

FEEDBACK_REASONS = ("off", "outdated", "incomplete", "good")  # buttons hold the position: only ever append
GOOD_REASON = FEEDBACK_REASONS.index("good")  # the reasons before it say what was wrong
MAX_TOPIC_BUTTONS = 3  # in one row
MAX_INLINE_QUERY_CHARS = 256
ROW_BUTTONS = 3  # labels of more would be cut on a phone


def answer_rows(result: Result, view: AnswerView, style: RenderContext, inherited: bool) -> tuple[ButtonRow, ...]:
    say, shown, pages = style.say, hits_on_page(result, view.page, style.compact), count_pages(result, style.compact)
    found, corrected = result.verdict != "none" and bool(shown), bool(result.reading.corrections)

    def view_button(label: str, useful: bool, **changes: Any) -> Button | None:
        return Button(label, encode(Operation.ANSWER_PAGE, *replace(view, **changes).parts)) if useful else None

    buttons = button_row(
        Button(say("button-summary"), encode(Operation.SUMMARY, shown[0].document.id, 0, *view.parts))
        if found
        else None,
        view_button(say("button-back"), view.page > 0, page=view.page - 1),
        view_button(say("button-more"), view.page + 1 < pages, page=view.page + 1),
        view_button(say("button-alone"), inherited and not view.alone, page=0, alone=True),
        view_button(say("button-literal"), corrected, page=0, literal=True),
        *((_judging_buttons(view) if style.compact else _menu_button(view)) if found else ()),
    )
    page = page_button(style.page.search(result.question), style) if style.page and found else None
    # in a row of its own, since its label says what it does
    return (*wrap_buttons(buttons, ROW_BUTTONS), button_row(follow_question_button(view.question, say), page))


def _menu_button(view: AnswerView) -> ButtonRow:
    return (Button("⋯", encode(Operation.MORE_MENU, *view.parts)),)


def _judging_buttons(view: AnswerView) -> ButtonRow:
    """Where others see the message, a judgment changes nothing of it."""
    good, bad = GOOD_REASON, FEEDBACK_REASONS.index("off")
    return (
        Button("👍", encode(Operation.FEEDBACK, *view.parts, good)),
        Button("👎", encode(Operation.FEEDBACK, *view.parts, bad)),
    )


def page_button(address: str, style: RenderContext) -> Button | None:
    """As a Mini App, in groups and elsewhere as a link; None where the address is longer than browsers take."""
    if len(address) > MAX_ADDRESS_CHARS:
        return None
    label = style.say("button-page")
    return Button(label, url=address) if style.compact else Button(label, app=address)


def topic_buttons(topics: Sequence[Topic], style: RenderContext) -> tuple[ButtonRow, ...]:
    return without_empty(button_row(*(_topic_button(topic, style) for topic in topics[:MAX_TOPIC_BUTTONS])))


def more_menu(result: Result, view: AnswerView, style: RenderContext, given: str | None) -> tuple[ButtonRow, ...]:
    """Copy the citation, judge the answer, go back. The judgment that was `given` is ticked."""
    shown = hits_on_page(result, view.page, style.compact)
    copy = Button(style.say("button-copy"), copy=plain_citation(shown[0], style)) if shown else None
    good = "✓ 👍" if given == FEEDBACK_REASONS[GOOD_REASON] else "👍"
    bad = "✓ 👎" if given in FEEDBACK_REASONS[:GOOD_REASON] else "👎"
    return (
        button_row(
            copy,
            Button(good, encode(Operation.FEEDBACK, *view.parts, GOOD_REASON)),
            Button(bad, encode(Operation.REASONS, *view.parts)),
        ),
        (Button(style.say("button-back"), encode(Operation.ANSWER_BUTTONS, *view.parts)),),
    )


def reason_rows(view: AnswerView, say: Say, given: str | None) -> tuple[ButtonRow, ...]:
    """What was wrong, one sentence a row; the one that was `given` is ticked, and pressing it again takes it back."""
    names = {"off": say("reason-off"), "outdated": say("reason-outdated"), "incomplete": say("reason-incomplete")}
    rows = [
        (Button(("✓ " if reason == given else "") + names[reason], encode(Operation.FEEDBACK, *view.parts, number)),)
        for number, reason in enumerate(FEEDBACK_REASONS[:GOOD_REASON])
    ]
    return (*rows, (Button(say("button-back"), encode(Operation.MORE_MENU, *view.parts)),))


def summary_rows(
    document: Document, page: int, pages: int, view: AnswerView | None, style: RenderContext
) -> tuple[ButtonRow, ...]:
    answer = view.parts if view else ()
    back = Button(style.say("button-to-answer"), encode(Operation.ANSWER_PAGE, *answer)) if view else None
    opened = page_button(style.page.document(document.id), style) if style.page else None
    turning = pager(page, pages, lambda n: encode(Operation.SUMMARY, document.id, n, *answer))
    return without_empty(turning, button_row(back, opened))


def topic_list_rows(topics: Sequence[Topic], page: int, style: RenderContext) -> tuple[ButtonRow, ...]:
    rows = [(_topic_button(topic, style),) for topic in topics[page * PAGE_TOPICS : (page + 1) * PAGE_TOPICS]]
    pages = -(-len(topics) // PAGE_TOPICS)
    return without_empty(*rows, pager(page, pages, lambda n: encode(Operation.TOPICS, n), numbered=True))


def topic_rows(topic: Topic, page: int, pages: int, say: Say) -> tuple[ButtonRow, ...]:
    query = topic_filter(topic.name)
    searchable = 0 < len(query) < MAX_INLINE_QUERY_CHARS and query.isprintable()
    return without_empty(
        pager(page, pages, lambda n: encode(Operation.TOPIC, topic_key(topic.name), n), numbered=True),
        button_row(
            Button(say("button-search"), inline=f"{query} ") if searchable else None,
            follow_topic_button(topic.name, say),
            Button(say("button-topics"), encode(Operation.TOPICS, 0)),
        ),
    )


def pager(page: int, pages: int, code: Callable[[int], str], numbered: bool = False) -> ButtonRow:
    """Two arrows, with the page's number between them where `numbered`; `code` is the callback data of a page."""
    return button_row(
        Button("‹", code(page - 1)) if page else None,
        Button(f"{page + 1}/{pages}", code(page)) if numbered and pages > 1 else None,
        Button("›", code(page + 1)) if page + 1 < pages else None,
    )


def _topic_button(topic: Topic, style: RenderContext) -> Button:
    name = truncate(single_line(style.named(topic.name)), 40)
    return Button(name or "…", encode(Operation.TOPIC, topic_key(topic.name), 0))
