"""The buttons below what the bot says, pure. Everything a button needs stands in its code or in bot.db."""

from collections.abc import Sequence

from bot.render.answer import Style, citation, on_page, pages
from bot.render.callback_data import View, pack
from bot.render.document import TOPICS
from bot.render.follow_button import bell_for_question, bell_for_topic
from bot.render.html import cut, line
from bot.render.i18n import Say
from bot.render.reply import Button, Row, row
from retrieval.model.documents import Document, digest
from retrieval.model.results import Result, Topic

REASONS = ("off", "outdated", "incomplete", "good")  # in this order in the codes: only ever appended to
GOOD = REASONS.index("good")  # stands beside the others, which say what was wrong
ASIDE = 3  # topics in one row
QUERY = 256  # characters of an inline query


def answer(result: Result, view: View, style: Style, inherited: bool) -> tuple[Row, ...]:
    """The whole summary, paging; below it what concerns this reading of the question, and the way one level down."""
    say, shown, count = style.say, on_page(result, view.page, style.short), pages(result, style.short)
    found = result.verdict != "none" and bool(shown)
    alone = View(view.question, 0, True, view.literal)
    literal = View(view.question, 0, view.alone, True)
    buttons = row(
        Button(say("button-summary"), pack("s", shown[0].document.id, 0, *view.parts)) if found else None,
        Button(say("button-back"), pack("m", *view.turned(view.page - 1).parts)) if view.page else None,
        Button(say("button-more"), pack("m", *view.turned(view.page + 1).parts)) if view.page + 1 < count else None,
        bell_for_question(view.question, say),
        Button(say("button-alone"), pack("m", *alone.parts)) if inherited and not view.alone else None,
        Button(say("button-literal"), pack("m", *literal.parts)) if result.reading.corrections else None,
        Button("⋯", pack("l", *view.parts)) if found else None,
    )
    # Three in a row are as many as can be read.
    return tuple(buttons[at : at + 3] for at in range(0, len(buttons), 3))


def nothing(topics: Sequence[Topic]) -> tuple[Row, ...]:
    """Below an answer that found nothing: the largest topics there are."""
    return tuple(filter(None, (row(*[_topic(topic) for topic in topics[:ASIDE]]),)))


def level_down(result: Result, view: View, style: Style, given: str | None) -> tuple[Row, ...]:
    """Copy the citation, say that it answers or what was wrong, or go back. What was said is ticked."""
    shown = on_page(result, view.page, style.short)
    copy = Button(style.say("button-copy"), copy=citation(shown[0], style)) if shown else None
    good = Button("✓ 👍" if given == REASONS[GOOD] else "👍", pack("r", *view.parts, GOOD))
    bad = Button("✓ 👎" if given in REASONS[:GOOD] else "👎", pack("b", *view.parts))
    return row(copy, good, bad), row(Button(style.say("button-back"), pack("k", *view.parts)))


def reasons(view: View, say: Say, given: str | None) -> tuple[Row, ...]:
    """One a row: they are sentences. The one that was given is ticked; pressed again, it is taken back."""
    names = {"off": say("reason-off"), "outdated": say("reason-outdated"), "incomplete": say("reason-incomplete")}
    rows = [
        (Button(f"✓ {names[reason]}" if reason == given else names[reason], pack("r", *view.parts, number)),)
        for number, reason in enumerate(REASONS[:GOOD])
    ]
    return (*rows, (Button(say("button-back"), pack("l", *view.parts)),))


def summary(document: Document, page: int, count: int, view: View | None, say: Say) -> tuple[Row, ...]:
    """Paging through a summary, and back to the answer it was opened from."""
    behind = view.parts if view else ()
    turn = row(
        Button("‹", pack("s", document.id, page - 1, *behind)) if page else None,
        Button("›", pack("s", document.id, page + 1, *behind)) if page + 1 < count else None,
    )
    back = row(Button(say("button-to-answer"), pack("m", *view.parts)) if view else None)
    return tuple(filter(None, (turn, back)))


def topics(there: Sequence[Topic], page: int) -> tuple[Row, ...]:
    """A button for each topic of the page, and the paging."""
    shown = there[page * TOPICS : (page + 1) * TOPICS]
    rows = [(_topic(topic),) for topic in shown]
    return tuple(filter(None, (*rows, turning("T", (), page, -(-len(there) // TOPICS)))))


def topic(topic: Topic, page: int, count: int, say: Say) -> tuple[Row, ...]:
    query = f"topic:{topic.name} " if " " not in topic.name else f'topic:"{topic.name}" '
    search = Button(say("button-search"), inline=query) if len(query) < QUERY and query.isprintable() else None
    return tuple(
        filter(
            None,
            (
                turning("t", (key(topic),), page, count),
                row(search, bell_for_topic(topic.name, say), Button(say("button-topics"), pack("T", 0))),
            ),
        )
    )


def turning(op: str, before: tuple[str, ...], page: int, count: int) -> Row:
    return row(
        Button("‹", pack(op, *before, page - 1)) if page else None,
        Button(f"{page + 1}/{count}", pack(op, *before, page)) if count > 1 else None,
        Button("›", pack(op, *before, page + 1)) if page + 1 < count else None,
    )


def _topic(topic: Topic) -> Button:
    return Button(cut(line(topic.name), 40) or "…", pack("t", key(topic), 0))


def key(topic: Topic) -> str:
    """A topic in a button: its name may be longer than the button's 64 bytes."""
    return digest(topic.name)[:8]
