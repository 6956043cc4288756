"""Makes the vectors that are missing: at once, or in the background at the lowest priority."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from retrieval.semantic.vector_store import PendingPoint, VectorStore

log = logging.getLogger(__name__)

BATCH_POINTS = 64  # points a transaction: three seconds' work, after which questions see it
LOWEST_NICENESS = 19  # niceness

OnEmbedded = Callable[[str, int, int], None]


def embed_missing(vectors: VectorStore, progress: OnEmbedded = lambda *_: None) -> int:
    """Make all that are missing, on all processors; how many. `progress` is told '', points done and points in all."""
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
    """A thread that makes what is missing whenever it is woken. Close it, and with it the vectors given."""

    def __init__(self, vectors: VectorStore) -> None:
        self._vectors = vectors
        self._wanted, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="vectors", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wanted.set()

    def close(self) -> None:
        """Waits for the point at hand; the rest is made the next time."""
        self._closing.set()
        self._wanted.set()
        self._thread.join()
        self._vectors.close()

    def _run(self) -> None:
        with suppress(OSError, AttributeError):  # on Linux alone a thread has a niceness of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_NICENESS)
        while self._wanted.wait() and not self._closing.is_set():
            self._wanted.clear()
            try:
                self._fill()
            except Exception:
                log.exception("vectors could not be made; the next change of the corpus tries again")

    def _fill(self) -> None:
        for points in _batches(self._vectors):
            rows = []
            for point in points:
                if self._closing.is_set():
                    break
                rows.append(self._vectors.encoder.passages([point.passage])[0])
            self._vectors.put(points[: len(rows)], rows)
            if self._closing.is_set():
                return
        self._vectors.prune()
