"""Told hits: stories go in, with what was found out about them; hits come out as a reader gets them."""

from collections.abc import Callable, Sequence

from retrieval.language.han import is_chinese
from retrieval.model.results import Hit, Match
from retrieval.search.found_point import FoundPoint, Story

Find = Callable[[str], tuple[Match, ...]]  # where a text has the question's words


def tell_hits(
    stories: Sequence[Story], near: Sequence[bool], lacks: Sequence[tuple[str, ...]], find: Find
) -> tuple[Hit, ...]:
    """A hit for each story. As many of the first as there are `lacks` are marked, with their versions."""
    marked = len(lacks)
    first = [_tell(n, *told, find) for n, told in enumerate(zip(stories[:marked], near, lacks, strict=False), 1)]
    others = zip(stories[marked:], near[marked:], strict=False)
    return (*first, *(_tell(n, *told, (), _unmarked) for n, told in enumerate(others, marked + 1)))


def _unmarked(_: str) -> tuple[Match, ...]:
    return ()


def _tell(rank: int, story: Story, near: bool, lacks: tuple[str, ...], find: Find) -> Hit:
    (_, score, document, point, _), others = story
    if not others:
        return Hit(rank, score, point, document, (), (), find(point.text), lacks, near)
    also = {one.document.id: one.document for one in others if one.document.id != document.id}
    folded, chinese = tuple(one.point.text for one in others), is_chinese(point.text)
    versions = tuple(_version(one, find) for one in others if is_chinese(one.point.text) != chinese)
    return Hit(rank, score, point, document, tuple(also.values()), folded, find(point.text), lacks, near, versions)


def _version(found: FoundPoint, find: Find) -> Hit:
    return Hit(found.rank, found.score, found.point, found.document, matches=find(found.point.text))
