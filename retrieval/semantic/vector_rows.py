"""Vectors in half precision, mapped from a file or in memory: places go in, rows come out."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.semantic.vector_store import PAGE_VECTORS

Halves = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class VectorRows:
    """Those of the saved index, and those that came since. No row is ever taken out, so that its place stays."""

    saved: Halves
    added: tuple[Halves, ...] = ()

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @property
    def _parts(self) -> tuple[Halves, ...]:
        return (self.saved, *self.added)

    @property
    def addresses(self) -> NDArray[np.int64]:
        """The first place of each part and its address, which is valid as long as these rows are there."""
        begins = np.cumsum([0, *map(len, self._parts)])
        return np.array([(begin, part.ctypes.data) for begin, part in zip(begins, self._parts, strict=False)], np.int64)

    def plus(self, rows: Halves) -> Self:
        """With these behind; few are put together with those that came before, in a part of their own else."""
        *before, last = self.added or (rows[:0],)
        if len(last) + len(rows) <= PAGE_VECTORS:
            return type(self)(self.saved, (*before, np.concatenate([last, rows])))
        return type(self)(self.saved, (*self.added, rows))

    def take(self, places: NDArray[np.int32]) -> Halves:
        if not self.added:
            return self.saved.take(places, axis=0)
        found, begin = np.empty((len(places), self.saved.shape[1]), np.float16), 0
        for part in self._parts:
            inside = (places >= begin) & (places < begin + len(part))
            found[inside] = part[places[inside] - begin]
            begin += len(part)
        return found
