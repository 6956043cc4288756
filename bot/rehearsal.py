"""What would go to whom: the digests due at a time, as text, sent to nobody."""

from collections.abc import Iterator
from datetime import datetime

from bot import digests
from bot.answers import Style
from bot.cards import local
from bot.catalogue import say_in
from bot.desk import Desk
from bot.journal import Journal
from bot.markup import line, visible
from bot.planning import Due
from bot.settings import Settings
from retrieval.documents import BEIJING, Document
from retrieval.library import Library


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
    made = [visible(digests.item(one, style, digests.TEXT)) for one in digests.folded([(document, None)])]
    return "\n".join([*lines, "", *made])
