"""What a question takes while another process ingests 10,000 points, and when they are answered.

python -m benchmarks.live [--points 100000]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import texts
from benchmarks.speed import NOW, structured
from retrieval.library import Library

POINTS = 10_000
SETTLING = 3.0  # seconds after the ingest in which the index may still catch up


def ingest(folder: Path) -> None:
    """In its own process: made-up documents, in transactions of 500 as a file of exports makes them."""
    from retrieval.storage.corpus import Corpus

    corpus = Corpus(folder / "corpus.db")
    for batch in texts.batches(POINTS, texts.languages(), seed=time.time_ns() % 10**9):
        texts.add(corpus, batch)
    print(batch[-1][0].title)
    corpus.close()


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "ingest":
        ingest(Path(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=texts.CACHE) as temporary:
        folder = Path(shutil.copytree(texts.folder(options.points), Path(temporary) / "data"))
        began = time.monotonic()
        library = Library(folder)
        library.warm()
        library.search("数据要素", now=NOW)
        print(f"answering {time.monotonic() - began:.1f} s after its start")
        library.start_refresh()
        questions = structured()
        spent: list[float] = []
        usual = asked(library, questions, lambda: len(spent) < 200, spent)
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.live", "ingest", str(folder)], stdout=subprocess.PIPE, text=True
        )
        ended: list[float] = []

        def going() -> bool:
            if process.poll() is not None and not ended:
                ended.append(time.monotonic())
            return not ended or time.monotonic() < ended[0] + SETTLING

        during = asked(library, questions, going, [])
        assert process.stdout
        title = process.stdout.read()
        found = library.after(library.counts().last_seen - 1)[-1][1].title
        seen = not library.is_behind()
        print(f"usual p50 {usual[0]:.1f} ms, p99 {usual[1]:.1f} ms; meanwhile p50 {during[0]:.1f}, p99 {during[1]:.1f}")
        print(f"last document {'is' if found == title.strip() and seen else 'IS NOT'} answered from within 3 s")
        library.close()


def asked(library: Library, questions: list[str], more: Callable[[], bool], spent: list[float]) -> tuple[float, float]:
    while more():
        began = time.perf_counter()
        library.search(questions[len(spent) % len(questions)], now=NOW)
        spent.append((time.perf_counter() - began) * 1000)
        time.sleep(0.02)
    p50, p99 = np.percentile(spent, [50, 99])
    return float(p50), float(p99)


if __name__ == "__main__":
    main()
