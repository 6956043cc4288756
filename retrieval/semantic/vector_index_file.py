"""The vector index to a file and back, so that a large corpus is not read through at every start."""

import json
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.runtime import array_file
from retrieval.semantic.quantization import PLANE_BITS, QuantizedVectors
from retrieval.semantic.score_normalization import ScoreDistribution
from retrieval.semantic.vector_index import VECTOR_COLUMNS, VectorIndex
from retrieval.semantic.vector_store import VectorCursor, VectorStore

VECTOR_INDEX_FORMAT = 2  # raise it when the layout of the file changes
MIN_SAVED_VECTORS = 2_000  # points that are read through in a tenth of a second
SAVE_GROWTH = 0.02  # share of the points from which what came or went since is worth saving
SAMPLED_VECTORS = 16  # points by which a saved meaning is told to be of this corpus


class SavedVectorIndex:
    """The index of a store's vectors, caught up at each `refresh` and saved in the file `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index: VectorIndex | None = None
        self._saved = 0

    def refresh(self, vectors: VectorStore) -> VectorIndex:
        if self._index is None:
            self._index = load(vectors, self._path)
            self._saved = len(self._index.keys)
        self._index = self._index.refreshed()
        self._saved = save(self._index, self._path, self._saved)
        return self._index


def load(vectors: VectorStore, path: Path) -> VectorIndex:
    """What was saved, or nothing where it is damaged, of another corpus or by another encoder; not yet caught up."""
    nothing = VectorIndex.none(vectors)
    try:
        arrays = array_file.read(path)
        about = json.loads(arrays["about"].tobytes())
        if about["format"] != VECTOR_INDEX_FORMAT or about["name"] != vectors.name:
            return nothing
        size = nothing.spreads[0].total.shape[0]
        first, second = [
            ScoreDistribution(count, arrays[f"total{n}"], arrays[f"products{n}"].reshape(size, size))
            for n, count in enumerate(about["counts"])
        ]
        codes = arrays["codes"].reshape(PLANE_BITS, -1, len(arrays["keys"]))
        columns: dict[str, Any] = {name: arrays[name] for name in VECTOR_COLUMNS}
        planes = QuantizedVectors(codes, arrays["offsets"])
        saved = VectorIndex(vectors, VectorCursor(*about["seen"]), planes=planes, spreads=(first, second), **columns)
    except (array_file.DamagedFileError, OSError, ValueError, KeyError, TypeError):
        return nothing
    return saved if _is_of(saved, vectors) else nothing


def save(meaning: VectorIndex, path: Path, before: int) -> int:
    """Save it where it is large, and not as large as the one saved `before`; how large the saved one is then."""
    size = len(meaning.keys)
    if size < MIN_SAVED_VECTORS or abs(size - before) < SAVE_GROWTH * size:
        return before
    about = {
        "format": VECTOR_INDEX_FORMAT,
        "name": meaning.vectors.name,
        "seen": astuple(meaning.seen),
        "counts": [spread.count for spread in meaning.spreads],
    }
    arrays = {name: getattr(meaning, name) for name in VECTOR_COLUMNS}
    arrays |= {"codes": meaning.planes.codes.ravel(), "offsets": meaning.planes.offsets}
    for n, spread in enumerate(meaning.spreads):
        arrays |= {f"total{n}": spread.total, f"products{n}": spread.products.ravel()}
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    with suppress(OSError):  # a folder that cannot be written costs only the time that this saves
        path.parent.mkdir(parents=True, exist_ok=True)
        array_file.write(path, arrays)
    return size


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
    ) and np.array_equal(there.planes.codes, saved.planes.codes[:, :, rows])
