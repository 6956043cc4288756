"""The JSON that scripts and the page's API rely on: results, documents and topics to dictionaries of plain values."""

from collections.abc import Callable, Iterable, Sequence

from retrieval.model.documents import BEIJING, Document, Point
from retrieval.model.outlets import Link
from retrieval.model.results import Hit, Result, Topic

DocumentLinkMaker = Callable[[Document], Iterable[Link]]


def result_json(result: Result, links: DocumentLinkMaker) -> dict[str, object]:
    """What `zhidian search --json` prints."""
    return {
        "question": result.question,
        "verdict": result.verdict,
        "confidence": round(result.confidence, 4),
        "missing": result.missing,
        "milliseconds": round(result.milliseconds, 2),
        "points": [_hit_json(hit, links) for hit in result.hits],
    }


def document_json(document: Document, links: DocumentLinkMaker) -> dict[str, object]:
    points = [_point_json(point) | {"section": point.section} for point in document.points]
    return {"document": document.id, "kind": document.kind, **_source_json(document, links), "points": points}


def topic_json(topic: Topic, other_names: Sequence[str]) -> dict[str, object]:
    """`other_names` are in the other language."""
    newest = topic.newest.astimezone(BEIJING).isoformat()
    return {
        "name": topic.name,
        "documents": topic.documents,
        "points": topic.points,
        "newest": newest,
        "other_names": other_names,
    }


def published_text(document: Document) -> str:
    return document.published.astimezone(BEIJING).isoformat()


def _point_json(point: Point) -> dict[str, object]:
    return {"point": point.id, "text": point.text, "citations": point.citations}


def _hit_json(hit: Hit, links: DocumentLinkMaker) -> dict[str, object]:
    point, document = hit.point, hit.document
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "point": point.id,
        "document": document.id,
        "text": point.text,
        "section": point.section,
        "citations": point.citations,
        **_source_json(document, links),
        "also": [
            {"title": one.title, "outlet": one.outlet.name, "published": published_text(one), "document": one.id}
            for one in hit.also
        ],
    }


def _source_json(document: Document, links: DocumentLinkMaker) -> dict[str, object]:
    return {
        "title": document.title,
        "outlet": {"name": document.outlet.name, "pinyin": document.outlet.pinyin, "english": document.outlet.english},
        "published": published_text(document),
        "topic": document.topics[0] if document.topics else None,
        "topics": document.topics,
        "url": document.url,
        "links": [{"kind": link.kind, "url": link.url} for link in links(document)],
    }
