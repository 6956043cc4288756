"""A corpus on three nodes of OpenSearch beside the same one in this process: the same answers, and what they cost.

Run as `python -m benchmarks.cluster DATA [--faults]`: DATA is a data folder with a corpus, to which tests/quality is
added. It starts three nodes on loopback, writes the corpus there, and asks both ways in turn. With --faults it then
kills and restarts nodes under two streams of questions and ingest.
"""

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from cluster.nodes import LocalCluster, LocalNode, running
from retrieval.administration.ingestion import analyzer_fingerprint
from retrieval.cluster.address import ClusterAddress
from retrieval.cluster.cluster import Cluster
from retrieval.evaluation.gold_questions import read_answerable, read_unanswerable
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.model.results import Result
from retrieval.model.search_request import SearchRequest
from retrieval.search.corpus_state import CorpusState
from retrieval.search.pipeline import search
from tests.support.cluster_streams import Streams, library_on, missing

QUALITY = Path("tests/quality")
NOW = datetime(2026, 1, 1, 12, tzinfo=BEIJING)
QUESTIONS_OF_A_KIND = 60
OUTLETS = ("人民日报", "经济日报", "科技日报", "新华社")
DATES = ("date:2025", "date:2025-07", "date:2026", "date:2025-08")
CALM_SECONDS, DOWN_SECONDS = 5.0, 10.0


@dataclass
class Costs:
    """Of one way to ask, in milliseconds a question: on the clock, of this process and of the nodes."""

    clock: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    nodes: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        p50, p90 = np.percentile(self.clock, [50, 90])
        return f"| {name} | {p50:.0f} / {p90:.0f} | {np.mean(self.own):.1f} | {np.mean(self.nodes or [0]):.0f} |"


def questions(topics: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Kinds and questions, so many of each: Chinese, English, and the same with a filter, a word left out, a phrase."""
    asked: dict[bool, list[str]] = {True: [], False: []}
    for folder in (QUALITY, QUALITY / "second", QUALITY / "third"):
        both = [*read_answerable(folder / "questions.tsv"), *read_unanswerable(folder / "unanswerable.tsv")]
        for question in both:
            asked[question.question.isascii()].append(question.question)
    chinese, english = asked[False][::5], asked[True][::2]
    yield from (("Chinese", text) for text in chinese[:QUESTIONS_OF_A_KIND])
    yield from (("English", text) for text in english[:QUESTIONS_OF_A_KIND])
    others = [text for pair in zip(asked[False][1::5], asked[True][1::2], strict=False) for text in pair]
    for n, text in enumerate(others[:QUESTIONS_OF_A_KIND]):
        filters = (f"outlet:{OUTLETS[n % 4]}", DATES[n % 4], f"topic:{topics[n % len(topics)]}")
        yield "filtered", f"{text} {filters[n % 3]}"
        words = [word for word in text.strip("?？。").split() if len(word) > 3]
        yield "excluded", f"{text} -{words[-1] if words else text[2:4]}"
        yield "phrase", f'"{words[-1] if words else text[2:4]}" {text}'


def compare(embedded: CorpusState, clustered: CorpusState, library: Library, nodes: Sequence[LocalNode]) -> None:
    costs = {"embedded": Costs(), "cluster": Costs()}
    kinds: Counter[str] = Counter()
    differ: list[str] = []
    for kind, asked in questions(embedded.topics):
        results: dict[str, Result] = {}
        for name, state in (("embedded", embedded), ("cluster", clustered)):
            clock, own, theirs = time.perf_counter(), time.process_time(), cpu(nodes)
            analyzer = library._query_analyzer(state)
            results[name] = search(SearchRequest(asked, 10, NOW), state, analyzer)
            costs[name].clock.append((time.perf_counter() - clock) * 1000)
            costs[name].own.append((time.process_time() - own) * 1000)
            if name == "cluster":
                costs[name].nodes.append((cpu(nodes) - theirs) * 1000)
        kinds[kind] += 1
        ours, theirs_ = results["embedded"], results["cluster"]
        reasons = [
            name
            for name, same in {
                "first ten": [h.point.id for h in ours.hits] == [h.point.id for h in theirs_.hits],
                "verdict": ours.verdict == theirs_.verdict,
                "missing": (ours.missing, ours.nowhere) == (theirs_.missing, theirs_.nowhere),
                "folded": [h.folded for h in ours.hits] == [h.folded for h in theirs_.hits],
                "reading": ours.reading == theirs_.reading,
            }.items()
            if not same
        ]
        if reasons:
            differ.append(f"{kind}: {asked}: {', '.join(reasons)}")
    counted = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    print(f"{sum(kinds.values())} questions ({counted}): {len(differ)} differ")
    for line in differ:
        print(f"- {line}")
    print("| | clock, ms: p50 / p90 | this process, ms | nodes, ms |\n|---|---|---|---|")
    for name, cost in costs.items():
        print(cost.line(name))


def cpu(nodes: Sequence[LocalNode]) -> float:
    return sum(node.cpu_seconds() for node in nodes)


def faults(nodes: LocalCluster, address: str, data: Path, scratch: Path, asked: Sequence[str]) -> None:
    """Each node killed in turn, then each stopped and started in turn."""
    folders = []
    for name in ("one", "two"):
        folder = scratch / name
        folder.mkdir()
        shutil.copy(data / "lexicon.bin", folder)
        shutil.copytree(data / "cache", folder / "cache")
        folders.append(folder)
    for way in ("kill -9", "rolling restart"):
        with ExitStack() as stack:
            readers = [stack.enter_context(library_on(folder, address)) for folder in folders]
            streams = Streams(readers, stack.enter_context(library_on(data, address)), asked)
            started = time.monotonic()
            with streams.running() as report:
                for node in nodes.nodes:
                    time.sleep(CALM_SECONDS)
                    end = node.kill if way == "kill -9" else node.stop
                    end()
                    time.sleep(DOWN_SECONDS if way == "kill -9" else 0)
                    node.start()
                    nodes.wait(seconds=600)
            lost = missing(address, data, report.ingested, 120)
        clock = report.milliseconds
        print(
            f"{way} of each node in turn, {time.monotonic() - started:.0f} s: {len(clock)} answers whole,"
            f" {len(report.failed)} failed, {len(report.wrong)} wrong, longest {max(clock):.0f} ms;"
            f" {len(report.ingested)} documents came in, {len(lost)} lost"
        )
        for line in report.failed[:3]:
            print(f"- {line}")


def main() -> None:
    data = Path(sys.argv[1])
    with TemporaryDirectory(prefix="zhidian-cluster-") as scratch, closing(Library(data)) as library:
        library.ingest([Path("seeds"), QUALITY, QUALITY / "second", QUALITY / "third"])
        embedded = library._searched_state()
        size = library.counts()
        print(f"{size.documents} documents, {size.points} points; load {os.getloadavg()[0]:.0f}")
        with running(Path(scratch), 3, "512m", tier=4) as nodes:
            address = nodes.address("bench")
            before, clock, own = cpu(nodes.nodes), time.monotonic(), time.process_time()
            cluster = Cluster(ClusterAddress.parse(address), data, analyzer_fingerprint(), lambda: None)
            cluster.catch_up()
            took = time.monotonic() - clock
            own, theirs = time.process_time() - own, cpu(nodes.nodes) - before
            print(
                f"written in {took:.0f} s ({size.points / took:.0f} points/s): {own / size.points * 1e6:.0f} us of this"
                f" process and {theirs / size.points * 1e6:.0f} us of the nodes a point, copies included"
            )
            print(f"a node has {np.mean([node.memory_bytes() for node in nodes.nodes]) / 1e6:.0f} MB")
            clustered = cluster.current()
            for _, asked in islice(questions(embedded.topics), 0, None, 20):  # warm
                search(SearchRequest(asked, 3, NOW), clustered, library._query_analyzer(clustered))
            compare(embedded, clustered, library, nodes.nodes)
            cluster.close()
            if "--faults" in sys.argv:
                chosen = [text for _, text in islice(questions(embedded.topics), 0, None, 40)]
                known = [
                    text
                    for text in chosen
                    if search(SearchRequest(text, 3, NOW), embedded, library._query_analyzer(embedded)).hits
                ]
                faults(nodes, address, data, Path(scratch), known)
            sizes = nodes.nodes[0].get("/bench-*/_stats/store")["_all"]["total"]["store"]["size_in_bytes"]
            print(f"on the nodes' disks: {sizes / 1e6:.0f} MB with copies; load {os.getloadavg()[0]:.0f}")


if __name__ == "__main__":
    main()
