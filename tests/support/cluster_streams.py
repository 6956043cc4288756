"""Questions and ingest against a cluster, each in a thread of its own, while something happens to its nodes."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from retrieval.cluster.address import ClusterAddress
from retrieval.cluster.cluster import Cluster
from retrieval.library import Library
from retrieval.model.documents import BEIJING, Document
from retrieval.model.errors import CorpusUnreachableError
from retrieval.model.results import Result
from tests.support.documents import document

NOW = datetime(2026, 11, 29, 12, tzinfo=BEIJING)
INGEST_PAUSE_SECONDS = 0.5
QUESTION_PAUSE_SECONDS = 0.05


@dataclass
class StreamReport:
    """What the streams met. `wrong` are questions whose best point of before was not among the first three: what comes
    in makes words rarer, so that close points may change places."""

    milliseconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    ingested: list[str] = field(default_factory=list)


class Streams:
    """`readers` answer, each from a folder of its own; `writer` takes documents in, which the questions do not find."""

    def __init__(self, readers: Sequence[Library], writer: Library, questions: Sequence[str]) -> None:
        self.report = StreamReport()
        self._readers, self._writer, self._questions = readers, writer, questions
        self._expected = {asked: self._ask(readers[0], asked).hits[0].point.id for asked in questions}
        self._ended = threading.Event()
        work: list[Callable[[], None]] = [lambda reader=one: self._question(reader) for one in readers]  # type: ignore[misc]
        self._threads = [threading.Thread(target=target) for target in (*work, self._ingest)]

    @contextmanager
    def running(self) -> Iterator[StreamReport]:
        for thread in self._threads:
            thread.start()
        try:
            yield self.report
        finally:
            self._ended.set()
            for thread in self._threads:
                thread.join()

    @staticmethod
    def _ask(library: Library, question: str) -> Result:
        return library.search(question, 10, now=NOW)

    def _question(self, library: Library) -> None:
        n = 0
        while not self._ended.is_set():
            asked = self._questions[n % len(self._questions)]
            n += 1
            started = time.perf_counter()
            try:
                # blanks change nothing but that the answer is not one that was kept
                found = self._ask(library, asked + " " * (n % 900))
            except CorpusUnreachableError as error:
                self.report.failed.append(f"{asked}: {error}")
            else:
                self.report.milliseconds.append((time.perf_counter() - started) * 1000)
                if self._expected[asked] not in [hit.point.id for hit in found.hits[:3]]:
                    self.report.wrong.append(asked)
            self._ended.wait(QUESTION_PAUSE_SECONDS)

    def _ingest(self) -> None:
        n = 0
        while not self._ended.is_set():
            n += 1
            made = strange_document(n)
            self._writer.add([made], "stream")
            self.report.ingested.append(made.id)
            self._ended.wait(INGEST_PAUSE_SECONDS)


def strange_document(n: int) -> Document:
    """In words of its own, and too small beside a corpus to change an order that is not close."""
    made = document(f"zzq{n}", f"xqz{n} wvq{n}", f"yqx{n}", topic="streams")
    return replace(made, published=made.published - timedelta(days=4000))


@contextmanager
def library_on(folder: Path, address: str) -> Iterator[Library]:
    library = Library(folder, cluster=ClusterAddress.parse(address))
    library.start_refresh()
    try:
        yield library
    finally:
        library.close()


def missing(cluster_address: str, data: Path, ids: Sequence[str], seconds: float) -> set[str]:
    """The documents that are not on the cluster after so many seconds at most."""
    from retrieval.administration.ingestion import analyzer_fingerprint

    cluster = Cluster(ClusterAddress.parse(cluster_address), data, analyzer_fingerprint(), lambda: None)
    deadline = time.monotonic() + seconds
    try:
        while True:
            lost = set(ids) - cluster.documents.first_seen(ids).keys()
            if not lost or time.monotonic() > deadline:
                return lost
            time.sleep(1)
    finally:
        cluster.close()
