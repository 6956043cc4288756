"""Paragraph numbers: a point goes in, the paragraphs of the article that say it come out, as a link to the page."""

from bot.render.html import escape, link
from bot.render.i18n import Say
from retrieval.model.documents import Document, Point
from web.addresses import Addresses

MAX_NAMES_LISTED = 8  # topics, paragraphs: more would bury the answer


def render_paragraphs(point: Point, document: Document, page: Addresses | None, say: Say) -> str:
    """They link to the point on the page, where it is public; of a point without numbers, a mark does."""
    numbers = " ".join(paragraph_numbers(point, say))
    return link(numbers or "¶", page.document(document.id, point.id)) if page else escape(numbers)


def paragraph_numbers(point: Point, say: Say) -> list[str]:
    return [say("paragraph", number=str(number)) for number in point.citations[:MAX_NAMES_LISTED]]
