"""Results kept for the next call, and scratch arrays lent to one thread after the other."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
ScalarT = TypeVar("ScalarT", bound=np.generic)
MAX_SPARE_ARRAYS = 2  # more threads at once make their own


class BoundedCache(dict[K, V], Generic[K, V]):
    """A dict that drops what came first instead of growing beyond `most`.

    Not an LRU cache: reading changes nothing, so that threads may read it without a lock.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._writing = threading.Lock()

    def __setitem__(self, key: K, value: V) -> None:
        with self._writing:
            if len(self) >= self._most and key not in self:
                del self[next(iter(self))]
            dict.__setitem__(self, key, value)  # in half the time of super()


class ScratchArrays(Generic[ScalarT]):
    """Arrays with whatever the last thread left in them, reused because getting new memory takes long."""

    def __init__(self, size: int, kind: type[ScalarT]) -> None:
        self._size = size
        self._kind: type[ScalarT] = kind
        self._spare: list[NDArray[ScalarT]] = []

    @contextmanager
    def borrow(self) -> Iterator[NDArray[ScalarT]]:
        try:
            array = self._spare.pop()
        except IndexError:
            array = np.empty(self._size, self._kind)
        yield array
        if len(self._spare) < MAX_SPARE_ARRAYS:
            self._spare.append(array)
