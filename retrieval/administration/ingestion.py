"""Ingest: files and documents go into the corpus and its source archive, a report comes out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Self

from retrieval.administration.gathering import TopicGatherer
from retrieval.formats import jsonl, reader
from retrieval.formats.reader import Refusal
from retrieval.language import anaphora, answer_types, dictionary_builder, fingerprints, tokenizer
from retrieval.language.fingerprints import fingerprint
from retrieval.language.tokenizer import Tokenizer, normalize
from retrieval.model.documents import Document, Point
from retrieval.runtime.progress import OnProgress
from retrieval.storage.corpus import NO_CHANGES, Corpus
from retrieval.storage.removals import Removals
from retrieval.storage.schema import PointTokens, Tokens
from retrieval.storage.sequence_log import SequenceLog
from retrieval.storage.source_archive import archive_file, archive_text, list_sources


@dataclass(frozen=True, slots=True)
class IngestReport:
    """New, changed and unchanged documents, the points of the first two, and files `skipped` as of other kinds."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    points: int = 0
    refused: tuple[Refusal, ...] = ()
    skipped: int = 0

    def __add__(self, other: Self) -> Self:
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return type(self)(*(mine + theirs for mine, theirs in pairs))


class Ingester:
    """Every method that adds to the corpus archives the source first and notes the new numbers afterwards.

    `on_change` is called after each of them.
    """

    def __init__(
        self, data: Path, corpus: Corpus, tokens: Tokenizer, gatherer: TopicGatherer, on_change: Callable[[], None]
    ) -> None:
        self._corpus, self._tokenizer, self._gatherer, self._on_change = corpus, tokens, gatherer, on_change
        self._sources = data / "sources"
        self._removals = Removals(data / "removed.txt")
        self._sequence_log = SequenceLog(data / "first_seen.tsv")

    def ingest(
        self, paths: Sequence[Path], progress: OnProgress, topic: str, numbers: Mapping[str, int] = NO_CHANGES
    ) -> IngestReport:
        """One transaction a file; `numbers` are the `first_seen` that documents must get, by id."""
        files, skipped = reader.find_files(paths, topic)
        report = IngestReport(skipped=skipped)
        for done, file in enumerate(files):
            progress(str(file), done, len(files))
            parsed = list(reader.read(file, topic))
            report += IngestReport(refused=tuple(one for one in parsed if isinstance(one, Refusal)))
            if documents := [one for one in parsed if isinstance(one, Document)]:
                if file.suffix.lower() in reader.SINGLE_DOCUMENT_PARSERS:
                    documents = self._corpus.resolve_revisions(documents)
                    self._archive(documents, file.name)  # not the file: its topic may come from the caller
                else:
                    archive_file(file, self._sources)
                report += self._add(documents, numbers)
        progress("", len(files), len(files))
        self._on_change()
        return report

    def add(self, documents: Sequence[Document], name: str) -> IngestReport:
        if not documents:
            return IngestReport()
        documents = self._corpus.resolve_revisions(documents)
        self._archive(documents, name)
        report = self._add(documents)
        self._on_change()
        return report

    def rebuild(self, progress: OnProgress) -> IngestReport | None:
        """Documents that were removed are added and removed again, so that the others get the `first_seen` that they
        had, as far as it was noted."""
        if self._corpus.counts().last_seen and not self._corpus.is_rebuilding():
            self._sequence_log.append_new(self._corpus)
            return None
        if not (sources := list_sources(self._sources)):
            return None
        numbers = self._sequence_log.load()
        self._corpus.start_rebuild(max(numbers.values(), default=0))
        report = self.ingest(sources, progress, "", numbers)
        self._corpus.remove(self._removals.ids())
        self._corpus.finish_rebuild()
        return report

    def remove(self, ids: Sequence[str]) -> int:
        self._removals.add(ids)
        return self._corpus.remove(ids)

    def allow_again(self, ids: Sequence[str], urls: Sequence[str]) -> None:
        self._removals.discard(ids)
        self._corpus.allow_again(ids, urls)

    def join(self, documents: Sequence[Document], topic: str) -> int:
        """Put stored documents into a topic by their words; returns how many were not in it."""
        new = [replace(one, topics=(*one.topics, topic)) for one in documents if topic not in one.topics]
        self._corpus.add(new, self._analyse, joined={one.id: (topic,) for one in new})
        return len(new)

    def update_tokens(self) -> None:
        """Make all anew that another analyser made."""
        if self._corpus.fingerprint() != analyzer_fingerprint():
            self._corpus.retokenize(analyzer_fingerprint(), self._analyse)

    def _add(self, documents: Sequence[Document], numbers: Mapping[str, int] = NO_CHANGES) -> IngestReport:
        joined = {one.id: names for one in documents if (names := self._gatherer.topics_of(one))}
        documents = [replace(one, topics=one.topics + joined.get(one.id, ())) for one in documents]
        counts = self._corpus.add(documents, self._analyse, numbers, joined)
        self._sequence_log.append_new(self._corpus)
        return IngestReport(counts.new, counts.changed, counts.unchanged, counts.points)

    def _archive(self, documents: Sequence[Document], name: str) -> None:
        removed = self._corpus.removed_among(documents)
        lines = "".join(f"{jsonl.to_json(document)}\n" for document in documents if document.id not in removed)
        if lines:
            archive_text(lines, f"{name}.jsonl", self._sources)

    def _analyse(self, document: Document) -> Tokens:
        points = []
        for before, point in zip((None, *document.points), document.points, strict=False):
            context = " ".join(self._context_terms(point, before))
            points.append(PointTokens(self._terms(point.text), context, fingerprint(point.text).to_text()))
        return Tokens(self._terms(document.title), tuple(points))

    def _context_terms(self, point: Point, before: Point | None) -> Iterator[str]:
        """The section, the previous point if the text refers back to it, and the answer types: among the text's own
        words they would make it long."""
        yield from self._tokenizer.tokens(point.section)
        if before and anaphora.refers_back(point.text):
            yield from self._tokenizer.tokens(before.text)
        yield from answer_types.answer_types_in(normalize(point.text))

    def _terms(self, text: str) -> str:
        return " ".join(self._tokenizer.tokens(text))


def analyzer_fingerprint() -> str:
    """Changes with everything that changes a text's tokens: the rules, the libraries, and the dictionary's words."""
    return f"{tokenizer.TOKENIZER_VERSION} {fingerprints.FINGERPRINT_VERSION} {dictionary_builder.fingerprint()}"
