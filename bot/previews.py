"""A document as it would stand in a digest, in plain text: for trying a source."""

from retrieval.documents import BEIJING, Document
from retrieval.sentences import carrying

WIDTH = 400  # characters of a sentence


def preview(document: Document) -> str:
    """Title, outlet, time, kind and address, then what a digest would say of it."""
    texts = [point.text for point in document.points]
    said = carrying(texts) if document.kind == "full" else texts[:1]
    when = f"{document.published.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    source = f"{document.outlet.name} · {when} · {document.kind}, {len(texts)} points"
    return "\n".join([document.title, source, document.url or "", *(f"• {text[:WIDTH]}" for text in said)])
