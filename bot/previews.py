"""What a source's entry would come in as, and the item that a digest would make of it, in plain text."""

from bot import digests
from bot.answers import Style
from bot.markup import visible
from retrieval.documents import BEIJING, Document

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
