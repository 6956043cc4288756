"""The process that `beside` starts: python -m retrieval.searcher DATA MODE DESCRIPTOR."""

import signal
import sqlite3
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from retrieval.library import Library
from retrieval.semantic import Mode, encoder


def serve(data: Path, mode: Mode, link: Connection) -> None:
    """Until the other end is closed, also by a kill. What is to stop both is told to the other one, which finishes."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    library = Library(data, encoder=encoder(mode))
    try:
        library.warm()
        library.keep_filled()
        library.keep_current()
        with suppress(EOFError, OSError):
            link.send(True)
            while True:
                question, k, now, after, until = link.recv()
                try:
                    link.send((True, library.search(question, k, now=now, after=after, until=until)))
                except sqlite3.Error as error:
                    link.send((False, error))
    finally:
        library.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], Connection(int(sys.argv[3])))  # type: ignore[arg-type]
