"""Documents for tests, and an analyser that only lowers the case."""

from datetime import datetime, timedelta

from retrieval.model.documents import BEIJING, Document, Point, document_id, point_id
from retrieval.model.outlets import outlet
from retrieval.storage.schema import PointTokens, Tokens

NOON = datetime(2025, 8, 12, 12, 0, tzinfo=BEIJING)


def document(title: str, *texts: str, topic: str = "科创", url: str | None = None, minutes: int = 0) -> Document:
    published = NOON + timedelta(minutes=minutes)
    id = document_id("经济日报", title, published)
    points = tuple(Point(point_id(id, text), text, f"Group {n}", (n, 7)) for n, text in enumerate(texts))
    return Document(id, title, outlet("经济日报"), published, (topic,), url, points)


def analyse(document: Document) -> Tokens:
    points = tuple(
        PointTokens(point.text.lower(), point.section.lower(), f"trace of {point.text}") for point in document.points
    )
    return Tokens(document.title.lower(), points)
