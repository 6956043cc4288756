"""A document whole, the topics, and a topic's documents: pages of Telegram's HTML, pure."""

from collections.abc import Sequence

from bot.render.answer import (
    MAX_TITLE_CHARS,
    RenderContext,
    paragraph_numbers,
    render_date,
    render_source,
    render_title,
)
from bot.render.html import bold, escape, paginate, single_line, truncate
from bot.render.i18n import Say
from bot.render.query_echo import outlet_name
from retrieval.model.documents import BEIJING, Document
from retrieval.model.results import Topic

TOPIC_NAME_CHARS = 60
SUMMARY_POINT_CHARS = 2000  # UTF-16 units of a point, so that each fits into a page
PAGE_DOCUMENTS_SHOWN = 8  # on a page of a topic
PAGE_TOPICS = 8  # on a page: one button each


def render_summary(document: Document, style: RenderContext) -> list[str]:
    """A document section by section; pages end between points."""
    topics = style.say("between-words").join(
        truncate(single_line(topic), TOPIC_NAME_CHARS) for topic in document.topics[:PAGE_TOPICS]
    )
    blocks = [f"<b>{render_title(document, style)}</b>\n{escape(f'{render_date(document, style)} · {topics}')}"]
    section = None
    for point in document.points:
        heading = ""
        if point.section != section:
            section = point.section
            heading = f"{bold(truncate(single_line(section), MAX_TITLE_CHARS))}\n" if section.strip() else ""
        text = " ".join([truncate(single_line(point.text), SUMMARY_POINT_CHARS), *paragraph_numbers(point, style.say)])
        blocks.append(f"{heading}• {escape(text)}")
    return list(paginate(blocks))


def render_topics(there: Sequence[Topic], say: Say) -> str:
    if not there:
        return escape(say("topics-none"))
    return "\n".join(escape(topic_line(topic, say)) for topic in there)


def topic_line(topic: Topic, say: Say) -> str:
    newest = f"{topic.newest.astimezone(BEIJING):%Y-%m-%d}"
    return say(
        "topic", name=truncate(single_line(topic.name), TOPIC_NAME_CHARS), documents=topic.documents, newest=newest
    )


def render_topic(topic: Topic, documents: Sequence[Document], style: RenderContext) -> str:
    """The export's own page inside Telegram: a topic's documents, newest first."""
    return "\n\n".join(
        [bold(topic_line(topic, style.say)), *(render_source(document, style) for document in documents)]
    )


def document_line(document: Document, style: RenderContext) -> str:
    """For a list: outlet and title on one line, plain."""
    return f"{outlet_name(document.outlet, style.language)} · {truncate(single_line(document.title), TOPIC_NAME_CHARS)}"
