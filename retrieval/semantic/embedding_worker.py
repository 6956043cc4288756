"""Makes the vectors that are missing: at once, or in the background at the lowest priority."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from retrieval.semantic.vector_store import PendingPoint, VectorStore

log = logging.getLogger(__name__)

BATCH_POINTS = 64  # points a transaction: a quarter of a second's work, after which questions see it
LOWEST_NICENESS = 19  # niceness

OnEmbedded = Callable[[str, int, int], None]


def embed_missing(vectors: VectorStore, progress: OnEmbedded = lambda *_: None) -> int:
    """Make all that are missing, on all processors; how many. `progress` is told '', points done and points in all."""
    total, done = vectors.missing(), 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for points in _batches(vectors) if total else ():
            progress("", done, total)
            vectors.put(points, list(pool.map(vectors.encoder.encode, ([point.passage] for point in points))))
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
    """A thread that makes what is missing at once and whenever it is woken. Close it, and with it what was opened.

    `open_vectors` is called in the thread, for it takes a second; None is the end of it.
    """

    def __init__(self, open_vectors: Callable[[], VectorStore | None]) -> None:
        self._open_vectors = open_vectors
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

    def _run(self) -> None:
        with suppress(OSError, AttributeError):  # on Linux alone a thread has a niceness of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_NICENESS)
        try:
            vectors = self._open_vectors()
        except Exception:
            log.exception("questions are answered by words alone: the encoder could not be loaded")
            return
        if vectors is None:
            return
        self._wanted.set()
        while self._wanted.wait() and not self._closing.is_set():
            self._wanted.clear()
            try:
                self._fill(vectors)
            except Exception:
                log.exception("vectors could not be made; the next change of the corpus tries again")
        vectors.close()

    def _fill(self, vectors: VectorStore) -> None:
        for points in _batches(vectors):
            rows = []
            for point in points:
                if self._closing.is_set():
                    break
                rows.append(vectors.encoder.encode([point.passage]))
            vectors.put(points[: len(rows)], rows)
            if self._closing.is_set():
                return
        vectors.prune()
