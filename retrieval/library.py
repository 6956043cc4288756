"""Library: documents in, questions answered. The one object the bot is given."""

import gc
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self

from retrieval.formats import jsonl, reader
from retrieval.formats.reader import Refusal
from retrieval.index.snapshot_store import SnapshotStore
from retrieval.language import anaphora, answer_types, dictionary_builder, fingerprints, tokenizer
from retrieval.language.aliases import Aliases
from retrieval.language.fingerprints import fingerprint
from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import Tokenizer, normalize
from retrieval.model.documents import Document, Point
from retrieval.model.results import Result, Topic
from retrieval.query.analyzer import QueryAnalyzer
from retrieval.runtime.background import PollingThread
from retrieval.search.explanation import Explanation
from retrieval.search.pipeline import MAX_QUESTION_CHARS, SearchContext, explain, search
from retrieval.search.weights import LearnedWeights
from retrieval.search_process import SearchProcess
from retrieval.semantic.embedding_worker import EmbeddingWorker, embed_missing
from retrieval.semantic.encoder import Encoder
from retrieval.semantic.vector_index import VectorIndex
from retrieval.semantic.vector_index_file import load, save
from retrieval.semantic.vector_store import VectorStore
from retrieval.storage.corpus import (
    NO_CHANGES,
    Corpus,
    CorpusTotals,
    PointTokens,
    Tokens,
    keep,
    keep_written,
    list_sources,
)
from retrieval.storage.removals import Removals
from retrieval.storage.sequence_log import SequenceLog

__all__ = ["MAX_QUESTION_CHARS", "IngestReport", "Library"]

OnIngested = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did: documents by what became of them, the points they hold, files of other kinds passed over."""

    new: int
    changed: int
    unchanged: int
    points: int
    refused: tuple[Refusal, ...]
    skipped: int

    @classmethod
    def none(cls) -> Self:
        return cls(0, 0, 0, 0, (), 0)

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        return cls(0, 0, 0, 0, (refusal,), 0)

    def __add__(self, other: Self) -> Self:
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return type(self)(*(mine + theirs for mine, theirs in pairs))


class Library:
    """Opens DATA/corpus.db and DATA/lexicon.db; safe for threads. jieba and the dictionary load when first needed.

    With an encoder, points are also found by what they mean, as far as they have vectors: see `fill`.
    """

    def __init__(
        self, data: Path, notice: Callable[[str], None] = lambda _: None, encoder: Encoder | None = None
    ) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._data = data
        self._notice = notice
        self._corpus = Corpus(data / "corpus.db")
        # connections of its own: to read what came in takes a second, in which no question is to wait
        self._behind = Corpus(data / "corpus.db")
        self._archive = SnapshotStore(self._behind, data / "index")
        self._removals = Removals(data / "removed.txt")
        self._numbers = SequenceLog(data / "first_seen.tsv")
        self._words = Tokenizer(data / "cache", self._known)
        self._aliases = Aliases(data / "aliases.tsv")
        self._lexicon: Lexicon | None = None
        self._vectors = VectorStore(data / "corpus.db", encoder) if encoder else None
        self._meaning: VectorIndex | None = None
        self._remembered = 0
        self._filling: EmbeddingWorker | None = None
        self._shelf: SearchContext | None = None
        self._loading, self._opening = threading.RLock(), threading.Lock()
        self._following: PollingThread | None = None
        self._search_process: SearchProcess | None = None

    def close(self) -> None:
        if self._following:
            self._following.close()
        if self._filling:
            self._filling.close()
        if self._vectors:
            self._vectors.close()
        self._archive.close()
        self._behind.close()
        self._corpus.close()
        if self._lexicon:
            self._lexicon.close()

    def warm(self) -> None:
        """Load what the first question would wait for."""
        if self._search_process:
            self._search_process.warm()
        else:
            self._words.warm()
            self._analyzer()
            self._current()
        gc.freeze()  # what is there now stays: looking through it for garbage keeps a question waiting for 100 ms

    def is_pristine(self) -> bool:
        """Whether nothing was ever ingested into this data folder."""
        return self._corpus.counts().last_seen == 0

    def ingest(
        self,
        paths: Sequence[Path],
        progress: OnIngested = lambda *_: None,
        topic: str = "",
        numbers: Mapping[str, int] = NO_CHANGES,
    ) -> IngestReport:
        """Take files and folders in, one transaction a file; `progress` is told file, files done and files in all.

        `topic` is for what names none: pages, Markdown without it. `numbers` are those that documents are to have.
        """
        files, skipped = reader.find_files(paths, topic)
        new = changed = unchanged = points = 0
        refused: list[Refusal] = []
        for done, file in enumerate(files):
            progress(str(file), done, len(files))
            documents: list[Document] = []
            for found in reader.read(file, topic):
                (refused if isinstance(found, Refusal) else documents).append(found)  # type: ignore[arg-type]
            if not documents:
                continue
            if file.suffix.lower() in reader.SINGLE_DOCUMENT_PARSERS:
                documents = self._corpus.editions(documents)
                self._record_source(documents, file.name)  # its topic may have been told apart from it
            else:
                keep(file, self._data / "sources")
            counts = self._corpus.add(documents, self._analyse, numbers)
            self._numbers.follow(self._corpus)
            new, changed, unchanged = new + counts.new, changed + counts.changed, unchanged + counts.unchanged
            points += counts.points
        progress("", len(files), len(files))
        if self._filling:
            self._filling.wake()
        return IngestReport(new, changed, unchanged, points, tuple(refused), skipped)

    def add(self, documents: Sequence[Document], name: str) -> IngestReport:
        """Take in, in one transaction, what did not come as a file; `name` tells where from, in what is kept of it."""
        if not documents:
            return IngestReport.none()
        documents = self._corpus.editions(documents)
        self._record_source(documents, name)
        counts = self._corpus.add(documents, self._analyse)
        self._numbers.follow(self._corpus)
        if self._filling:
            self._filling.wake()
        return IngestReport(counts.new, counts.changed, counts.unchanged, counts.points, (), 0)

    def record_source(self, read: Sequence[Document | Refusal], name: str) -> IngestReport:
        """As `add`, of what a reader made of something."""
        refused = [IngestReport.of(one) for one in read if isinstance(one, Refusal)]
        return sum(refused, self.add([one for one in read if isinstance(one, Document)], name))

    def editions(self, documents: Sequence[Document]) -> list[Document]:
        """As `add` would take them in: an article that is here under its address stays that document."""
        return self._corpus.editions(documents)

    def _record_source(self, documents: Sequence[Document], name: str) -> None:
        gone = self._corpus.removed(documents)
        lines = "".join(f"{jsonl.to_json(document)}\n" for document in documents if document.id not in gone)
        if not lines:
            return
        keep_written(lines, f"{name}.jsonl", self._data / "sources")

    def rebuild(self, progress: OnIngested = lambda *_: None) -> IngestReport | None:
        """Make a corpus that is not there anew from what was kept of it, in the order it came; None where it is there.

        What was removed is taken in and out again, so that every document gets the `first_seen` that it had, as far as
        that was noted.
        """
        if not self.is_pristine() and not self._corpus.is_rebuilding():
            self._numbers.follow(self._corpus)
            return None
        if not (kept := list_sources(self._data / "sources")):
            return None
        numbers = self._numbers.given()
        self._corpus.start_rebuild(max(numbers.values(), default=0))
        report = self.ingest(kept, progress, numbers=numbers)
        self._corpus.remove(self._removals.ids())
        self._corpus.finish_rebuild()
        return report

    def keys_of(self, ids: Collection[str], topic: str | None, before: datetime | None) -> list[Document]:
        """The documents of these ids, and all of a topic or before a day, or of a topic before a day."""
        found = [document for id in ids if (document := self._corpus.document(id))]
        if topic is not None or before is not None:
            found += [
                document for document in self._corpus.recent(-1, topic) if before is None or document.published < before
            ]
        return list({document.id: document for document in found}.values())

    def remove(self, ids: Sequence[str]) -> int:
        """Delete documents and keep them out, of a corpus made anew, too; the number that stood here."""
        self._removals.add(ids)
        return self._corpus.remove(ids)

    def allow_again(self, ids: Sequence[str], urls: Sequence[str] = ()) -> None:
        """Let removed documents, and articles of these addresses, in again when they come the next time."""
        self._removals.discard(ids)
        self._corpus.allow_again(ids, urls)

    def embed_missing(self, progress: OnIngested = lambda *_: None) -> None:
        """Make the vectors that points lack, where there is an encoder: some 4 ms each and processor."""
        if self._vectors:
            embed_missing(self._vectors, progress)

    def start_embedding(self, load: Callable[[], Encoder | None] | None = None) -> None:
        """From now on, make the vectors that points lack in the background.

        `load` is called there first where no encoder was given: until it returns, words alone answer.
        """
        if not self._filling and (self._vectors or load):
            self._filling = EmbeddingWorker(partial(self._open_vectors, load))

    def _open_vectors(self, load: Callable[[], Encoder | None] | None) -> VectorStore | None:
        """A connection of their own: looking for what is missing is not to keep a question waiting."""
        if not self._vectors and load and (encoder := load()):
            self._vectors = VectorStore(self._data / "corpus.db", encoder)
        return VectorStore(self._data / "corpus.db", self._vectors.encoder) if self._vectors else None

    def start_refresh(self) -> None:
        """From now on catch up with the corpus in the background: questions are answered from what was there before,
        a second longer at most for small changes, and wait for none."""
        if self._following is None:
            self._following = PollingThread(self._refresh)

    def search_in(self, search_process: SearchProcess) -> None:
        """From now on; that process keeps current, and makes the vectors that points lack."""
        self._search_process = search_process

    def search(self, question: str, k: int = 10, *, now: datetime, after: int = 0, until: int | None = None) -> Result:
        """The `k` best points for a question, of which LONGEST characters are read.

        `now` is what 'last week' is told by.

        Only documents that came in after one `first_seen` and up to another count where these are given, for the
        verdict too.
        """
        if self._search_process and (found := self._search_process.search(question, k, now, after, until)):
            return found
        context = self._current()
        return search(question, k, now, after, until, context, self._query_analyzer(context))

    def explain(
        self, question: str, k: int = 10, *, now: datetime, weights: LearnedWeights | None = None
    ) -> Explanation:
        """What `search` finds in this process, with what each point's place and the verdict were told by; with other
        weights than those that are shipped, if they are given."""
        context = self._current()
        if weights:
            context = replace(context, weights=weights)
        return explain(question, k, now, 0, None, context, self._query_analyzer(context))

    def alias(self, line: str) -> tuple[str, ...]:
        """Add a line to the operator's glossary: the names it has for one thing, or none where it has not two."""
        return self._aliases.add(line)

    def unalias(self, name: str) -> list[tuple[str, ...]]:
        """Take the lines that have this name out of the operator's glossary; what they were."""
        return self._aliases.remove(name)

    def document(self, id: str) -> Document | None:
        return self._corpus.document(id)

    def texts(self, points: Iterable[str]) -> dict[str, str]:
        """By the ids of points; what is not there is left out."""
        return self._corpus.texts(points)

    def topics(self) -> list[Topic]:
        return self._corpus.topics()

    def recent(self, limit: int, topic: str | None = None, offset: int = 0) -> list[Document]:
        return self._corpus.recent(limit, topic, offset)

    def after(self, first_seen: int, topic: str | None = None, limit: int = 100) -> list[tuple[int, Document]]:
        return self._corpus.after(first_seen, topic, limit)

    def first_seen(self, ids: Collection[str]) -> dict[str, int]:
        """By document; those that are not there are left out."""
        return self._corpus.first_seen(ids)

    def counts(self) -> CorpusTotals:
        return self._corpus.counts()

    def _query_analyzer(self, context: SearchContext) -> QueryAnalyzer:
        return QueryAnalyzer(self._words, self._analyzer(), self._aliases, context.snapshot.vocabulary)

    def _known(self, word: str) -> bool:
        return self._analyzer().known(word)

    def _analyse(self, document: Document) -> Tokens:
        before = [None, *document.points[:-1]]
        return Tokens(
            self._join(document.title),
            tuple(
                PointTokens(self._join(point.text), self._around(point, previous), fingerprint(point.text).to_text())
                for point, previous in zip(document.points, before, strict=True)
            ),
        )

    def _around(self, point: Point, before: Point | None) -> str:
        """The section, what the text begins to speak of without naming it, and the kinds of thing that it holds: among
        its words they would make it long."""
        subject = before.text if before and anaphora.refers_back(point.text) else ""
        words = (*self._words.tokens(point.section), *self._words.tokens(subject))
        return " ".join((*words, *answer_types.answer_types_in(normalize(point.text))))

    def _join(self, text: str) -> str:
        return " ".join(self._words.tokens(text))

    def _analyzer(self) -> Lexicon:
        if self._lexicon is None:
            with self._opening:
                if self._lexicon is None:
                    self._lexicon = Lexicon(self._data / "lexicon.db", self._notice)
        return self._lexicon

    def _current(self) -> SearchContext:
        context = self._shelf
        return context if context and self._following else self._refresh()

    def _refresh(self) -> SearchContext:
        with self._loading:
            vectors, context = self._vectors, self._shelf
            unread = vectors is not None and context is not None and context.meaning is None
            if context is None or unread or self._behind.version() != context.snapshot.version:
                if self._behind.fingerprint() != analyzer_fingerprint():
                    self._corpus.retokenize(analyzer_fingerprint(), self._analyse)
                if self._filling:
                    self._filling.wake()
                # before the vectors: those that come in meanwhile are then seen as later than the snapshot's version
                snapshot = self._archive.current()
                if vectors:
                    self._meaning = self._vector_index(vectors)
                context = self._shelf = SearchContext(self._corpus, snapshot, self._behind.topic_names(), self._meaning)
            return context

    def _vector_index(self, vectors: VectorStore) -> VectorIndex:
        saved = self._data / "index" / "meaning"
        if self._meaning is None:
            self._meaning = load(vectors, saved)
            self._remembered = len(self._meaning.keys)
        meaning = self._meaning.refreshed()
        self._remembered = save(meaning, saved, self._remembered)
        return meaning


def analyzer_fingerprint() -> str:
    """Whatever changes the tokens of a text: the rules, the libraries, and the headwords that are tokens."""
    return f"{tokenizer.TOKENIZER_VERSION} {fingerprints.FINGERPRINT_VERSION} {dictionary_builder.fingerprint()}"
