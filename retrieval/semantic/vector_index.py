"""What the points mean, as far as it is told by vectors: which are near a question, and how far they stand out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import Floats, Mask
from retrieval.index.segment import Numbers
from retrieval.language.term_hash import hashed
from retrieval.semantic.encoder import Matrix
from retrieval.semantic.quantization import Planes
from retrieval.semantic.score_normalization import WHOLE, Spread, spreads, summed, whole
from retrieval.semantic.vector_store import Placed, Seen, Vectors

NEAREST = 150  # points of each language that are looked at closely


@dataclass(frozen=True)
class Meaning:
    """The points that have a vector, by ascending `keys`; `ids` are hashes of the points', `numbers` the vectors'."""

    vectors: Vectors
    seen: Seen
    keys: Numbers
    ids: NDArray[np.uint64]
    numbers: Numbers
    chinese: Mask
    planes: Planes
    spreads: tuple[Spread, Spread]

    @classmethod
    def none(cls, vectors: Vectors) -> Self:
        size = vectors.centre().shape[1]
        nothing = Spread(0, np.zeros(size), np.zeros((size, size)))
        planes = Planes.of(np.zeros((0, size), np.float32), vectors.centre())
        ints = np.zeros(0, np.int64)
        columns = (ints, ints.astype(np.uint64), ints, ints.astype(np.bool_))
        return cls(vectors, Seen(), *columns, planes, (nothing, nothing))

    def caught_up(self) -> Self:
        """The same with the points that got a vector since, and without those that are gone; itself where none did."""
        with self.vectors.state() as seen:
            if seen == self.seen:
                return self
            kept = self._without(self.vectors.gone(self.seen))
            joined = kept and kept._joined(map(self.page, self.vectors.since(self.seen)))
        if joined is None or (np.diff(joined.keys) == 0).any():  # vectors went, and came again, behind our back
            return self.none(self.vectors).caught_up()
        return replace(joined, seen=seen)

    def to(self, question: str) -> "Nearness":
        """How the points lie to a question."""
        return Nearness(self, self.vectors.encoder.question(question)[None])

    def _without(self, keys: Sequence[int]) -> Self | None:
        """None where a vector is gone, so that it cannot be subtracted."""
        gone = np.isin(self.keys, keys)
        if not gone.any():
            return self
        found = self.vectors.read(self.numbers[gone].tolist())
        if len(found) < len(set(self.numbers[gone].tolist())):
            return None
        left = spreads(whole([found[number] for number in self.numbers[gone].tolist()]), self.chinese[gone])
        return replace(self._kept(~gone), spreads=summed(self.spreads, left, -1))

    def _kept(self, mask: Mask) -> Self:
        columns = {name: getattr(self, name)[mask] for name in COLUMNS}
        return replace(self, planes=self.planes.kept(mask), **columns)

    def page(self, page: Sequence[Placed]) -> Self:
        counted = whole([placed.vector for placed in page])
        chinese = np.array([placed.chinese for placed in page], np.bool_)
        return replace(
            self,
            keys=np.array([placed.point for placed in page], np.int64),
            ids=np.array([hashed(placed.id) for placed in page], np.uint64),
            numbers=np.array([placed.number for placed in page], np.int64),
            chinese=chinese,
            planes=Planes.of((counted / WHOLE).astype(np.float32), self.vectors.centre()),
            spreads=spreads(counted, chinese),
        )

    def _joined(self, pages: Iterable[Self]) -> Self:
        every, total = [self], self.spreads
        for page in pages:
            total = summed(total, page.spreads)
            every.append(replace(page, spreads=self.spreads))  # each of them is two large matrices
        columns: dict[str, Any] = {name: np.concatenate([getattr(one, name) for one in every]) for name in COLUMNS}
        joined = replace(self, planes=Planes.joined([one.planes for one in every]), spreads=total, **columns)
        order = np.argsort(joined.keys, kind="stable")
        return joined if (np.diff(order) == 1).all() else joined._ordered(order)

    def _ordered(self, order: Numbers) -> Self:
        columns = {name: getattr(self, name)[order] for name in COLUMNS}
        planes = Planes(np.ascontiguousarray(self.planes.codes[:, :, order]), self.planes.offsets[order])
        return replace(self, planes=planes, **columns)


COLUMNS = ("keys", "ids", "numbers", "chinese")


class Nearness:
    """One question among the points."""

    def __init__(self, meaning: Meaning, question: Matrix) -> None:
        self._meaning, self._question = meaning, question
        self._whole = np.rint(question[0].astype(np.float64) * WHOLE)

    def nearest(self, among: Numbers | None = None) -> Numbers:
        """The keys of the points of each language that are roughly the nearest, ascending; only `among` those given."""
        meaning = self._meaning
        products = meaning.planes.products(self._question, meaning.vectors.centre())
        open_ = np.ones(len(products), np.bool_) if among is None else np.isin(meaning.keys, among)
        found = [self._first(products, open_ & (meaning.chinese == chinese)) for chinese in (False, True)]
        return np.sort(np.concatenate(found))

    def _first(self, products: NDArray[np.float32], mask: Mask) -> Numbers:
        rows = np.flatnonzero(mask)
        if len(rows) > NEAREST:
            bound = np.partition(products[rows], -NEAREST)[-NEAREST]
            rows = rows[products[rows] >= bound]
            rows = rows[np.lexsort((self._meaning.ids[rows], -products[rows]))[:NEAREST]]
        return self._meaning.keys[rows]

    def standing(self, keys: Numbers) -> Floats:
        """How far each point stands out, as `Spread.standing`; 0 for those that have no vector yet."""
        meaning = self._meaning
        found = np.zeros(len(keys))
        if not len(meaning.keys):
            return found
        rows = np.minimum(np.searchsorted(meaning.keys, keys), len(meaning.keys) - 1)
        there = meaning.keys[rows] == keys
        read = meaning.vectors.read(meaning.numbers[rows[there]].tolist())
        there &= np.isin(meaning.numbers[rows], list(read))
        rows = rows[there]
        if not len(rows):
            return found
        products = whole([read[number] for number in meaning.numbers[rows].tolist()]) @ self._whole
        chinese = meaning.chinese[rows]
        standing = np.zeros(len(rows))
        for spread, mask in zip(meaning.spreads, (~chinese, chinese), strict=True):
            standing[mask] = spread.standing(products[mask], self._whole)
        found[there] = standing
        return found
