"""Missing vectors, made at once or in the background: points of a vector store go in, their vectors are stored."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from retrieval.runtime.background import PollingThread
from retrieval.runtime.progress import OnProgress
from retrieval.semantic.vector_store import PendingPoint, VectorStore

BATCH_POINTS = 64  # a transaction: three seconds' work, after which questions see it
LOWEST_NICENESS = 19


def embed_missing(vectors: VectorStore, progress: OnProgress = lambda *_: None) -> int:
    """Make all that are missing, on all processors; returns how many."""
    total, done = vectors.missing(), 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for points in _batches(vectors) if total else ():
            progress("", done, total)
            rows = pool.map(vectors.encoder.passages, ([point.passage] for point in points))
            vectors.put(points, [row for matrix in rows for row in matrix])
            done += len(points)
    if total:
        progress("", total, total)
    vectors.prune()
    return done


def _batches(vectors: VectorStore) -> Iterator[list[PendingPoint]]:
    """The newest first."""
    before = None
    while points := vectors.lacking(BATCH_POINTS, before):
        yield points
        before = points[-1].key


class EmbeddingWorker:
    """A thread that makes what is missing whenever it is woken. Owns `vectors`, and closes them."""

    def __init__(self, vectors: VectorStore) -> None:
        self._vectors = vectors
        complaint = "vectors could not be made; the next change of the corpus tries again"
        self._thread = PollingThread("vectors", self._embed, complaint)

    def wake(self) -> None:
        self._thread.wake()

    def close(self) -> None:
        """Wait for the point in progress; the rest is made the next time."""
        self._thread.close()
        self._vectors.close()

    def _embed(self) -> None:
        with suppress(OSError, AttributeError):  # only on Linux a thread has a niceness of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_NICENESS)
        for points in _batches(self._vectors):
            rows = []
            for point in points:
                if self._thread.closing.is_set():
                    break
                rows.append(self._vectors.encoder.passages([point.passage])[0])
            self._vectors.put(points[: len(rows)], rows)
            if self._thread.closing.is_set():
                return
        self._vectors.prune()
