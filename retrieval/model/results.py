"""What comes out: frozen records of an answered question."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from retrieval.model.documents import Document, Point

Verdict = Literal["answer", "maybe", "none"]


@dataclass(frozen=True, slots=True)
class Match:
    """Characters `start` to `end` of a point's text answer to `word` of the question."""

    start: int
    end: int
    word: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A point found. `score` > 0, comparable within one result only.

    `also` are the documents of the near-duplicates folded into it, `folded` their texts.
    """

    rank: int
    score: float
    point: Point
    document: Document
    also: tuple[Document, ...] = ()
    folded: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of the question that was read as another one."""

    asked: str
    read: str


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What was understood of a question besides its words: the filters in force and the words read otherwise.

    `since` and `until` are both inclusive days in Beijing; `truncated` says that the question was cut.
    """

    outlets: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    excluded: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """An answered question; `hits` best first, whatever the verdict.

    `missing` are words of the question that the best point lacks; those of them that occur nowhere
    in the corpus are in `nowhere` too. `milliseconds` leaves out first loads.
    """

    question: str
    verdict: Verdict
    confidence: float
    missing: tuple[str, ...]
    milliseconds: float
    hits: tuple[Hit, ...]
    nowhere: tuple[str, ...] = ()
    reading: Interpretation = field(default_factory=Interpretation)


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    documents: int
    points: int
    newest: datetime
