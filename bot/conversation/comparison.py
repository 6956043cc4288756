"""Comparisons: two sides and what they are compared in go in, the best point of each side comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.request import Request
from bot.render.answer import MOST_POINTS, RenderContext, render_single
from bot.render.html import bold, escape, single_line, truncate
from retrieval.library import Library
from retrieval.model.results import Hit

MAX_SIDES_UNITS = 120  # of a side's name, or of both


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One side, or both where a point tells of both; `hit` is None where nothing is found about it."""

    name: str
    hit: Hit | None


def compare(library: Library, request: Request, now: datetime, text: str) -> tuple[ComparedSide, ...]:
    """A point for each side. Before them stands one that answers `text`, the whole question, and names both sides and
    what they are compared in; then only those sides follow that have a point of their own. Blocks on three searches."""
    sides, whole = request.sides or (), library.search(text, 1, now=now)
    shared = whole.hits[0] if whole.verdict == "answer" else None
    if shared is None or not all(_names(shared, side) for side in sides):
        return tuple(ComparedSide(side, _point_of(library, side, request.subject, now)) for side in sides)
    if not request.subject:
        return (ComparedSide(_together(sides), shared),)
    own = [ComparedSide(side, _own_point(library, side, sides, request.subject, now, shared)) for side in sides]
    if _has_more(shared, sides):
        return (ComparedSide(_together(sides), shared), *(side for side in own if side.hit))
    return tuple(own)


def render_comparison(sides: Sequence[ComparedSide], style: RenderContext) -> str:
    return "\n\n".join(
        f"{bold(name)}\n{render_single(hit, style) if hit else escape(style.say('side-nothing'))}"
        for name, hit in labelled_hits(sides)
    )


def labelled_hits(sides: Sequence[ComparedSide]) -> list[tuple[str, Hit | None]]:
    return [(truncate(single_line(side.name), MAX_SIDES_UNITS), side.hit) for side in sides]


def _together(sides: Sequence[str]) -> str:
    return " · ".join(sides)


def _point_of(library: Library, side: str, subject: str, now: datetime) -> Hit | None:
    return next(iter(_points_of(library, side, subject, now)), None)


def _own_point(
    library: Library, side: str, sides: Sequence[str], subject: str, now: datetime, shared: Hit
) -> Hit | None:
    """The best that tells of this side alone."""
    others = [other for other in sides if other != side]
    points = _points_of(library, side, subject, now)
    apart = (one for one in points if one.point.id != shared.point.id and not any(_tells(one, x) for x in others))
    return next(apart, None)


def _points_of(library: Library, side: str, subject: str, now: datetime) -> list[Hit]:
    result = library.search(f"{side} {subject}".strip(), MOST_POINTS, now=now)
    hits = [hit for hit in result.hits if _names(hit, side)] if result.verdict != "none" else []
    sure = not subject or result.verdict == "answer"
    return hits if sure else [hit for hit in hits if _has_more(hit, (side,))]


def _has_more(hit: Hit, sides: Sequence[str]) -> bool:
    """Whether the point has a word of what is compared, and not the sides alone."""
    folded = " ".join(sides).casefold()
    return any(
        match.word and match.word not in folded and not any(side.casefold() in match.word for side in sides)
        for match in hit.matches
    )


def _names(hit: Hit, side: str) -> bool:
    """Whether the point or its title has the side, by any name that the search knows."""
    return side.casefold() in hit.document.title.casefold() or _tells(hit, side)


def _tells(hit: Hit, side: str) -> bool:
    folded = side.casefold()
    if folded in hit.point.text.casefold():
        return True
    return any(match.word and (match.word in folded or folded in match.word) for match in hit.matches)
