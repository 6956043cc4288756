"""Searches in a process of their own: the same answers, and answers all the same when it ends."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import pytest

from retrieval import search_process as module
from retrieval import search_server
from retrieval.library import Library
from retrieval.model.results import Result
from retrieval.search_process import CATCHING_UP, SearchProcess
from tests.support.documents import NOON
from tests.support.stories import ingest, story

STEEL, RICE = story("Steel", "Steel output fell by 3%."), story("Rice", "Farmers planted rice.")
PLANTS = ["zhobble", "wugnick", "flimdar", "brastop", "quellin", "mordask", "tiverun", "saplock", "crenfid", "yobbard"]
ASKED = ["steel output", "钢铁产量", "gangtie", "rice 2025", "", "？！", "qqxz"]


@pytest.fixture
def library(fresh: Path, tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "lexicon.bin").write_bytes((fresh / "lexicon.bin").read_bytes())
    library = Library(tmp_path)
    ingest(library, tmp_path, [STEEL, RICE])
    yield library
    library.close()


@pytest.fixture
def other(library: Library, tmp_path: Path) -> Iterator[SearchProcess]:
    """The process, at work for the library."""
    process = SearchProcess(tmp_path, "off")
    library.search_in(process)
    library.warm()
    yield process
    process.close()


def answers(library: Library) -> list[Result]:
    return [replace(library.search(asked, now=NOON), milliseconds=0.0) for asked in ASKED]


def pid(process: SearchProcess) -> int:
    assert process._process
    return process._process.pid


def test_the_same_is_found_and_what_comes_in_later_too(library: Library, other: SearchProcess, tmp_path: Path) -> None:
    with closing(Library(tmp_path)) as alone:
        assert answers(library) == answers(alone)
    assert library.search("steel", 1, now=NOON, after=1).hits == ()
    os.kill(pid(other), signal.SIGTERM)  # as it comes to both from a terminal or systemd: the other one finishes
    ingest(library, tmp_path, [story("Tea", "Tea grew well.")], "more.jsonl")
    assert library.search("tea", now=NOON).hits


def test_the_next_question_finds_what_was_taken_in_and_nothing_that_was_removed(
    library: Library, other: SearchProcess, tmp_path: Path
) -> None:
    for n, words in enumerate(PLANTS):
        assert library.search(words, now=NOON).nowhere == (words,)
        ingest(library, tmp_path, [story(f"Plants {n}", f"The plant {words} grew well.")], f"{n}.jsonl")
        assert [hit.document.title for hit in library.search(words, now=NOON).hits] == [f"Plants {n}"]
    for words in PLANTS:
        library.remove([hit.document.id for hit in library.search(words, now=NOON).hits])
        assert library.search(words, now=NOON).hits == ()


def test_while_the_index_catches_up_the_other_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_server, "LIFE_SECONDS", 0.01)
    ours, theirs = Pipe()
    with ours, theirs:
        with search_server.showing_life(theirs):
            assert ours.poll(20)
        assert ours.recv() == CATCHING_UP


def test_without_it_questions_are_answered_and_it_is_started_again(
    library: Library, other: SearchProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = pid(other)
    os.kill(first, signal.SIGKILL)
    assert library.search("steel", now=NOON).hits
    assert "the process that searches ended" in caplog.text
    assert other._process is None
    monkeypatch.setattr(module, "RESTART_SECONDS", 0.0)
    assert library.search("steel", 5, now=NOON).hits
    assert pid(other) != first


def test_one_that_takes_too_long_is_ended(
    library: Library, other: SearchProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.kill(pid(other), signal.SIGSTOP)
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.2)
    assert library.search("steel", now=NOON).hits


def test_an_error_there_is_an_error_here(library: Library, other: SearchProcess, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "corpus.db") as db:
        db.execute("DROP TABLE titles")
        db.execute("DROP VIEW stored")
    db.close()
    with pytest.raises(sqlite3.OperationalError, match="stored"):
        library.search("steel", now=NOON)


def test_it_ends_with_the_process_that_started_it_and_at_once_while_it_starts(tmp_path: Path, fresh: Path) -> None:
    (tmp_path / "lexicon.bin").write_bytes((fresh / "lexicon.bin").read_bytes())
    code = (
        "import os, sys; from pathlib import Path; from retrieval.search_process import SearchProcess\n"
        "one = SearchProcess(Path(sys.argv[1]), 'off'); one.warm(); print(one._process.pid, flush=True); os._exit(1)"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, check=False)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{ran.stdout.strip()}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{ran.stdout.strip()}").exists()
    starting = SearchProcess(tmp_path, "off")
    began = time.monotonic()
    starting.close()
    assert time.monotonic() - began < module.STOP_SECONDS
