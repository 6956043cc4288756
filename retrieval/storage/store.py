"""How bot.db is opened and written: one connection for an owner's tables, safe for threads.

Opened when first used, so that a disk that takes nothing stops nobody from starting; after `close` opened again.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retrieval.storage.migrations import migrate
from retrieval.storage.sqlite import Database, Migrations

BUSY_SECONDS = 10.0  # seconds to wait for another writer: every owner of tables has a connection of its own

SqlValues = Sequence[object] | Mapping[str, object]


class Store:
    """`path` None is in memory, and gone with `close`."""

    def __init__(self, path: Path | None, migrations: Migrations, busy: float = BUSY_SECONDS) -> None:
        self._path, self._migrations, self._busy = path, migrations, busy
        self._lock = threading.RLock()
        self._db: Database | None = None
        self._lasting = True

    def close(self) -> None:
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def rows(self, sql: str, values: SqlValues = ()) -> list[dict[str, Any]]:
        with self._lock:
            found = self._opened().conn.execute(sql, values)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def write(self, sql: str, values: SqlValues = ()) -> int:
        """One statement, committed; the number of rows it changed."""
        with self.transaction() as db:
            return db.conn.execute(sql, values).rowcount

    @contextmanager
    def transaction(self, *, lasting: bool = True) -> Iterator[Database]:
        """Writes from its start: it never fails half way for another writer. One within another is part of it.

        What is `lasting` survives a power cut; else it survives the end of the process, and waits for no disk.
        """
        with self._lock:
            db = self._opened()
            if db.conn.in_transaction:
                yield db
                return
            if lasting != self._lasting:
                db.conn.execute(f"PRAGMA synchronous = {'full' if lasting else 'normal'}")
                self._lasting = lasting
            db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.conn.execute("COMMIT")
            except BaseException:
                # a full disk is often found out by the commit; left open, all that follows would be part of it
                if db.conn.in_transaction:
                    db.conn.execute("ROLLBACK")
                raise

    def _opened(self) -> Database:
        if self._db is None:
            self._db, self._lasting = _open(self._path, self._migrations, self._busy), True
        return self._db


def connect(path: Path | None, busy: float = BUSY_SECONDS) -> Database:
    """Without its tables, if it is new."""
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path or ":memory:", timeout=busy, isolation_level=None, check_same_thread=False)
    try:
        db = Database(connection, execute_plugins=False)
        if path:
            _enable_wal(db, busy)
            # What is claimed before it is sent must survive a power cut, or it is sent twice.
            connection.execute("PRAGMA synchronous = full")
            # What was erased is not to be read in the file's free pages.
            connection.execute("PRAGMA secure_delete = on")
    except BaseException:
        connection.close()
        raise
    return db


def _open(path: Path | None, migrations: Migrations, busy: float) -> Database:
    db = connect(path, busy)
    try:
        migrate(db, path, (migrations,))
    except BaseException:
        db.close()
        raise
    return db


def _enable_wal(db: Database, busy: float) -> None:
    """For this one change SQLite does not wait: of two that open a new file at once, one is told 'locked'."""
    deadline = time.monotonic() + busy
    while True:
        try:
            return db.enable_wal()
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
