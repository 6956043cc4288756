"""Summaries and topics: documents and topics go in, pages of Telegram's HTML come out."""

from collections.abc import Sequence

from bot.render.answer import (
    MAX_TITLE_CHARS,
    RenderContext,
    render_date,
    render_source,
    render_title,
)
from bot.render.html import bold, escape, paginate, single_line, truncate
from bot.render.paragraphs import render_paragraphs
from retrieval.model.documents import BEIJING, Document
from retrieval.model.results import Topic

TOPIC_NAME_CHARS = 60
SUMMARY_POINT_CHARS = 2000  # UTF-16 units of a point, so that each fits into a page
TOPIC_PAGE_DOCUMENTS = 8  # on a page of a topic
PAGE_TOPICS = 8  # on a page: one button each


def render_summary(document: Document, style: RenderContext) -> list[str]:
    """The whole summary, section by section; pages end between points."""
    topics = style.say("between-words").join(
        truncate(single_line(style.named(topic)), TOPIC_NAME_CHARS) for topic in document.topics[:PAGE_TOPICS]
    )
    head = (
        f"<b>{render_title(document, style)}</b>",
        style.translated(document.title),
        escape(f"{render_date(document, style)} · {topics}"),
    )
    blocks = ["\n".join(filter(None, head))]
    section = None
    for point in document.points:
        heading: tuple[str, ...] = ()
        if point.section != section:
            section = point.section
            if section.strip():
                named = style.named(section)
                translated = style.translated(section) if named == section else ""
                heading = bold(truncate(single_line(named), MAX_TITLE_CHARS)), translated
        text = escape(truncate(single_line(point.text), SUMMARY_POINT_CHARS))
        line = f"• {text} {render_paragraphs(point, document, style.page, style.say)}".rstrip()
        blocks.append("\n".join(filter(None, (*heading, line, style.translated(point.text)))))
    return list(paginate(blocks))


def render_topics(topics: Sequence[Topic], style: RenderContext) -> str:
    return "\n".join(escape(_topic_line(topic, style)) for topic in topics) or escape(style.say("topics-none"))


def _topic_line(topic: Topic, style: RenderContext) -> str:
    name, newest = (
        truncate(single_line(style.named(topic.name)), TOPIC_NAME_CHARS),
        f"{topic.newest.astimezone(BEIJING):%Y-%m-%d}",
    )
    return style.say("topic", name=name, documents=topic.documents, newest=newest)


def render_topic(topic: Topic, documents: Sequence[Document], style: RenderContext) -> str:
    return "\n\n".join([bold(_topic_line(topic, style)), *(render_source(one, style) for one in documents)])
