"""The vector index to a file and back, so that a large corpus is not read through at every start."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.runtime import array_file
from retrieval.runtime.array_file import ArrayParts
from retrieval.semantic.quantization import PLANE_BITS, QuantizedVectors
from retrieval.semantic.score_normalization import ScoreDistribution
from retrieval.semantic.vector_index import VECTOR_COLUMNS, VectorIndex
from retrieval.semantic.vector_rows import Halves, VectorRows
from retrieval.semantic.vector_store import PAGE_VECTORS, VectorCursor, VectorStore

VECTOR_INDEX_FORMAT = 3  # raise it when the layout of the file changes
MIN_SAVED_VECTORS = 2_000  # points that are read through in a tenth of a second
# Share of the vectors from which what came or went since is worth saving: what came is in memory, what went is still in
# the file, and the file is written anew as a whole, of 100,000 points 127 MB.
SAVE_GROWTH = 0.05
SAMPLED_VECTORS = 16  # points by which a saved meaning is told to be of this corpus


class SavedVectorIndex:
    """The index of a store's vectors, caught up at each `refresh`, saved in the file `path` and mapped from there.

    A first index is saved at once, since its vectors are all in memory; later, questions do not wait for the disk.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index: VectorIndex | None = None
        self._mapped: VectorIndex | None = None
        self._saver: threading.Thread | None = None
        self._tried = 0  # vectors that came or went before the last attempt to save, if the index is not mapped since

    def refresh(self, vectors: VectorStore) -> VectorIndex:
        first = self._index is None
        if self._index is None:
            self._index = load(vectors, self._path)
        if mapped := self._mapped:
            self._index, self._mapped, self._tried = mapped, None, 0
        self._index = self._index.refreshed()
        changed, size = _count_changed(self._index), len(self._index.rows)
        is_worth_it = size >= MIN_SAVED_VECTORS and changed - self._tried >= SAVE_GROWTH * size
        if is_worth_it and not (self._saver and self._saver.is_alive()):
            self._tried = changed
            self._saver = threading.Thread(target=self._save, args=[self._index], name="vector index")
            self._saver.start()
            if first:
                self._saver.join()
                self._index = self._mapped or self._index
        return self._index

    def _save(self, index: VectorIndex) -> None:
        if save(index, self._path):
            self._mapped = _map(index.vectors, self._path)


def load(vectors: VectorStore, path: Path) -> VectorIndex:
    """What was saved, or nothing where it is damaged, of another corpus or by another encoder; not yet caught up."""
    saved = _map(vectors, path)
    return saved if saved and _is_of(saved, vectors) else VectorIndex.none(vectors)


def _map(vectors: VectorStore, path: Path) -> VectorIndex | None:
    try:
        arrays = array_file.read(path)
        about = json.loads(arrays["about"].tobytes())
        if about["format"] != VECTOR_INDEX_FORMAT or about["name"] != vectors.name:
            return None
        size, count = vectors.encoder.size, len(arrays["keys"])
        first, second = [
            ScoreDistribution(points, arrays[f"total{n}"], arrays[f"products{n}"].reshape(size + 1, size + 1))
            for n, points in enumerate(about["counts"])
        ]
        columns: dict[str, Any] = {name: arrays[name] for name in VECTOR_COLUMNS}
        return VectorIndex(
            vectors,
            VectorCursor(*about["seen"]),
            places=np.arange(count, dtype=np.int32),
            rows=VectorRows(arrays["vectors"].reshape(count, size)),
            planes=QuantizedVectors(arrays["codes"].reshape(PLANE_BITS, count, -1), arrays["offsets"]),
            spreads=(first, second),
            **columns,
        )
    except (array_file.DamagedFileError, OSError, ValueError, KeyError, TypeError):
        return None


def _count_changed(index: VectorIndex) -> int:
    """Vectors that came since the index was mapped, and those that went, whose rows are still there."""
    rows = index.rows
    return (len(rows) - len(rows.saved)) + (len(rows) - len(index.keys))


def save(index: VectorIndex, path: Path) -> bool:
    """Whether it could be saved: a folder that cannot be written costs only the time that this saves."""
    about = {
        "format": VECTOR_INDEX_FORMAT,
        "name": index.vectors.name,
        "seen": astuple(index.seen),
        "counts": [spread.count for spread in index.spreads],
    }
    arrays: dict[str, Any] = {name: getattr(index, name) for name in VECTOR_COLUMNS}
    arrays |= {"codes": index.planes.codes.ravel(), "offsets": index.planes.offsets}
    for n, spread in enumerate(index.spreads):
        arrays |= {f"total{n}": spread.total, f"products{n}": spread.products.ravel()}
    arrays["vectors"] = ArrayParts(np.dtype(np.float16), len(index.keys) * index.vectors.encoder.size, _pages(index))
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        array_file.write(path, arrays)
        return True
    return False


def _pages(index: VectorIndex) -> Iterator[Halves]:
    for start in range(0, len(index.keys), PAGE_VECTORS):
        yield index.rows.take(index.places[start : start + PAGE_VECTORS])


def _is_of(saved: VectorIndex, vectors: VectorStore) -> bool:
    """Whether the points that are looked at are the same; those that went since are told by their tombstones."""
    rows = np.unique(np.linspace(0, max(len(saved.keys) - 1, 0), SAMPLED_VECTORS, dtype=np.int64))
    with vectors.state() as seen:
        if saved.seen.tombstone > seen.tombstone or not len(saved.keys):
            return False
        gone = set(vectors.gone(saved.seen))
        rows = np.array([row for row in rows.tolist() if int(saved.keys[row]) not in gone], np.int64)
        there = saved.page(vectors.placed(saved.keys[rows].tolist()))
    return all(
        np.array_equal(getattr(there, name), getattr(saved, name)[rows]) for name in VECTOR_COLUMNS
    ) and np.array_equal(there.rows.saved, saved.rows.saved[rows])
