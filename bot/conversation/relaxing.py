"""Relaxing: a question whose filters left nothing goes in, the filters that are worth dropping come out."""

from collections.abc import Iterator
from datetime import datetime

from bot.render.answer import MOST_POINTS, POINTS_SHOWN
from bot.render.relaxation import Relaxation
from retrieval.library import Library
from retrieval.model.results import Interpretation, Result
from retrieval.query.filter_removal import FilterKind, without_filters


def find_relaxations(library: Library, result: Result, now: datetime) -> tuple[Relaxation, ...]:
    """Each kind of filter without which something is found; where none is, all of them together. Blocks on search."""
    if result.verdict != "none":
        return ()
    kinds = tuple(_kinds(result.reading))
    return tuple(_found(library, result, kinds, now, 1)) or tuple(_found(library, result, kinds, now, len(kinds)))


def relax(library: Library, question: str, kinds: tuple[str, ...], now: datetime) -> str:
    """The question without filters of these kinds; as it is where they cannot be taken back."""
    topics = [topic.name for topic in library.topics()]
    return without_filters(question, kinds, now, topics) or question


def _found(
    library: Library, result: Result, kinds: tuple[FilterKind, ...], now: datetime, dropped: int
) -> Iterator[Relaxation]:
    for at in range(len(kinds) - dropped + 1) if kinds else ():
        some = kinds[at : at + dropped]
        question = relax(library, result.question, some, now)
        if question == result.question:
            continue
        relaxed = library.search(question, MOST_POINTS, now=now, shown=POINTS_SHOWN)
        if relaxed.verdict != "none" and relaxed.hits:
            yield Relaxation(some, len(relaxed.hits))


def _kinds(reading: Interpretation) -> Iterator[FilterKind]:
    if reading.since or reading.until:
        yield "date"
    if reading.outlets:
        yield "outlet"
    if reading.topics:
        yield "topic"
    if reading.phrases:
        yield "phrase"
    if reading.excluded:
        yield "excluded"
