"""The process behind `search_process`: questions come through a pipe or a socket, results go back.

Run as python -m retrieval.search_server DATA MODE DESCRIPTOR DESCRIPTOR: of the pipe for threads and of the line for
an event loop.
"""

import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from retrieval.library import Library
from retrieval.model.results import Result
from retrieval.model.search_request import SearchRequest
from retrieval.search_process import CATCHING_UP, LIFE_SECONDS
from retrieval.search_socket import serving_guests
from retrieval.semantic.loader import load_encoder
from retrieval.semantic.mode import Mode


def serve(data: Path, mode: Mode, link: Connection, line: Connection) -> None:
    """Until the other end of `link` is closed, also by a kill. Signals that stop both are left to the other process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with suppress(EOFError, OSError):  # the other end is closed
        try:
            library = Library(data)
            library.warm()
        except Exception as error:  # the other process reports it, which may have met the same already
            link.send(error)
            return
        with closing(library):
            library.start_embedding(partial(load_encoder, mode, data / "cache"))
            library.start_refresh()
            with serving_guests(data, partial(_search, library, patient=True)):
                threading.Thread(target=_answer_all, args=(library, line), name="line", daemon=True).start()
                link.send(None)
                _answer_all(library, link)


def _answer_all(library: Library, link: Connection) -> None:
    """Until the other end is closed. An end by an error closes this one: nobody waits in vain."""
    with link, suppress(EOFError, OSError):
        while True:
            method, arguments = link.recv()
            try:
                with showing_life(link) if library.is_behind() else nullcontext():
                    answer: tuple[bool, object] = True, _answer(library, method, arguments)
            except sqlite3.Error as error:
                answer = False, error
            link.send(answer)


def _answer(library: Library, method: str, arguments: tuple[Any, ...]) -> object:
    return library.nearness(*arguments) if method == "nearness" else _search(library, *arguments)


def _search(library: Library, asked: SearchRequest, *, patient: bool = False) -> Result:
    return library.search(
        asked.question,
        asked.k,
        now=asked.now,
        after=asked.after,
        until=asked.until,
        shown=asked.shown,
        patient=patient,
    )


@contextmanager
def showing_life(link: Connection) -> Iterator[None]:
    """Sends CATCHING_UP every LIFE_SECONDS within the block: after a large ingest the index takes minutes."""
    done = threading.Event()

    def show() -> None:
        while not done.wait(LIFE_SECONDS):
            link.send(CATCHING_UP)

    thread = threading.Thread(target=show, name="life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], *map(Connection, map(int, sys.argv[3:])))  # type: ignore[arg-type]
