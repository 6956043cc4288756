"""Missing vectors, made at once or in the background: points of a vector store go in, their vectors are stored."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np

from retrieval.runtime.background import PollingThread
from retrieval.runtime.progress import OnProgress
from retrieval.semantic.vector_store import PendingPoint, VectorStore

log = logging.getLogger(__name__)

BATCH_POINTS = 64  # a transaction: a quarter of a second's work, after which questions see it
ENCODED_TOGETHER = 16  # points, by one processor: alone each would take twice as long
LOWEST_NICENESS = 19


def embed_missing(vectors: VectorStore, progress: OnProgress = lambda *_: None) -> int:
    """Make all that are missing, on all processors; returns how many."""
    total, done = vectors.missing(), 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for points in _batches(vectors) if total else ():
            progress("", done, total)
            passages = [point.passage for point in points]
            parts = (passages[at : at + ENCODED_TOGETHER] for at in range(0, len(passages), ENCODED_TOGETHER))
            encoded = np.concatenate(list(pool.map(vectors.encoder.encode, parts)))
            vectors.put(points, list(encoded[:, None]))
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
    """A thread that makes what is missing, at once and whenever it is woken; it closes the store that it opened.

    `open_vectors` is called in the thread, since it takes a second; the thread ends if it returns None or fails.
    """

    def __init__(self, open_vectors: Callable[[], VectorStore | None]) -> None:
        self._open_vectors = open_vectors
        self._vectors: VectorStore | None = None
        complaint = "vectors could not be made; the next change of the corpus tries again"
        self._thread = PollingThread("vectors", self._embed, complaint)
        self._thread.wake()

    def wake(self) -> None:
        self._thread.wake()

    def close(self) -> None:
        """Wait for the point in progress; the rest is made the next time."""
        self._thread.close()
        if self._vectors:
            self._vectors.close()

    def _embed(self) -> None:
        if self._vectors is None:
            self._start()
        if self._vectors:
            self._embed_missing(self._vectors)

    def _start(self) -> None:
        with suppress(OSError, AttributeError):  # only on Linux a thread has a niceness of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_NICENESS)
        try:
            self._vectors = self._open_vectors()
        except Exception:
            log.exception("questions are answered by words alone: the encoder could not be loaded")
        if self._vectors is None:
            self._thread.closing.set()

    def _embed_missing(self, vectors: VectorStore) -> None:
        for points in _batches(vectors):
            rows = []
            for point in points:
                if self._thread.closing.is_set():
                    break
                rows.append(vectors.encoder.encode([point.passage]))
            vectors.put(points[: len(rows)], rows)
            if self._thread.closing.is_set():
                return
        vectors.prune()
