"""Exports for tests, read from bytes as they come in."""

import io

from retrieval.formats.reader import Refusal, parse
from retrieval.model.documents import Document

HEADER = "Workflow\n科创\nicon\nSearch documents\n"
STAMP = "Jing Ji Ri Bao· 2025-08-12 22:44"


def parsed(text: str | bytes, name: str = "a.txt") -> list[Document | Refusal]:
    return list(parse(io.BytesIO(text.encode() if isinstance(text, str) else text), name))


def kept(found: list[Document | Refusal]) -> list[Document]:
    return [one for one in found if isinstance(one, Document)]


def refused(found: list[Document | Refusal]) -> list[Refusal]:
    return [one for one in found if isinstance(one, Refusal)]


def encodable(document: Document) -> bytes:
    texts = [text for point in document.points for text in (point.section, point.text)]
    return "".join([document.title, document.outlet.name, *document.topics, document.url or "", *texts]).encode()
