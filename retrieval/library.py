"""Library: documents in, questions answered. The one object the bot is given."""

import gc
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Self

from retrieval.formats import jsonl, reader
from retrieval.formats.reader import Refusal
from retrieval.index.snapshot_store import Archive
from retrieval.language import answer_types, dictionary_builder, fingerprints, tokenizer
from retrieval.language.aliases import Aliases
from retrieval.language.fingerprints import trace
from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import Words, normalize
from retrieval.model.documents import Document, Point
from retrieval.model.results import Result, Topic
from retrieval.query.analyzer import Reader
from retrieval.runtime.background import Following
from retrieval.search.pipeline import LONGEST, Shelf, search
from retrieval.search_process import Beside
from retrieval.semantic.embedding_worker import Filling, fill
from retrieval.semantic.encoder import Encoder
from retrieval.semantic.vector_index import Meaning
from retrieval.semantic.vector_index_file import recalled, remember
from retrieval.semantic.vector_store import Vectors
from retrieval.storage.corpus import NONE, Corpus, PointTokens, Tokens, Totals, keep, keep_written, sources
from retrieval.storage.removals import Removals
from retrieval.storage.sequence_log import Numbers

__all__ = ["LONGEST", "Library", "Report"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
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
        self._archive = Archive(self._behind, data / "index")
        self._removals = Removals(data / "removed.txt")
        self._numbers = Numbers(data / "first_seen.tsv")
        self._words = Words(data / "cache", self._known)
        self._aliases = Aliases(data / "aliases.tsv")
        self._lexicon: Lexicon | None = None
        self._vectors = Vectors(data / "corpus.db", encoder) if encoder else None
        self._meaning: Meaning | None = None
        self._remembered = 0
        self._filling: Filling | None = None
        self._shelf: Shelf | None = None
        self._loading, self._opening = threading.RLock(), threading.Lock()
        self._following: Following | None = None
        self._beside: Beside | None = None

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
        if self._beside:
            self._beside.warm()
        else:
            self._words.warm()
            self._reading()
            self._current()
        gc.freeze()  # what is there now stays: looking through it for garbage keeps a question waiting for 100 ms

    def empty_handed(self) -> bool:
        """Whether nothing was ever ingested into this data folder."""
        return self._corpus.counts().last_seen == 0

    def ingest(
        self,
        paths: Sequence[Path],
        progress: Progress = lambda *_: None,
        topic: str = "",
        numbers: Mapping[str, int] = NONE,
    ) -> Report:
        """Take files and folders in, one transaction a file; `progress` is told file, files done and files in all.

        `topic` is for what names none: pages, Markdown without it. `numbers` are those that documents are to have.
        """
        files, skipped = reader.files(paths, topic)
        new = changed = unchanged = points = 0
        refused: list[Refusal] = []
        for done, file in enumerate(files):
            progress(str(file), done, len(files))
            documents: list[Document] = []
            for found in reader.read(file, topic):
                (refused if isinstance(found, Refusal) else documents).append(found)  # type: ignore[arg-type]
            if not documents:
                continue
            if file.suffix.lower() in reader.ONE_DOCUMENT:
                documents = self._corpus.editions(documents)
                self._keep(documents, file.name)  # its topic may have been told apart from it
            else:
                keep(file, self._data / "sources")
            counts = self._corpus.add(documents, self._analyse, numbers)
            self._numbers.follow(self._corpus)
            new, changed, unchanged = new + counts.new, changed + counts.changed, unchanged + counts.unchanged
            points += counts.points
        progress("", len(files), len(files))
        if self._filling:
            self._filling.wake()
        return Report(new, changed, unchanged, points, tuple(refused), skipped)

    def add(self, documents: Sequence[Document], name: str) -> Report:
        """Take in, in one transaction, what did not come as a file; `name` tells where from, in what is kept of it."""
        if not documents:
            return Report.none()
        documents = self._corpus.editions(documents)
        self._keep(documents, name)
        counts = self._corpus.add(documents, self._analyse)
        self._numbers.follow(self._corpus)
        if self._filling:
            self._filling.wake()
        return Report(counts.new, counts.changed, counts.unchanged, counts.points, (), 0)

    def took(self, read: Sequence[Document | Refusal], name: str) -> Report:
        """As `add`, of what a reader made of something."""
        refused = [Report.of(one) for one in read if isinstance(one, Refusal)]
        return sum(refused, self.add([one for one in read if isinstance(one, Document)], name))

    def editions(self, documents: Sequence[Document]) -> list[Document]:
        """As `add` would take them in: an article that is here under its address stays that document."""
        return self._corpus.editions(documents)

    def _keep(self, documents: Sequence[Document], name: str) -> None:
        gone = self._corpus.removed(documents)
        lines = "".join(f"{jsonl.written(document)}\n" for document in documents if document.id not in gone)
        if not lines:
            return
        keep_written(lines, f"{name}.jsonl", self._data / "sources")

    def rebuild(self, progress: Progress = lambda *_: None) -> Report | None:
        """Make a corpus that is not there anew from what was kept of it, in the order it came; None where it is there.

        What was removed is taken in and out again, so that every document gets the `first_seen` that it had, as far as
        that was noted.
        """
        if not self.empty_handed() and not self._corpus.begun():
            self._numbers.follow(self._corpus)
            return None
        if not (kept := sources(self._data / "sources")):
            return None
        numbers = self._numbers.given()
        self._corpus.begin(max(numbers.values(), default=0))
        report = self.ingest(kept, progress, numbers=numbers)
        self._corpus.remove(self._removals.ids())
        self._corpus.done()
        return report

    def chosen(self, ids: Collection[str], topic: str | None, before: datetime | None) -> list[Document]:
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

    def readmit(self, ids: Sequence[str], urls: Sequence[str] = ()) -> None:
        """Let removed documents, and articles of these addresses, in again when they come the next time."""
        self._removals.discard(ids)
        self._corpus.readmit(ids, urls)

    def fill(self, progress: Progress = lambda *_: None) -> None:
        """Make the vectors that points lack, where there is an encoder: some 40 ms each and processor."""
        if self._vectors:
            fill(self._vectors, progress)

    def keep_filled(self) -> None:
        """From now on, make the vectors that points lack in the background."""
        if self._vectors and not self._filling:
            # a connection of their own: looking for what is missing is not to keep a question waiting
            self._filling = Filling(Vectors(self._data / "corpus.db", self._vectors.encoder))
            self._filling.wake()

    def keep_current(self) -> None:
        """From now on catch up with the corpus in the background: questions are answered from what was there before,
        a second longer at most for small changes, and wait for none."""
        if self._following is None:
            self._following = Following(self._caught_up)

    def search_in(self, beside: Beside) -> None:
        """From now on; that process keeps current, and makes the vectors that points lack."""
        self._beside = beside

    def search(self, question: str, k: int = 10, *, now: datetime, after: int = 0, until: int | None = None) -> Result:
        """The `k` best points for a question, of which LONGEST characters are read.

        `now` is what 'last week' is told by.

        Only documents that came in after one `first_seen` and up to another count where these are given, for the
        verdict too.
        """
        if self._beside and (found := self._beside.search(question, k, now, after, until)):
            return found
        shelf = self._current()
        return search(question, k, now, after, until, shelf, self._reader(shelf))

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

    def counts(self) -> Totals:
        return self._corpus.counts()

    def _reader(self, shelf: Shelf) -> Reader:
        return Reader(self._words, self._reading(), self._aliases, shelf.snapshot.vocabulary)

    def _known(self, word: str) -> bool:
        return self._reading().known(word)

    def _analyse(self, document: Document) -> Tokens:
        return Tokens(
            self._join(document.title),
            tuple(
                PointTokens(self._join(point.text), self._around(point), trace(point.text).written())
                for point in document.points
            ),
        )

    def _around(self, point: Point) -> str:
        """The section, and the kinds of thing that the text holds: among its words they would make it long."""
        return " ".join((*self._words.tokens(point.section), *answer_types.held(normalize(point.text))))

    def _join(self, text: str) -> str:
        return " ".join(self._words.tokens(text))

    def _reading(self) -> Lexicon:
        if self._lexicon is None:
            with self._opening:
                if self._lexicon is None:
                    self._lexicon = Lexicon(self._data / "lexicon.db", self._notice)
        return self._lexicon

    def _current(self) -> Shelf:
        shelf = self._shelf
        return shelf if shelf and self._following else self._caught_up()

    def _caught_up(self) -> Shelf:
        with self._loading:
            if self._shelf is None or self._behind.version() != self._shelf.snapshot.version:
                if self._behind.fingerprint() != analyser():
                    self._corpus.retokenize(analyser(), self._analyse)
                if self._filling:
                    self._filling.wake()
                # before the vectors: those that come in meanwhile are then seen as later than the snapshot's version
                snapshot = self._archive.current()
                if self._vectors:
                    self._meaning = self._meant(self._vectors)
                self._shelf = Shelf(self._corpus, snapshot, self._behind.topic_names(), self._meaning)
            return self._shelf

    def _meant(self, vectors: Vectors) -> Meaning:
        saved = self._data / "index" / "meaning"
        if self._meaning is None:
            self._meaning = recalled(vectors, saved)
            self._remembered = len(self._meaning.keys)
        meaning = self._meaning.caught_up()
        self._remembered = remember(meaning, saved, self._remembered)
        return meaning


def analyser() -> str:
    """Whatever changes the tokens of a text: the rules, the libraries, and the headwords that are tokens."""
    return f"{tokenizer.VERSION} {fingerprints.VERSION} {dictionary_builder.fingerprint()}"
