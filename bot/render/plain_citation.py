"""The citation behind a copy button: a hit goes in, its point and source as plain text come out."""

from bot.render.answer import RenderContext
from bot.render.html import single_line, truncate, utf16_len
from bot.render.query_echo import outlet_name
from retrieval.model.documents import BEIJING
from retrieval.model.results import Hit

MAX_COPIED_CHARS = 256  # that a copy button takes


def plain_citation(hit: Hit, style: RenderContext) -> str:
    """Point, outlet, date and title as plain text; the point is cut so that a copy button takes it all."""
    document = hit.document
    source = style.say(
        "citation",
        outlet=outlet_name(document.outlet, style.language),
        date=f"{document.published.astimezone(BEIJING):%Y-%m-%d}",
        title=truncate(single_line(document.title), 60),
    )
    return f"{truncate(single_line(hit.point.text), MAX_COPIED_CHARS - utf16_len(source) - 1)} {source}"
