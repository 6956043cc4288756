"""A SQLite file with migrations: SQL goes in, rows come out. The bot's tables and the corpus are opened here."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retrieval.storage import sqlite
from retrieval.storage.migrations import migrate
from retrieval.storage.sqlite import Database, Migrations, immediately

BUSY_SECONDS = 10.0  # to wait for another writer: every owner of tables has a connection of its own
PRIMARY_CODE = 0xFF  # of SQLite's extended result codes
STORE_PRAGMAS = (
    "synchronous = full",  # what is claimed before it is sent must survive a power cut, or it is sent twice
    "secure_delete = on",  # what was erased must not stay readable in the file's free pages
)

SqlValues = Sequence[object] | Mapping[str, object]


class Store:
    """One connection for an owner's tables, safe for threads. `path` None is in memory, and gone with `close`.

    Opened at first use, so that a full disk keeps nobody from starting; after `close` it is opened again.
    """

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

    def set_busy(self, seconds: float) -> None:
        """How long to wait for another writer from now on."""
        if seconds != self._busy:
            with self._lock:
                self._busy = seconds
                if self._db is not None:
                    self._db.conn.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")

    def rows(self, sql: str, values: SqlValues = ()) -> list[dict[str, Any]]:
        with self._lock:
            cursor = self._connection().conn.execute(sql, values)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def write(self, sql: str, values: SqlValues = (), *, lasting: bool = True) -> int:
        """Execute one statement and commit it, which for SQLite is a transaction by itself; `lasting` as there.

        Returns the number of rows it changed.
        """
        with self._lock:
            conn = self._connection().conn
            if not conn.in_transaction:
                self._wait_for_disk(conn, lasting)
            return int(conn.execute(sql, values).rowcount)

    def total_changes(self) -> int:
        """The number of rows changed since the file was opened."""
        with self._lock:
            return int(self._connection().conn.total_changes)

    @contextmanager
    def transaction(self, *, lasting: bool = True) -> Iterator[Database]:
        """Write in one transaction; one within another becomes part of it.

        `lasting` waits for the disk and survives a power cut; without it, only the end of the process.
        """
        with self._lock:
            db = self._connection()
            if db.conn.in_transaction:
                yield db
                return
            self._wait_for_disk(db.conn, lasting)
            with immediately(db):
                yield db

    def truncate_wal(self) -> bool:
        """Empty the write-ahead log, in which erased rows stay readable; False while another connection reads."""
        with self._lock:
            if self._path is None:
                return True
            [busy, _, _] = self._connection().conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def _wait_for_disk(self, conn: sqlite3.Connection, lasting: bool) -> None:
        if lasting != self._lasting:
            conn.execute(f"PRAGMA synchronous = {'full' if lasting else 'normal'}")
            self._lasting = lasting

    def _connection(self) -> Database:
        if self._db is None:
            self._db, self._lasting = open_database(self._path, self._migrations, self._busy, *STORE_PRAGMAS), True
        return self._db


def connect(path: Path) -> Database:
    """A store's file without its migrations."""
    return sqlite.connect(path, BUSY_SECONDS, *STORE_PRAGMAS)


def open_database(path: Path | None, migrations: Migrations, busy: float, *pragmas: str) -> Database:
    with naming_damage(path), marking_creation(path):
        db = sqlite.connect(path, busy, *pragmas)
        try:
            migrate(db, path, (migrations,))
        except BaseException:
            db.close()
            raise
        return db


class DamagedDatabaseError(sqlite3.DatabaseError):
    """For the operator: names the file and the remedy."""

    def __init__(self, path: Path | None, reason: str) -> None:
        super().__init__(
            f"{path} is damaged ({reason}): restore it from a backup, as docs/operating.md says, or move it away to"
            " begin anew"
        )


@contextmanager
def naming_damage(path: Path | None) -> Iterator[None]:
    """SQLite's own errors name no file."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise DamagedDatabaseError(path, str(error)) from None
        raise


def creation_mark(path: Path) -> Path:
    """An empty file beside a database from before it is made until it has its tables."""
    return path.with_name(f"{path.name}.creating")


@contextmanager
def marking_creation(path: Path | None) -> Iterator[None]:
    """Tells an empty file that a kill or a full disk left from one that somebody emptied.

    Where the mark cannot be made the database is not made either: OperationalError.
    """
    mark = creation_mark(path) if path else None
    if path and mark and not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
        except OSError as error:
            raise sqlite3.OperationalError(f"{path} cannot be made: {error}") from error
    yield
    if mark and mark.exists():
        mark.unlink(missing_ok=True)


def is_locked(error: Exception) -> bool:
    """Another program holds the file."""
    codes = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return isinstance(error, sqlite3.OperationalError) and getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE in codes
