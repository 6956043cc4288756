"""Examples: a text and short texts to compare it with go in, how near it is to each comes out."""

import logging
import threading
from collections.abc import Sequence

import numpy as np

from retrieval.semantic.encoder import Encoder, Matrix

log = logging.getLogger(__name__)

BATCH_EXAMPLES = 8  # encoded at once: questions that come meanwhile wait for 10 ms at most


class ExampleVectors:
    """Encodes one set of examples in the background; until that is done, nothing can be compared. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._examples: tuple[str, ...] = ()
        self._vectors: Matrix | None = None
        self._idle = threading.Event()
        self._idle.set()

    def nearness(self, text: str, examples: Sequence[str], encoder: Encoder) -> tuple[float, ...] | None:
        """The cosine of `text` to each example; None while they are being encoded, which the first call begins."""
        with self._lock:
            if self._examples != tuple(examples):
                self._examples, self._vectors = tuple(examples), None
                arguments = self._examples, encoder
                self._idle.clear()
                threading.Thread(target=self._encode, args=arguments, name="examples", daemon=True).start()
            vectors = self._vectors
        if vectors is None:
            return None
        return tuple(map(float, vectors @ encoder.encode([text])[0]))

    def wait(self) -> None:
        """Blocks while examples are being encoded, about a second for some hundred."""
        self._idle.wait()

    def _encode(self, examples: tuple[str, ...], encoder: Encoder) -> None:
        try:
            batches = [examples[at : at + BATCH_EXAMPLES] for at in range(0, len(examples), BATCH_EXAMPLES)]
            vectors = np.concatenate([encoder.encode(batch) for batch in batches])
        except Exception:
            log.exception("requests are recognised by their words alone: the examples could not be encoded")
            self._idle.set()
            return
        with self._lock:
            if self._examples == examples:
                self._vectors = vectors
                self._idle.set()
