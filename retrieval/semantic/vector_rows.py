"""Vectors in half precision, mapped from a file or in memory: places go in, rows come out."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.runtime.kernels import Kernel
from retrieval.semantic.vector_store import PAGE_VECTORS

Halves = NDArray[np.float16]

_whole_products = Kernel(
    "void whole_products(const uint16_t *halves, const int32_t *question, int64_t count, int64_t size, "
    "int64_t *products);"
)


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


def whole_products(rows: Halves, question: NDArray[np.int32]) -> NDArray[np.int64]:
    """Of each row, counted in whole 16384ths as by `to_fixed_point`, with such a question."""
    products = np.empty(len(rows), np.int64)
    _whole_products(rows.view(np.uint16), question, len(rows), len(question), products)
    return products
