"""The facade of retrieval: files and documents go in, questions are answered with ranked points."""

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from socket import socket
from typing import TypeVar

from retrieval.administration.gathering import TopicGatherer
from retrieval.administration.ingestion import Ingester, IngestReport, analyzer_fingerprint
from retrieval.administration.topics import GatheringTopics
from retrieval.cluster.address import ClusterAddress
from retrieval.cluster.cluster import Cluster
from retrieval.formats.reader import Refusal
from retrieval.index.snapshot_store import SnapshotStore
from retrieval.language.aliases import Aliases
from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import Tokenizer
from retrieval.model.documents import Document
from retrieval.model.results import Result, Topic
from retrieval.model.search_request import SearchRequest
from retrieval.query.analyzer import QueryAnalyzer
from retrieval.runtime import garbage
from retrieval.runtime.array_file import DamagedFileError
from retrieval.runtime.background import PollingThread
from retrieval.runtime.progress import OnProgress
from retrieval.search.corpus_state import CorpusState, Embedded, SearchContext
from retrieval.search.explanation import Explanation
from retrieval.search.first_question import ask_first_question
from retrieval.search.pipeline import MAX_QUESTION_CHARS, explain, search
from retrieval.search.weights import LearnedWeights
from retrieval.search_process import SearchProcess
from retrieval.search_socket import SharedSearch
from retrieval.semantic.embedding_worker import EmbeddingWorker, embed_missing
from retrieval.semantic.encoder import Encoder
from retrieval.semantic.examples import ExampleVectors
from retrieval.semantic.vector_index_file import SavedVectorIndex
from retrieval.semantic.vector_store import VectorStore
from retrieval.storage.corpus import Corpus
from retrieval.storage.schema import CorpusTotals
from retrieval.storage.version_cache import VersionCache

__all__ = ["MAX_QUESTION_CHARS", "IngestReport", "Library"]

REFRESH_SECONDS = 0.5  # between two looks at whether anything was committed: a look takes microseconds

Looked = TypeVar("Looked")


class Library:
    """Opens DATA/corpus.db and DATA/lexicon.bin; safe for threads. jieba and the dictionary load at first use.

    `gathering` are topics by words. With an encoder, points that have vectors are also found by meaning: see
    `embed_missing`. With a `cluster`, what is searched and shown is there; DATA/corpus.db has what came in here.
    """

    def __init__(
        self,
        data: Path,
        on_compiling: Callable[[int], object] = lambda _: None,
        encoder: Encoder | None = None,
        cluster: ClusterAddress | None = None,
    ) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._data = data
        self._corpus = Corpus(data / "corpus.db")
        # a connection of its own: reading what came in takes a second, and questions must not wait for it
        self._background_corpus = Corpus(data / "corpus.db")
        self._snapshots = SnapshotStore(self._background_corpus, data / "index")
        self.lexicon = Lexicon(data / "lexicon.bin", on_compiling)
        self._tokenizer = Tokenizer(data / "cache", self.lexicon.joined)
        self.aliases = Aliases(data / "aliases.tsv")
        gatherer = TopicGatherer(data / "topics.jsonl", self._tokenizer, self.lexicon, self.aliases)
        self._ingester = Ingester(data, self._corpus, self._tokenizer, gatherer, self._wake_embedding)
        self.gathering = GatheringTopics(data / "corpus.db", self._corpus, gatherer, self._ingester)
        self._vectors = VectorStore(data / "corpus.db", encoder) if encoder else None
        self.examples = ExampleVectors()
        self._vector_index = SavedVectorIndex(data / "index" / "meaning")
        self._embedding: EmbeddingWorker | None = None
        self._state: Embedded | None = None
        make = partial(Cluster, data=data, analyser=analyzer_fingerprint(), prepare=self._ingester.update_tokens)
        self._cluster = make(cluster, vectors=lambda: self._vectors) if cluster else None
        self._shown = self._cluster.documents if self._cluster else self._corpus
        self._overview = VersionCache(self._cluster.version if self._cluster else self._corpus.version)
        self._loading = threading.RLock()
        self._refreshing: PollingThread | None = None
        self._search_process: SearchProcess | SharedSearch | None = None

    def close(self) -> None:
        for part in (self._refreshing, self._embedding, self._vectors, self._cluster):
            if part:
                part.close()
        self._snapshots.close()
        self._background_corpus.close()
        self._corpus.close()
        self.lexicon.close()

    def warm(self) -> None:
        """Load what the first question would wait for."""
        if self._search_process:
            self._search_process.warm()
        else:
            self._tokenizer.warm()
            self.lexicon.open()
            ask_first_question(self._searched_state, lambda asked: self._look(partial(search, asked)))
            garbage.collect_rarely()
        garbage.keep_loaded()

    def is_pristine(self) -> bool:
        """Whether nothing was ever ingested into this data folder, nor is a corpus elsewhere."""
        return self._cluster is None and self._corpus.counts().last_seen == 0

    def trouble(self) -> str:
        """What keeps the corpus on a cluster from being read or written now; '' if nothing does."""
        return self._cluster.trouble() if self._cluster else ""

    def ingest(self, paths: Sequence[Path], progress: OnProgress = lambda *_: None, topic: str = "") -> IngestReport:
        """Add files and folders, one transaction a file; `topic` is for pages and Markdown that name none."""
        if self._cluster:
            self._cluster.ensure_ours()
        return self._ingester.ingest(paths, progress, topic)

    def add(self, documents: Sequence[Document], name: str) -> IngestReport:
        """Add, in one transaction, what did not come as a file; the archived copy is called `name`."""
        if self._cluster:
            self._cluster.ensure_ours()
        return self._ingester.add(documents, name)

    def add_parsed(self, parsed: Sequence[Document | Refusal], name: str) -> IngestReport:
        """As `add`, for what a reader returned."""
        refused = tuple(one for one in parsed if isinstance(one, Refusal))
        return self.add([one for one in parsed if isinstance(one, Document)], name) + IngestReport(refused=refused)

    def resolve_revisions(self, documents: Sequence[Document]) -> list[Document]:
        """As `add` would store them: an article whose URL is known stays that document."""
        return self._corpus.resolve_revisions(documents)

    def rebuild(self, progress: OnProgress = lambda *_: None) -> IngestReport | None:
        """Rebuild a missing corpus from the archived sources; None if there is a corpus, or no source."""
        return self._ingester.rebuild(progress)

    def select_documents(self, ids: Collection[str], topic: str | None, before: datetime | None) -> list[Document]:
        """As `Corpus.select`."""
        return self._corpus.select(ids, topic, before)

    def remove(self, ids: Sequence[str]) -> int:
        """Delete documents and keep them out, also of a rebuilt corpus; returns how many were stored."""
        return self._ingester.remove(ids)

    def allow_again(self, ids: Sequence[str], urls: Sequence[str] = ()) -> None:
        """Let removed documents, and articles of these URLs, in again when they come the next time."""
        self._ingester.allow_again(ids, urls)

    def embed_missing(self, progress: OnProgress = lambda *_: None) -> None:
        """Make the vectors that points lack, if there is an encoder: some 4 ms each and processor."""
        if self._vectors:
            embed_missing(self._vectors, progress)

    def build_index(self, progress: OnProgress = lambda *_: None) -> None:
        """Make and save the index of what came in, or write it to the cluster, so that no question waits for it."""
        if self._cluster:
            self._cluster.catch_up(progress)
        else:
            self._refresh(progress)
            self._snapshots.wait_until_saved()

    def reindex_cluster(self, progress: OnProgress = lambda *_: None) -> int:
        """Make this machine's documents the cluster's; what is there is searched until then. Returns how many."""
        if self._cluster:
            self._cluster.reindex(progress)
        return self._corpus.counts().documents

    def start_embedding(self, load_encoder: Callable[[], Encoder | None] | None = None) -> None:
        """From now on, make the vectors that points lack in the background. Without an encoder so far, `load_encoder`
        is called there first: until it returns, words alone answer."""
        if not self._embedding and (self._vectors or load_encoder):
            self._embedding = EmbeddingWorker(partial(self._open_vectors, load_encoder))

    def start_refresh(self) -> None:
        """From now on, follow the corpus in the background: questions wait for its documents, not for vectors."""
        if self._cluster:
            self._cluster.start_following()
        elif self._refreshing is None:
            self._refreshing = PollingThread("corpus", self._refresh, "the index is behind", REFRESH_SECONDS)

    def is_behind(self) -> bool:
        """Whether the corpus has changes that the index in this process does not have."""
        return bool(self._state and self._state.snapshot.lacks(*self._corpus.last_changes()))

    def search_in(self, search_process: SearchProcess | SharedSearch) -> None:
        """From now on, that process searches, follows the corpus and makes the vectors that points lack."""
        self._search_process = search_process

    def search(
        self,
        question: str,
        k: int = 10,
        *,
        now: datetime,
        after: int = 0,
        until: int | None = None,
        shown: int | None = None,
        patient: bool = False,
    ) -> Result:
        """The `k` best points for a question, of which MAX_QUESTION_CHARS are read.

        `now` resolves 'last week'. Only documents whose `first_seen` is above `after` and at most `until` count, for
        the verdict too. Only the first `shown` hits say where they match and what they lack; without it, all do.
        A `patient` search lets the others of this process go first, also between its steps.
        """
        request = SearchRequest(question, k, now, after, until, shown)
        found = self._search_process and self._search_process.search(request)
        return found or self._look(partial(search, request, patient=patient))

    def take_line_end(self) -> socket | None:
        """As `SearchProcess.take_line_end`; None where this process searches."""
        return self._search_process.take_line_end() if self._search_process else None

    def nearness(self, text: str, examples: Sequence[str]) -> Sequence[float] | None:
        """The cosine of `text` to each of the same examples; None without an encoder, or until these are encoded."""
        if self._search_process:
            return self._search_process.nearness(text, examples)
        return self.examples.nearness(text, examples, self._vectors.encoder) if self._vectors else None

    def explain(
        self, question: str, k: int = 10, *, now: datetime, weights: LearnedWeights | None = None
    ) -> Explanation:
        """`search` in this process, with the features behind places and verdict; `weights` replace those shipped."""
        return self._look(partial(explain, SearchRequest(question, k, now), weights=weights))

    def document(self, id: str) -> Document | None:
        return self._shown.document(id)

    def texts(self, points: Iterable[str]) -> dict[str, str]:
        """Texts by point id; unknown ids are left out."""
        return self._shown.texts(points)

    def topics(self) -> Sequence[Topic]:
        """The largest first."""
        return self._overview.get(self._shown.topics)

    def recent(self, limit: int, topic: str | None = None, offset: int = 0) -> list[Document]:
        return self._shown.recent(limit, topic, offset)

    def after(self, first_seen: int, topic: str | None = None, limit: int = 100) -> list[tuple[int, Document]]:
        return self._shown.after(first_seen, topic, limit)

    def first_seen(self, ids: Collection[str]) -> dict[str, int]:
        """Numbers by document id; unknown ids are left out."""
        return self._shown.first_seen(ids)

    def counts(self) -> CorpusTotals:
        return self._overview.get(self._shown.counts)

    def _look(self, look: Callable[[CorpusState, QueryAnalyzer], Looked]) -> Looked:
        """Once more, in an index made anew, where that in use turns out to be damaged."""
        state = self._searched_state()
        try:
            return look(state, self._query_analyzer(state))
        except DamagedFileError as damage:
            if not isinstance(state, Embedded):
                raise
            self._snapshots.discard(state.snapshot, damage)
            return look(state := self._refresh(), self._query_analyzer(state))

    def _query_analyzer(self, state: CorpusState) -> QueryAnalyzer:
        words = self._tokenizer, self.lexicon, self.aliases
        return QueryAnalyzer(*words, state.vocabulary, state.is_written, state.text_counts)

    def _open_vectors(self, load_encoder: Callable[[], Encoder | None] | None) -> VectorStore | None:
        """A connection of its own: questions must not wait while it looks for what is missing."""
        if not self._vectors and load_encoder and (encoder := load_encoder()):
            self._vectors = VectorStore(self._data / "corpus.db", encoder)
        return VectorStore(self._data / "corpus.db", self._vectors.encoder) if self._vectors else None

    def _wake_embedding(self) -> None:
        if self._embedding:
            self._embedding.wake()

    def _searched_state(self) -> CorpusState:
        if self._cluster:
            return self._cluster.current()
        return self._state if self._state and self._refreshing and not self.is_behind() else self._refresh()

    def _refresh(self, progress: OnProgress = lambda *_: None) -> Embedded:
        with self._loading:
            vectors, state = self._vectors, self._state
            no_index = self._snapshots.is_empty or bool(vectors and state and state.context.meaning is None)
            if state is None or no_index or self._background_corpus.version() != state.snapshot.version:
                self._ingester.update_tokens()
                self._wake_embedding()
                # before the vectors: those that come in meanwhile are then seen as later than the snapshot's version
                snapshot = self._snapshots.current(progress)
                meaning = self._vector_index.refresh(vectors) if vectors else None
                context = SearchContext.of_whole(self._corpus, snapshot, meaning)
                topics = self._background_corpus.topic_names()
                state = self._state = Embedded.of(topics, context, self._corpus.is_written)
            return state
