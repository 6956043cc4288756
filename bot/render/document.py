"""A document whole, the topics, and a topic's documents: pages of Telegram's HTML, pure."""

from collections.abc import Sequence

from bot.render.answer import TITLE, Style, dated, paragraphs, source, title
from bot.render.html import bold, cut, escape, line, pack
from bot.render.i18n import Say
from bot.render.query_echo import outlet_name
from retrieval.model.documents import BEIJING, Document
from retrieval.model.results import Topic

NAME = 60
SUMMARY_TEXT = 2000  # UTF-16 units of a point, so that each fits into a page
DOCUMENTS = 8  # on a page of a topic
TOPICS = 8  # on a page: one button each


def summary(document: Document, style: Style) -> list[str]:
    """A document section by section; pages end between points."""
    topics = style.say("between-words").join(cut(line(topic), NAME) for topic in document.topics[:TOPICS])
    blocks = [f"<b>{title(document, style)}</b>\n{escape(f'{dated(document, style)} · {topics}')}"]
    section = None
    for point in document.points:
        heading = ""
        if point.section != section:
            section = point.section
            heading = f"{bold(cut(line(section), TITLE))}\n" if section.strip() else ""
        text = " ".join([cut(line(point.text), SUMMARY_TEXT), *paragraphs(point, style.say)])
        blocks.append(f"{heading}• {escape(text)}")
    return list(pack(blocks))


def topics(there: Sequence[Topic], say: Say) -> str:
    if not there:
        return escape(say("topics-none"))
    return "\n".join(escape(topic_line(topic, say)) for topic in there)


def topic_line(topic: Topic, say: Say) -> str:
    newest = f"{topic.newest.astimezone(BEIJING):%Y-%m-%d}"
    return say("topic", name=cut(line(topic.name), NAME), documents=topic.documents, newest=newest)


def topic_page(topic: Topic, documents: Sequence[Document], style: Style) -> str:
    """The export's own page inside Telegram: a topic's documents, newest first."""
    return "\n\n".join([bold(topic_line(topic, style.say)), *(source(document, style) for document in documents)])


def document_line(document: Document, style: Style) -> str:
    """For a list: outlet and title on one line, plain."""
    return f"{outlet_name(document.outlet, style.language)} · {cut(line(document.title), NAME)}"
