"""Comparisons: two sides and what they are compared in go in, the best point of each side comes out."""

from dataclasses import dataclass
from datetime import datetime

from bot.conversation.request import Request
from bot.render.answer import MOST_POINTS, RenderContext, render_single
from bot.render.html import bold, escape, single_line, truncate
from retrieval.library import Library
from retrieval.model.results import Hit

MAX_SIDE_CHARS = 60  # UTF-16 units of a side's name


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """`hit` is None where nothing is found about this side."""

    name: str
    asked: str
    hit: Hit | None


def compare(library: Library, request: Request, now: datetime) -> tuple[ComparedSide, ...]:
    """Blocks on two searches."""
    return tuple(_side(library, side, request.subject, now) for side in request.sides or ())


def names_both(hit: Hit, request: Request) -> bool:
    return all(_names(hit, side) for side in request.sides or ())


def render_comparison(sides: tuple[ComparedSide, ...], style: RenderContext) -> str:
    blocks = []
    for side in sides:
        name = bold(truncate(single_line(side.name), MAX_SIDE_CHARS))
        found = render_single(side.hit, style) if side.hit else escape(style.say("side-nothing"))
        blocks.append(f"{name}\n{found}")
    return "\n\n".join(blocks)


def _side(library: Library, side: str, subject: str, now: datetime) -> ComparedSide:
    asked = f"{side} {subject}".strip()
    result = library.search(asked, MOST_POINTS, now=now)
    hits = result.hits if result.verdict != "none" else ()
    return ComparedSide(side, asked, next((hit for hit in hits if _names(hit, side)), None))


def _names(hit: Hit, side: str) -> bool:
    """Whether the point or its title has the side, by any name that the search knows."""
    folded = side.casefold()
    if folded in hit.point.text.casefold() or folded in hit.document.title.casefold():
        return True
    return any(match.word and (match.word in folded or folded in match.word) for match in hit.matches)
