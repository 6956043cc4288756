"""Records: immutable dataclasses that go from process to process, pickled in a third of the time of others."""

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any


class Record:
    """A base for frozen dataclasses with slots and two fields or more, which their constructor takes in that order."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return type(self), _read(self.__match_args__)(self)


@cache
def _read(fields: tuple[str, ...]) -> Callable[[Record], tuple[Any, ...]]:
    return attrgetter(*fields)
