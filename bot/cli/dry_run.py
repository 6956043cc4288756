"""What would go to whom: the digests due at a time, as text, sent to nobody."""

from collections.abc import Iterator
from datetime import datetime

from bot.container import Desk
from bot.digest import digest
from bot.digest.planner import Due
from bot.digest.subscription_card import local
from bot.question_log.log import Journal
from bot.render.answer import Style
from bot.render.html import line, visible
from bot.render.i18n import say_in
from bot.settings import Settings
from retrieval.library import Library
from retrieval.model.documents import BEIJING, Document


def rehearsed(settings: Settings, library: Library, at: datetime) -> Iterator[str]:
    """A line that names the place, its time and its subscriptions, then the messages."""
    journal = Journal(settings.data / "bot.db")
    desk = Desk.of(settings, library, journal, now=lambda: at)
    try:
        for due, composed in desk.planner("").preview(at):
            yield f"=== {_address(due)}"
            yield from map(visible, composed.pages)
    finally:
        desk.close()
        journal.close()


def _address(due: Due) -> str:
    first = due.subscriptions[0].wanted
    place = f"{due.place.chat}/{due.place.thread}" if due.place.thread else str(due.place.chat)
    time = local(due.at, first.schedule.zone, say_in("en"))
    subjects = ", ".join(line(one.wanted.subject) for one in due.subscriptions)
    return f"{place} · {time} {first.schedule.zone} · {subjects}"


WIDTH = 200  # characters of a point


def preview(document: Document, style: Style) -> str:
    """Title, outlet, time, kind and address, the points under their sections, then the item."""
    when = f"{document.published.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    source = f"{document.outlet.name} · {when} · {document.kind}, {len(document.points)} points"
    lines = [document.title, source, *([document.url] if document.url else [])]
    section = ""
    for point in document.points:
        if point.section != section:
            lines.append(f"# {(section := point.section)}")
        lines.append(f"- {point.text[:WIDTH]}")
    made = [visible(digest.item(one, style, digest.TEXT)) for one in digest.folded([(document, None)])]
    return "\n".join([*lines, "", *made])
