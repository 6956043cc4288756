"""The process behind `search_process`: questions come through a pipe, results go back.

Run as python -m retrieval.search_server DATA MODE DESCRIPTOR.
"""

import signal
import sqlite3
import sys
from contextlib import closing, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from retrieval.library import Library
from retrieval.semantic.loader import load_encoder
from retrieval.semantic.mode import Mode


def serve(data: Path, mode: Mode, link: Connection) -> None:
    """Until the other end is closed, also by a kill. Signals that stop both are left to the other process."""
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
            link.send(None)
            while True:
                question, k, now, after, until = link.recv()
                try:
                    link.send((True, library.search(question, k, now=now, after=after, until=until)))
                except sqlite3.Error as error:
                    link.send((False, error))


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], Connection(int(sys.argv[3])))  # type: ignore[arg-type]
