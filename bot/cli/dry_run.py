"""Previews as plain text: the digests due at a time, and a document from a feed with its digest item."""

from collections.abc import Iterator
from datetime import datetime

from bot.container import Services
from bot.digest import digest
from bot.digest.planner import DueDigest
from bot.digest.subscription_card import local_time
from bot.question_log.log import QuestionLog
from bot.render.answer import RenderContext
from bot.render.html import single_line, visible_text
from bot.render.i18n import say_in
from bot.settings import Settings
from retrieval.library import Library
from retrieval.model.documents import BEIJING, Document

MAX_POINT_CHARS = 200


def preview_digests(settings: Settings, library: Library, at: datetime) -> Iterator[str]:
    """For each chat, a line with its address, time and subjects, then the messages."""
    question_log = QuestionLog(settings.data / "bot.db")
    services = Services.of(settings, library, question_log, now=lambda: at)
    try:
        for due, composed in services.planner("").preview(at):
            yield f"=== {_address(due)}"
            yield from map(visible_text, composed.pages)
    finally:
        services.close()
        question_log.close()


def _address(due: DueDigest) -> str:
    first = due.subscriptions[0].spec
    place = f"{due.place.chat}/{due.place.thread}" if due.place.thread else str(due.place.chat)
    time = local_time(due.at, first.schedule.zone, say_in("en"))
    subjects = ", ".join(single_line(one.spec.subject) for one in due.subscriptions)
    return f"{place} · {time} {first.schedule.zone} · {subjects}"


def preview_document(document: Document, style: RenderContext) -> str:
    """Title, source and address, the points under their sections, then the digest item."""
    when = f"{document.published.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    source = f"{document.outlet.name} · {when} · {document.kind}, {len(document.points)} points"
    lines = [document.title, source, *([document.url] if document.url else [])]
    section = ""
    for point in document.points:
        if point.section != section:
            lines.append(f"# {(section := point.section)}")
        lines.append(f"- {point.text[:MAX_POINT_CHARS]}")
    stories = digest.group_by_story([digest.FoundDocument(document)])
    items = (visible_text(digest.render_item(story, style, digest.ITEM_CHARS)) for story in stories)
    return "\n".join([*lines, "", *items])
