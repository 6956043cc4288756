"""The half of the library that is on a cluster: an address goes in, states, documents and a follower come out."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from retrieval.cluster.address import ClusterAddress
from retrieval.cluster.client import ClusterClient
from retrieval.cluster.clustered import Clustered, ClusterReader
from retrieval.cluster.documents import ClusterDocuments
from retrieval.cluster.naming import IndexNames
from retrieval.cluster.projector import Projector
from retrieval.model.errors import CorpusError, CorpusUnreachableError
from retrieval.runtime.background import PollingThread
from retrieval.runtime.progress import OnProgress
from retrieval.semantic.vector_index_file import SavedVectorIndex
from retrieval.semantic.vector_store import VectorStore
from retrieval.storage.corpus import Corpus

log = logging.getLogger(__name__)

FOLLOW_SECONDS = 0.5  # between two looks at what came in, here and there


class Cluster:
    """Safe for threads. `data` is the folder of the corpus that is projected, if this machine takes documents in.

    `prepare` is called before it is read: it makes the tokens those of the `analyser`. `vectors` returns the store of
    this process's encoder, once it is loaded.
    """

    def __init__(
        self,
        address: ClusterAddress,
        data: Path,
        analyser: str,
        prepare: Callable[[], object],
        vectors: Callable[[], VectorStore | None] = lambda: None,
    ) -> None:
        self._prepare = prepare
        self._client = ClusterClient(address)
        names = IndexNames.of(address.prefix, analyser)
        self.documents = ClusterDocuments(self._client, names)
        # a connection of its own: what is projected is read in the background
        self._corpus = Corpus(data / "corpus.db")
        saved = SavedVectorIndex(data / "index" / "meaning")
        self._projector = Projector(self._client, names, self._corpus, vectors, saved)
        self._reader = ClusterReader(self._client, names, vectors)
        self._state: Clustered | None = None
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self._threads: list[PollingThread] = []
        self._ours = False
        self._troubles: dict[str, str] = {}

    def close(self) -> None:
        for thread in self._threads:
            thread.close()
        self._corpus.close()
        self._client.close()

    def current(self) -> Clustered:
        """Of this moment; with `start_following`, of the last one when it could be reached."""
        state = self._state
        return state if state and self._threads else self._refresh()

    def version(self) -> int:
        return self.current().version

    def catch_up(self, progress: OnProgress = lambda *_: None) -> None:
        """Write what came in here, and see it."""
        self._write(progress)
        self._refresh()

    def reindex(self, progress: OnProgress = lambda *_: None) -> None:
        """Make this machine's corpus the cluster's, all indexes anew; the old ones are searched until then."""
        with self._writing:
            self._prepare()
            self._projector.reindex(progress)

    def ensure_ours(self) -> None:
        """Before documents are taken in: ForeignCorpusError if another machine's corpus is there."""
        if not self._ours:
            with self._writing:
                self._projector.ensure_ours()
            self._ours = True

    def start_following(self) -> None:
        """From now on, write and read in the background."""
        if not self._threads:
            for name, work in (("write", self._write), ("read", self._refresh)):
                complaint = f"the corpus on the cluster: the thread that is to {name} failed"
                look = partial(self._look, name, work)
                self._threads.append(PollingThread(f"cluster-{name}", look, complaint, FOLLOW_SECONDS))

    def trouble(self) -> str:
        """What keeps this process from reading or writing the cluster now, for operators; '' if nothing does."""
        return "; ".join(dict.fromkeys(self._troubles.values()))

    def _refresh(self) -> Clustered:
        with self._reading:
            self._state = self._reader.current()
            return self._state

    def _write(self, progress: OnProgress = lambda *_: None) -> None:
        with self._writing:
            self._prepare()
            self._projector.catch_up(progress)

    def _look(self, name: str, work: Callable[[], object]) -> None:
        """Trouble that may pass is logged once, not at every look."""
        try:
            work()
        except (CorpusUnreachableError, CorpusError) as error:
            if self._troubles.get(name) != str(error):
                log.error("%s", error)
            self._troubles[name] = str(error)
        else:
            if self._troubles.pop(name, None):
                log.info("the corpus on the cluster can be reached again")
