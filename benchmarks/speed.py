"""Latency and memory at 1k to 1M points, ours beside its peers on the same tokens: `make bench`.

Each engine at each size runs in a process of its own, so that memory is its own; the sizes can be named as arguments.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import texts
from retrieval.model.documents import BEIJING

HERE = Path(__file__).parent
NOW = datetime(2026, 1, 1, tzinfo=BEIJING)
QUESTIONS = 200
FEW = 10  # questions that rank_bm25 is asked at a million points: one takes seconds
ENGINES = ("zhidian", "rank_bm25", "bm25s numpy", "bm25s numba", "tantivy")

Row = dict[str, float]


def resident() -> float:
    """MB of this process."""
    fields = Path("/proc/self/status").read_text("utf-8").split("VmRSS:")[1].split()
    return int(fields[0]) / 1024


def timed(ask: Callable[[str], object], questions: list[str]) -> tuple[float, float]:
    """p50 and p99 in ms, warm: other questions were asked before."""
    half = len(questions) // 2
    for question in questions[:half]:
        ask(question)
    spent = []
    for question in questions[half:]:
        started = time.perf_counter()
        ask(question)
        spent.append((time.perf_counter() - started) * 1000)
    p50, p99 = np.percentile(spent, [50, 99])
    return float(p50), float(p99)


def plain() -> list[str]:
    kept = texts.CACHE / "plain.json"
    if not kept.exists():
        kept.write_text(json.dumps(texts.plain(QUESTIONS, texts.languages())), "utf-8")
    return [str(question) for question in json.loads(kept.read_text("utf-8"))]


def structured() -> list[str]:
    lines = (HERE.parent / "tests" / "quality" / "questions.tsv").read_text("utf-8").splitlines()
    return [line.split("\t")[1] for line in lines if line.startswith("zh\t")]


def zhidian_built(size: int) -> None:
    from retrieval.index.snapshot_store import SnapshotStore
    from retrieval.storage.corpus import Corpus

    folder = texts.folder(size)
    corpus = Corpus(folder / "corpus.db")
    archive = SnapshotStore(corpus, folder / "index")
    archive.current()
    archive.wait_until_saved()
    corpus.close()


def zhidian(size: int) -> Row:
    from retrieval.library import Library

    folder = texts.folder(size)
    # what is saved may be of another analyser; in a process of its own, which takes its memory with it
    code = "import sys; from benchmarks.speed import zhidian_built; zhidian_built(int(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(size)], check=True)
    library = Library(folder)
    library._tokenizer.warm()
    bare = resident()
    started = time.perf_counter()
    library._current_state()
    open_ms = (time.perf_counter() - started) * 1000
    library.warm()
    p50, p99 = timed(lambda question: library.search(question, now=NOW), plain())
    zh50, zh99 = timed(lambda question: library.search(question, now=NOW), structured())
    memory = resident() - bare
    batch = next(texts.batches(100, texts.languages(), seed=time.time_ns() % 10**9))
    texts.add(library._corpus, batch)
    started = time.perf_counter()
    library._current_state()
    added = (time.perf_counter() - started) * 1000
    library._corpus.remove([document.id for document, _ in batch])
    library.close()
    return {
        "p50": p50,
        "p99": p99,
        "zh p50": zh50,
        "zh p99": zh99,
        "MB": memory,
        "open ms": open_ms,
        "add 100 ms": added,
    }


def tokens(size: int) -> list[list[str]]:
    return [line.split() for line in (texts.folder(size) / "tokens.txt").read_text("utf-8").splitlines()]


def asked() -> dict[str, list[str]]:
    from retrieval.language.tokenizer import Tokenizer

    words = Tokenizer(texts.CACHE, lambda _: False)
    return {question: words.tokens(question) for question in plain()}


def rank_bm25(size: int) -> Row:
    from rank_bm25 import BM25Okapi

    terms, bare = asked(), resident()
    listed = tokens(size)
    started = time.perf_counter()
    index = BM25Okapi(listed)
    built = (time.perf_counter() - started) * 1000
    del listed
    few = list(terms)[: 2 * FEW if size >= 1_000_000 else 60]
    p50, p99 = timed(lambda question: np.argsort(-index.get_scores(terms[question]))[:10], few)
    return {"p50": p50, "p99": p99, "MB": resident() - bare, "open ms": built, "add 100 ms": built}


def bm25s(size: int, backend: str) -> Row:
    import bm25s

    terms, bare = asked(), resident()
    index = bm25s.BM25(backend=backend)
    listed = tokens(size)
    started = time.perf_counter()
    index.index(listed, show_progress=False)
    built = (time.perf_counter() - started) * 1000
    index.save(texts.folder(size) / "bm25s", show_progress=False)
    del listed, index
    started = time.perf_counter()
    index = bm25s.BM25.load(texts.folder(size) / "bm25s", mmap=True)
    index.backend = backend
    open_ms = (time.perf_counter() - started) * 1000
    if backend == "numba":
        index.activate_numba_scorer()
    known = index.vocab_dict

    def ask(question: str) -> object:
        found = [term for term in terms[question] if term in known]
        return index.retrieve([found], k=10, show_progress=False) if found else None

    p50, p99 = timed(ask, list(terms))
    return {"p50": p50, "p99": p99, "MB": resident() - bare, "open ms": open_ms, "add 100 ms": built}


def tantivy(size: int) -> Row:
    import tantivy

    terms, bare = asked(), resident()
    schema = tantivy.SchemaBuilder().add_text_field("text", tokenizer_name="whitespace").build()
    with tempfile.TemporaryDirectory() as folder:
        index = tantivy.Index(schema, folder)
        writer = index.writer(200_000_000, 1)
        with (texts.folder(size) / "tokens.txt").open(encoding="utf-8") as lines:
            for line in lines:
                writer.add_document(tantivy.Document(text=line))
        writer.commit()
        writer.wait_merging_threads()
        del index, writer
        return _tantivy(schema, folder, terms, bare)


def _tantivy(schema: Any, folder: str, terms: dict[str, list[str]], bare: float) -> Row:
    import tantivy

    started = time.perf_counter()
    index = tantivy.Index.open(folder)
    searcher = index.searcher()
    open_ms = (time.perf_counter() - started) * 1000

    def ask(question: str) -> object:
        parts = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", term)) for term in terms[question]]
        return searcher.search(tantivy.Query.boolean_query(parts), 10)

    p50, p99 = timed(ask, list(terms))
    memory = resident() - bare
    writer = index.writer(50_000_000, 1)
    started = time.perf_counter()
    for question in list(terms)[:100]:
        writer.add_document(tantivy.Document(text=" ".join(terms[question])))
    writer.commit()
    index.reload()
    added = (time.perf_counter() - started) * 1000
    return {"p50": p50, "p99": p99, "MB": memory, "open ms": open_ms, "add 100 ms": added}


def measured(engine: str, size: int) -> Row:
    name, _, backend = engine.partition(" ")
    if name == "bm25s":
        return bm25s(size, backend)
    return {"zhidian": zhidian, "rank_bm25": rank_bm25, "tantivy": tantivy}[name](size)


def machine() -> str:
    models = [line for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if line.startswith("model name")]
    return models[0].partition(":")[2].strip() if models else platform.machine()


def table(rows: dict[tuple[str, int], Row], sizes: list[int]) -> str:
    columns = ("p50", "p99", "zh p50", "zh p99", "MB", "open ms", "add 100 ms")
    lines = [
        "# Speed and memory",
        "",
        f"{machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"numpy {np.__version__}. Milliseconds a question, warm: plain English terms, and the Chinese questions of "
        "`tests/quality` (zh); MB above the bare process with jieba. Ours is the whole of `Library.search`, reading, "
        "verdict, folding and the points from SQLite included; the peers only score and pick ten. To open is to map "
        "what was saved; rank_bm25 has nothing saved and is built anew, and to add it and bm25s build all anew.",
        "",
        "| points | engine | " + " | ".join(columns) + " |",
        "|---|---|" + "---|" * len(columns),
    ]
    for size in sizes:
        for engine in ENGINES:
            if row := rows.get((engine, size)):
                cells = [f"{row[column]:.2f}" if column in row else "" for column in columns]
                lines.append(f"| {size:,} | {engine} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def ratios(rows: dict[tuple[str, int], Row], size: int) -> str:
    ours = rows.get(("zhidian", size), {}).get("p50")
    faster = {engine: rows[engine, size]["p50"] / ours for engine in ENGINES[1:] if ours and (engine, size) in rows}
    return ", ".join(f"{ratio:.1f} times {engine}'s speed" for engine, ratio in faster.items())


def draw(rows: dict[tuple[str, int], Row], sizes: list[int]) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    for column, label, name in (("p50", "ms a question (median)", "latency"), ("MB", "MB", "memory")):
        figure, axes = pyplot.subplots(figsize=(7, 4.2))
        for engine in ENGINES:
            points = [(size, rows[engine, size][column]) for size in sizes if (engine, size) in rows]
            if points:
                axes.loglog(
                    *zip(*points, strict=True), marker="o", label=engine, linewidth=2.5 if engine == "zhidian" else 1
                )
        axes.set_xlabel("points")
        axes.set_ylabel(label)
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend()
        figure.tight_layout()
        figure.savefig(HERE / f"{name}.svg", metadata={"Date": None})
        pyplot.close(figure)


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] in ENGINES:
        print(json.dumps(measured(sys.argv[1], int(sys.argv[2]))))
        return
    sizes = [int(argument) for argument in sys.argv[1:]] or list(texts.SIZES)
    rows: dict[tuple[str, int], Row] = {}
    for size in sizes:
        texts.folder(size)
        for engine in ENGINES:
            command = [sys.executable, "-m", "benchmarks.speed", engine, str(size)]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
            if ran.returncode:
                print(f"{engine} at {size:,}: {ran.stderr.strip().splitlines()[-1]}", file=sys.stderr)
                continue
            rows[engine, size] = json.loads(ran.stdout.splitlines()[-1])
            print(f"{size:>9,}  {engine:<12} {rows[engine, size]}", flush=True)
        print(ratios(rows, size), flush=True)
    (HERE / "speed.md").write_text(table(rows, sizes), "utf-8")
    draw(rows, sizes)


if __name__ == "__main__":
    main()
