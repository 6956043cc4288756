"""The buttons below what the bot says, pure. Everything a button needs stands in its code or in bot.db."""

from collections.abc import Sequence

from bot.render.answer import RenderContext, on_page, plain_citation, render_pages
from bot.render.callback_data import AnswerView, encode
from bot.render.document import PAGE_TOPICS
from bot.render.follow_button import bell_for_question, bell_for_topic
from bot.render.html import single_line, truncate
from bot.render.i18n import Say
from bot.render.reply import Button, ButtonRow, button_row
from retrieval.model.documents import Document, stable_id
from retrieval.model.results import Result, Topic

FEEDBACK_REASONS = ("off", "outdated", "incomplete", "good")  # in this order in the codes: only ever appended to
GOOD_REASON = FEEDBACK_REASONS.index("good")  # stands beside the others, which say what was wrong
MIN_POINTS_ASIDE = 3  # topics in one row
MAX_INLINE_QUERY_CHARS = 256  # characters of an inline query


def answer_rows(result: Result, view: AnswerView, style: RenderContext, inherited: bool) -> tuple[ButtonRow, ...]:
    """The whole summary, paging; below it what concerns this reading of the question, and the way one level down."""
    say, shown, count = style.say, on_page(result, view.page, style.compact), render_pages(result, style.compact)
    found = result.verdict != "none" and bool(shown)
    alone = AnswerView(view.question, 0, True, view.literal)
    literal = AnswerView(view.question, 0, view.alone, True)
    buttons = button_row(
        Button(say("button-summary"), encode("s", shown[0].document.id, 0, *view.parts)) if found else None,
        Button(say("button-back"), encode("m", *view.turned(view.page - 1).parts)) if view.page else None,
        Button(say("button-more"), encode("m", *view.turned(view.page + 1).parts)) if view.page + 1 < count else None,
        bell_for_question(view.question, say),
        Button(say("button-alone"), encode("m", *alone.parts)) if inherited and not view.alone else None,
        Button(say("button-literal"), encode("m", *literal.parts)) if result.reading.corrections else None,
        Button("⋯", encode("l", *view.parts)) if found else None,
    )
    # Three in a row are as many as can be read.
    return tuple(buttons[at : at + 3] for at in range(0, len(buttons), 3))


def topic_buttons(topics: Sequence[Topic]) -> tuple[ButtonRow, ...]:
    """Below an answer that found nothing: the largest topics there are."""
    return tuple(filter(None, (button_row(*[_topic(topic) for topic in topics[:MIN_POINTS_ASIDE]]),)))


def more_menu(result: Result, view: AnswerView, style: RenderContext, given: str | None) -> tuple[ButtonRow, ...]:
    """Copy the citation, say that it answers or what was wrong, or go back. What was said is ticked."""
    shown = on_page(result, view.page, style.compact)
    copy = Button(style.say("button-copy"), copy=plain_citation(shown[0], style)) if shown else None
    good = Button("✓ 👍" if given == FEEDBACK_REASONS[GOOD_REASON] else "👍", encode("r", *view.parts, GOOD_REASON))
    bad = Button("✓ 👎" if given in FEEDBACK_REASONS[:GOOD_REASON] else "👎", encode("b", *view.parts))
    return button_row(copy, good, bad), button_row(Button(style.say("button-back"), encode("k", *view.parts)))


def reason_rows(view: AnswerView, say: Say, given: str | None) -> tuple[ButtonRow, ...]:
    """One a row: they are sentences. The one that was given is ticked; pressed again, it is taken back."""
    names = {"off": say("reason-off"), "outdated": say("reason-outdated"), "incomplete": say("reason-incomplete")}
    rows = [
        (Button(f"✓ {names[reason]}" if reason == given else names[reason], encode("r", *view.parts, number)),)
        for number, reason in enumerate(FEEDBACK_REASONS[:GOOD_REASON])
    ]
    return (*rows, (Button(say("button-back"), encode("l", *view.parts)),))


def summary_rows(document: Document, page: int, count: int, view: AnswerView | None, say: Say) -> tuple[ButtonRow, ...]:
    """Paging through a summary, and back to the answer it was opened from."""
    behind = view.parts if view else ()
    turn = button_row(
        Button("‹", encode("s", document.id, page - 1, *behind)) if page else None,
        Button("›", encode("s", document.id, page + 1, *behind)) if page + 1 < count else None,
    )
    back = button_row(Button(say("button-to-answer"), encode("m", *view.parts)) if view else None)
    return tuple(filter(None, (turn, back)))


def topic_list_rows(there: Sequence[Topic], page: int) -> tuple[ButtonRow, ...]:
    """A button for each topic of the page, and the paging."""
    shown = there[page * PAGE_TOPICS : (page + 1) * PAGE_TOPICS]
    rows = [(_topic(topic),) for topic in shown]
    return tuple(filter(None, (*rows, pager("T", (), page, -(-len(there) // PAGE_TOPICS)))))


def topic_rows(topic: Topic, page: int, count: int, say: Say) -> tuple[ButtonRow, ...]:
    query = f"topic:{topic.name} " if " " not in topic.name else f'topic:"{topic.name}" '
    search = (
        Button(say("button-search"), inline=query)
        if len(query) < MAX_INLINE_QUERY_CHARS and query.isprintable()
        else None
    )
    return tuple(
        filter(
            None,
            (
                pager("t", (topic_key(topic),), page, count),
                button_row(search, bell_for_topic(topic.name, say), Button(say("button-topics"), encode("T", 0))),
            ),
        )
    )


def pager(op: str, before: tuple[str, ...], page: int, count: int) -> ButtonRow:
    return button_row(
        Button("‹", encode(op, *before, page - 1)) if page else None,
        Button(f"{page + 1}/{count}", encode(op, *before, page)) if count > 1 else None,
        Button("›", encode(op, *before, page + 1)) if page + 1 < count else None,
    )


def _topic(topic: Topic) -> Button:
    return Button(truncate(single_line(topic.name), 40) or "…", encode("t", topic_key(topic), 0))


def topic_key(topic: Topic) -> str:
    """A topic in a button: its name may be longer than the button's 64 bytes."""
    return stable_id(topic.name)[:8]
