"""Versions of one story: a document and others go in; those come out that tell the same, as answers fold points."""

from collections.abc import Iterable

from retrieval.model.documents import Document
from retrieval.search.found_point import FoundPoint
from retrieval.search.near_duplicates import MIN_COMMON_POINTS, SAME_STORY_SPAN, fold


def find_versions(document: Document, others: Iterable[Document]) -> list[Document]:
    """Those near in time that share MIN_COMMON_POINTS points, or their only one; the latest published first."""
    near = [
        other
        for other in {other.id: other for other in others}.values()
        if other.id != document.id and abs(other.published - document.published) <= SAME_STORY_SPAN
    ]
    versions = [other for other in near if _shared_points(document, other) >= _least(document, other)]
    return sorted(versions, key=lambda other: (-other.published.timestamp(), other.id))


def _shared_points(one: Document, other: Document) -> int:
    pairs = [(point, one) for point in one.points] + [(point, other) for point in other.points]
    found = [FoundPoint(n, 1 / n, document, point, n - 1) for n, (point, document) in enumerate(pairs, 1)]
    return sum(
        best.document.id == one.id and any(each.document.id != one.id for each in others)
        for best, others in fold(found)
    )


def _least(one: Document, other: Document) -> int:
    return min(MIN_COMMON_POINTS, len(one.points), len(other.points))
