"""sqlite_utils, and SQLite connections: a path goes in, a database in WAL mode comes out."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.runtime.optional_imports import import_blocked

with import_blocked("pandas"):  # sqlite_utils loads it only to know its types: a third of a second at each start
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations", "connect", "immediately"]


def connect(path: Path | None, busy: float, *pragmas: str) -> Database:
    """`path` None is in memory; `busy` is in seconds, to wait for another writer."""
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path or ":memory:", timeout=busy, isolation_level=None, check_same_thread=False)
    try:
        db = Database(connection, execute_plugins=False)
        if path:
            _enable_wal(db, busy)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return db


@contextmanager
def immediately(db: Database) -> Iterator[None]:
    """A transaction that writes from its start: one that began by reading would fail if another process wrote in
    between."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()  # a full disk often shows only at the commit; left open, all that follows would be part of it
        raise


def _enable_wal(db: Database, busy: float) -> None:
    """For this one change SQLite does not wait: of two processes that create a file, one is told 'locked'."""
    deadline = time.monotonic() + busy
    while True:
        try:
            return db.enable_wal()
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
