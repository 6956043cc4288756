"""Comparisons: two sides and what they are compared in go in, the best point of each side comes out."""

from collections.abc import Sequence
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


def compare(library: Library, request: Request, now: datetime, text: str) -> tuple[ComparedSide, ...]:
    """Both sides have the same hit where a point answers `text`, the whole question, and names both of them. Blocks on
    three searches."""
    sides, whole = request.sides or (), library.search(text, 1, now=now)
    if whole.verdict == "answer" and all(_names(whole.hits[0], side) for side in sides):
        return tuple(ComparedSide(side, text, whole.hits[0]) for side in sides)
    return tuple(_side(library, side, request.subject, now) for side in sides)


def render_comparison(sides: Sequence[ComparedSide], style: RenderContext) -> str:
    return "\n\n".join(
        f"{bold(name)}\n{render_single(hit, style) if hit else escape(style.say('side-nothing'))}"
        for name, hit in labelled_hits(sides)
    )


def labelled_hits(sides: Sequence[ComparedSide]) -> list[tuple[str, Hit | None]]:
    """One, with both names, where the sides have the same point."""
    names = [truncate(single_line(side.name), MAX_SIDE_CHARS) for side in sides]
    hits = [side.hit for side in sides]
    if hits and hits[0] and all(hit and hit.point.id == hits[0].point.id for hit in hits):
        return [(" · ".join(names), hits[0])]
    return list(zip(names, hits, strict=True))


def _side(library: Library, side: str, subject: str, now: datetime) -> ComparedSide:
    asked = f"{side} {subject}".strip()
    result = library.search(asked, MOST_POINTS, now=now)
    hits = [hit for hit in result.hits if _names(hit, side)] if result.verdict != "none" else []
    sure = not subject or result.verdict == "answer"
    about = hits if sure else [hit for hit in hits if _has_more(hit, side)]
    return ComparedSide(side, asked, about[0] if about else None)


def _has_more(hit: Hit, side: str) -> bool:
    """Whether the point has a word of what is compared, and not the side alone."""
    folded = side.casefold()
    return any(match.word and match.word not in folded and folded not in match.word for match in hit.matches)


def _names(hit: Hit, side: str) -> bool:
    """Whether the point or its title has the side, by any name that the search knows."""
    folded = side.casefold()
    if folded in hit.point.text.casefold() or folded in hit.document.title.casefold():
        return True
    return any(match.word and (match.word in folded or folded in match.word) for match in hit.matches)
