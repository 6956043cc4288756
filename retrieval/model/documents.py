"""Documents, their points and outlets, and the stable ids made from their contents."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal
from zoneinfo import ZoneInfo

from retrieval.model.record import Record

BEIJING = ZoneInfo("Asia/Shanghai")

DocumentKind = Literal["summary", "full"]


@dataclass(frozen=True, slots=True)
class Outlet(Record):
    """A publisher; `name` is the registry's canonical (Chinese) name, or the printed one of an unknown outlet."""

    name: str
    pinyin: str | None = None
    english: str | None = None


@dataclass(frozen=True, slots=True)
class Point(Record):
    """One statement, the unit of search; `section` is its heading or '', `citations` are the article's paragraphs."""

    id: str
    text: str
    section: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Document(Record):
    """One article: the points of its summary, or its paragraphs. `published` is aware, `topics` oldest first."""

    id: str
    title: str
    outlet: Outlet
    published: datetime
    topics: tuple[str, ...]
    url: str | None
    points: tuple[Point, ...]
    kind: DocumentKind = "summary"


def document_id(outlet: str, title: str, published: datetime) -> str:
    """16 hexadecimal digits from the outlet's canonical name, the title and the minute of publication."""
    return stable_id(outlet, title, published.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M"))


def point_id(document: str, text: str) -> str:
    """16 hexadecimal digits from the document's id and the text; equal texts within a document share one id."""
    return stable_id(document, text)


def stable_id(*parts: str) -> str:
    return blake2b("\x00".join(parts).encode(), digest_size=8).hexdigest()


def topic_key(name: str) -> str:
    """A topic in a button or a link to the bot, where its name may be too long."""
    return stable_id(name)[:8]
