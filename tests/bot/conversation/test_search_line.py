"""The line to the searching process for an event loop: the same results as in a thread, and None where it breaks."""

import asyncio
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socketpair

import pytest

from bot.conversation.search_line import MAX_WAITING, LoopSearch, SearchLine
from retrieval import search_process as module
from retrieval.library import Library
from retrieval.model.results import Result
from retrieval.model.search_request import SearchRequest
from retrieval.search_process import CATCHING_UP, SearchProcess
from tests.support.documents import NOON
from tests.support.stories import ingest, story

NOTHING = Result("rice", "none", 0.0, (), 0.0, ())
ASKED = ["steel output", "钢铁产量", "gangtie", "rice 2025", "", "？！", "qqxz"]


@pytest.fixture
def process(fresh: Path, tmp_path: Path) -> Iterator[SearchProcess]:
    (tmp_path / "lexicon.bin").write_bytes((fresh / "lexicon.bin").read_bytes())
    with closing(Library(tmp_path)) as library:
        ingest(library, tmp_path, [story("Steel", "Steel output fell by 3%."), story("Rice", "Farmers planted rice.")])
    with closing(SearchProcess(tmp_path, "off")) as process:
        process.warm()
        yield process


@pytest.fixture
def searching(process: SearchProcess) -> Iterator[LoopSearch]:
    with closing(LoopSearch(process.take_line_end)) as searching:
        yield searching


def timeless(found: Result | None) -> Result | None:
    return found and replace(found, milliseconds=0.0)


async def soon(searching: LoopSearch, asked: str) -> Result | None:
    return timeless(await searching.search(SearchRequest(asked, 10, NOON)))


async def test_the_same_is_found_as_in_a_thread(searching: LoopSearch, process: SearchProcess) -> None:
    expected = [timeless(process.search(SearchRequest(asked, 10, NOON))) for asked in ASKED]
    assert await asyncio.gather(*(soon(searching, asked) for asked in ASKED * 5)) == expected * 5


async def test_who_waits_when_the_process_ends_is_told_and_the_next_process_has_a_line(
    searching: LoopSearch, process: SearchProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await soon(searching, "steel")
    assert process._process
    os.kill(process._process.pid, signal.SIGSTOP)
    waiting = [asyncio.ensure_future(soon(searching, "rice")) for _ in range(3)]
    await asyncio.sleep(0)
    os.kill(process._process.pid, signal.SIGKILL)
    assert await asyncio.gather(*waiting) == [None, None, None]
    assert await soon(searching, "rice") is None
    monkeypatch.setattr(module, "RESTART_SECONDS", 0.0)
    for _ in range(2):  # the first finds that it ended, the second starts it again
        await asyncio.to_thread(process.search, SearchRequest("rice", 10, NOON))
    assert await soon(searching, "rice")


async def test_an_error_there_is_an_error_here(searching: LoopSearch, tmp_path: Path) -> None:
    assert await soon(searching, "rice")
    with closing(sqlite3.connect(tmp_path / "corpus.db")) as db, db:
        db.execute("DROP TABLE titles")
        db.execute("DROP VIEW stored")
    with pytest.raises(sqlite3.OperationalError, match="stored"):
        await soon(searching, "steel")


def test_the_line_of_another_event_loop_is_not_used(searching: LoopSearch) -> None:
    assert asyncio.run(soon(searching, "rice"))
    assert asyncio.run(soon(searching, "rice")) is None


async def test_nothing_heard_for_too_long_breaks_the_line() -> None:
    ours, theirs = socketpair()
    with theirs, closing(SearchLine(ours, 0.05)) as line:
        assert await line.search(SearchRequest("rice", 10, NOON)) is None
        assert not line.is_open


async def test_signs_of_life_keep_the_line() -> None:
    ours, theirs = socketpair()

    def answer(link: Connection) -> None:
        with link, suppress(EOFError, OSError):
            link.recv()
            for _ in range(8):
                link.send(CATCHING_UP)
                threading.Event().wait(0.05)
            link.send((True, NOTHING))

    thread = threading.Thread(target=answer, args=(Connection(theirs.detach()),))
    thread.start()
    with closing(SearchLine(ours, 0.3)) as line:
        assert await line.search(SearchRequest("rice", 10, NOON)) == NOTHING
    thread.join()


async def test_too_many_and_too_long_questions_are_left_to_threads() -> None:
    ours, theirs = socketpair()
    with theirs, closing(SearchLine(ours, 30.0)) as line:
        waiting = [asyncio.ensure_future(line.search(SearchRequest("rice", 10, NOON))) for _ in range(MAX_WAITING)]
        await asyncio.sleep(0)
        assert await line.search(SearchRequest("rice", 10, NOON)) is None
        assert await line.search(SearchRequest("rice " * 20_000, 10, NOON)) is None
        assert line.is_open
        line.close()
        assert not any(await asyncio.gather(*waiting))
