"""The corpus on disk with several hands on it: killed processes, threads, two that start at once."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from retrieval.model.documents import Document
from retrieval.storage.corpus import Corpus
from tests.support.documents import analyse, document

SIZE = 60  # documents: enough for an ingest of some milliseconds


def edition(name: str) -> list[Document]:
    return [document(f"T{n}", *(f"{name} {n} {m}" for m in range(8))) for n in range(SIZE)]


def editions(corpus: Corpus) -> set[str]:
    """Names of the editions that the stored points belong to."""
    with corpus.snapshot():
        found, rows = corpus.recent(2 * SIZE), list(corpus.rows())
    assert len(found) in {0, SIZE}
    assert all(len(one.points) == 8 for one in found)
    assert len(rows) == 8 * len(found)
    return {point.text.split()[0] for one in found for point in one.points}


def ingest_forever(path: Path) -> None:
    corpus = Corpus(path)
    print("ready", flush=True)  # noqa: T201
    while True:
        for name in ("old", "new"):
            corpus.add(edition(name), analyse)
            print("added", flush=True)  # noqa: T201


def test_a_killed_ingest_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "corpus.db"
    code = f"import pathlib, {__name__} as t; t.ingest_forever(pathlib.Path({str(path)!r}))"
    chance = random.Random(7)
    seen: list[set[str]] = []
    for commits in (0, 1, 0, 1, 2, 1):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            for _ in range(commits):  # a loaded machine may not come to one within the wait below
                assert process.stdout.readline() == "added\n"
            time.sleep(chance.uniform(0, 0.15))
            process.kill()
        assert process.returncode == -signal.SIGKILL
        corpus = Corpus(path)
        seen.append(editions(corpus))
        corpus.close()
        db = sqlite3.connect(path)
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.close()
    assert all(len(names) <= 1 for names in seen)
    assert any(seen), "every kill came before the first commit: nothing was tested"


def test_readers_see_whole_editions_while_another_writes(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "corpus.db")
    corpus.add(edition("old"), analyse)
    done = threading.Event()

    def look() -> int:
        looks = 0
        while not done.is_set():
            assert len(editions(corpus)) == 1
            with corpus.snapshot():
                rows = list(corpus.rows())
                assert corpus.hits([row.point for row in rows[:50]]).keys() == {row.point for row in rows[:50]}
            looks += 1
        return looks

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(look) for _ in range(3)]
        try:
            for n in range(20):
                corpus.add(edition("old" if n % 2 else "new"), analyse)
        finally:
            done.set()
        assert sum(reader.result() for reader in readers) > 3
    corpus.close()


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    """Opened at once, on a file that is not there yet; each adds documents of its own and all of the shared ones."""
    path = tmp_path / "corpus.db"
    start = threading.Barrier(4)

    def work(n: int) -> int:
        start.wait()
        corpus = Corpus(path)
        new = 0
        for m in range(10):
            own = replace(document(f"own {n} {m}", "x"), topics=(f"t{n}",))
            new += corpus.add([own, document(f"shared {m}", "x", "y")], analyse).new
        corpus.close()
        return new

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 50
    corpus = Corpus(path)
    assert corpus.counts().documents == 50
    corpus.close()
