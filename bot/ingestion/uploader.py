"""The uploader: files or an address go in, their documents enter the corpus, a report and the undo number come out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.ingestion.upload_log import UploadLog
from bot.ingestion.web import fetch_documents
from feeds.fetcher import Fetcher
from feeds.interruption import interruption
from retrieval.formats import jsonl, reader
from retrieval.formats.reader import Refusal
from retrieval.library import IngestReport, Library
from retrieval.model.documents import Document
from retrieval.runtime.sandbox import Sandbox, SandboxError

UPLOAD_SUFFIXES = frozenset({".txt", ".jsonl", *reader.SINGLE_DOCUMENT_PARSERS})
MAX_FILENAME_CHARS = 100  # file systems end at 255 bytes

Parsed = Sequence[Document | Refusal]


@dataclass(frozen=True, slots=True)
class Uploader:
    """All methods block on SQLite, parsing and the network."""

    library: Library
    uploads: UploadLog
    web: Fetcher
    sandbox: Sandbox
    now: Callable[[], datetime]

    def add_files(self, files: Sequence[tuple[str, bytes]], topic: str) -> tuple[IngestReport, int | None]:
        """Files by name, at least one. The report on all, and the number to undo them by if anything changed."""
        parsed: list[Document | Refusal] = []
        for name, body in files:
            parsed += self._read(_shorten(name), body, topic)
        return self._add(parsed, lambda: self.library.add_parsed(parsed, _shorten(files[0][0])))

    def add_page(self, address: str, topic: str) -> tuple[IngestReport, int | None]:
        parsed = fetch_documents(self.web, self.sandbox, address, topic)
        return self._add(parsed, lambda: self.library.add_parsed(parsed, "fetched"))

    def undo(self, upload: int) -> tuple[int, int]:
        """Removes new documents and restores changed ones; how many of each."""
        ids, lines = self.uploads.take(upload)
        before = reader.parse(BytesIO(lines.encode()), "before.jsonl") if lines else ()
        restored = self.library.add_parsed(list(before), "undone").changed
        return self.library.remove(ids) if ids else 0, restored

    def _read(self, name: str, body: bytes, topic: str) -> Parsed:
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(body)
            try:
                return self.sandbox(read_file, path, topic)
            except SandboxError as error:
                return [Refusal(name, 1, interruption(error))]

    def _add(self, parsed: Parsed, ingest: Callable[[], IngestReport]) -> tuple[IngestReport, int | None]:
        """Documents that were removed once may come back: an operator who sends them wants them."""
        documents = {
            one.id: one for one in self.library.resolve_revisions([one for one in parsed if isinstance(one, Document)])
        }
        known = {id: self.library.document(id) for id in documents}
        new = [id for id, old in known.items() if old is None]
        replaced = [old for id, old in known.items() if old and old.points != documents[id].points]
        self.library.allow_again(new, [url for id in new if (url := documents[id].url)])
        report = ingest()
        if not report.new and not report.changed:
            return report, None
        before = "".join(f"{jsonl.to_json(old)}\n" for old in replaced)
        return report, self.uploads.add(new, before, self.now())


def read_file(path: Path, topic: str) -> list[Document | Refusal]:
    """At module level, since the sandbox's process imports it."""
    return list(reader.read(path, topic))


def _shorten(name: str) -> str:
    """A name that any file system takes, with its suffix."""
    end = name.replace("\x00", "")[-MAX_FILENAME_CHARS:].encode("utf-8", "ignore")
    return end[-2 * MAX_FILENAME_CHARS :].decode("utf-8", "ignore")
