"""Results: an answered question with its hits, verdict and interpretation."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from retrieval.model.documents import Document, Point
from retrieval.model.record import Record

Verdict = Literal["answer", "maybe", "none"]


@dataclass(frozen=True, slots=True)
class Match(Record):
    """Characters `start` to `end` of a point's text match `word` of the question.

    A `sure` one is the word itself, or its name by our glossary or by the first sense of a dictionary.
    """

    start: int
    end: int
    word: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Hit(Record):
    """`score` > 0, comparable within one result; `also` and `folded` are its near-duplicates' documents and texts.

    `lacks` are words of the question that may be said to be missing from the point and its headings; `near` says
    whether it is close enough to the first hit to be shown beside it. `versions` are those of the near-duplicates that
    state it in the other language, best first.
    """

    rank: int
    score: float
    point: Point
    document: Document
    also: tuple[Document, ...] = ()
    folded: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    lacks: tuple[str, ...] = ()
    near: bool = True
    versions: tuple["Hit", ...] = ()


@dataclass(frozen=True, slots=True)
class Correction(Record):
    """The question's word `asked` was read as `read`."""

    asked: str
    read: str


@dataclass(frozen=True, slots=True)
class UnrealDate(Record):
    """A date that the calendar does not have, and the days that it was read as; without any, nothing was searched."""

    asked: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Interpretation(Record):
    """The filters and corrections applied to a question; days are Beijing's, inclusive.

    Whether it was cut, and whether only the rarest of its words were read.
    """

    outlets: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    excluded: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    truncated: bool = False
    rarest_only: bool = False
    unreal_dates: tuple[UnrealDate, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether a filter is a date that does not exist: nothing was searched."""
        return not all(one.since or one.until for one in self.unreal_dates)


@dataclass(frozen=True, slots=True)
class Result(Record):
    """`hits` are best first, whatever the verdict; `missing` are the names, years and nouns that the best point lacks.

    Those of them that occur nowhere in the corpus are in `nowhere` too. `words` are all that the question asks for,
    `names` those that name somebody, some place or something that no dictionary has, `uncovered` those that the index
    found under no name in the best point. `milliseconds` leaves out first loads.
    """

    question: str
    verdict: Verdict
    confidence: float
    missing: tuple[str, ...]
    milliseconds: float
    hits: tuple[Hit, ...]
    nowhere: tuple[str, ...] = ()
    reading: Interpretation = field(default_factory=Interpretation)
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    documents: int
    points: int
    newest: datetime
