"""What was worked out is kept for the next time, up to a number."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T", bound=np.generic)
MAX_SPARE_ARRAYS = 2  # arrays kept: more questions at once make their own


class BoundedCache(dict[K, V], Generic[K, V]):
    """A dict that is emptied where it would grow beyond `most`; what two threads put in at once is in it once."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= self._most:
            self.clear()
        super().__setitem__(key, value)


class ScratchArrays(Generic[T]):
    """An array of zeros, borrowed by one thread after the other: to make a new one takes longer than to use it."""

    def __init__(self, size: int, kind: type[T]) -> None:
        self._size = size
        self._kind: type[T] = kind
        self._spare: list[NDArray[T]] = []

    @contextmanager
    def borrow(self) -> Iterator[NDArray[T]]:
        """Whoever borrows it gives it back as zeros."""
        try:
            array = self._spare.pop()
        except IndexError:
            array = np.zeros(self._size, self._kind)
        yield array
        if len(self._spare) < MAX_SPARE_ARRAYS:
            self._spare.append(array)
