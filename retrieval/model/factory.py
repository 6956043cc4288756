"""Factory of documents: a title, an outlet, a time and statements, as any format yields them, to a Document."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from retrieval.model.documents import BEIJING, Document, DocumentKind, Point, document_id, point_id
from retrieval.model.outlets import outlet
from retrieval.model.problem import Problem, ProblemError

PLAUSIBLE_YEARS = range(1900, 2200)  # dates beyond them are slips, and some have no ISO form

Statement = tuple[str, str, tuple[int, ...]]  # section, text, citations


def build_document(
    names: tuple[str, str, str],
    published: datetime,
    url: str | None,
    statements: Iterable[Statement],
    kind: DocumentKind = "summary",
) -> Document:
    """`names` are title, printed outlet and topic. Equal texts make one point, since the text makes the id."""
    title, printed, topic = names
    publisher = outlet(printed)
    id = document_id(publisher.name, title, published)
    points: dict[str, Point] = {}
    for section, text, citations in statements:
        points.setdefault(text, Point(point_id(id, text), text, section, citations))
    return Document(id, title, publisher, published, (topic,), url, tuple(points.values()), kind)


def with_title(document: Document, title: str, published: datetime) -> Document:
    """A copy with another title and time, and so with other ids."""
    statements = [(point.section, point.text, point.citations) for point in document.points]
    names = (title, document.outlet.name, document.topics[0])
    return replace(build_document(names, published, document.url, statements, document.kind), topics=document.topics)


def to_beijing_minute(time: datetime) -> datetime:
    """The time in Beijing without seconds; ProblemError for an implausible year."""
    if time.year not in PLAUSIBLE_YEARS:
        years = {"first": str(PLAUSIBLE_YEARS.start), "last": str(PLAUSIBLE_YEARS.stop - 1)}
        raise ProblemError(Problem.of("year", **years))
    return time.astimezone(BEIJING).replace(second=0, microsecond=0)
