"""Found points: what a search works with, from the reading of its candidates until hits are told.

They are tuples: a question reads two dozen, and a record takes ten times as long to make.
"""

from typing import NamedTuple

from retrieval.model.documents import Document, Point


class FoundPoint(NamedTuple):
    """`rank` is its place among what was read, `column` that among the candidates."""

    rank: int
    score: float
    document: Document
    point: Point
    column: int


class Story(NamedTuple):
    """The point that represents it, and the others that state the same, best first."""

    best: FoundPoint
    others: tuple[FoundPoint, ...] = ()
