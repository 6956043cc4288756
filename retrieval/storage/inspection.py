"""A database as it stands, without changing anything of it: whole, of this version, how much is in it."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from retrieval.storage.migrations import unknown_migrations
from retrieval.storage.sqlite import Database, Migrations

STEPS_PER_CHECK = 100_000  # of SQLite's machine between two looks at the time, some milliseconds


class UnreadableError(Exception):
    """For the operator: the file is there and cannot be read. The text is SQLite's."""


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """`damage` is what SQLite says of it, or ''; `hurried` where there was no time to look at all of it.

    `pending` are migrations that the next start applies, `later` those that only a later version knows.
    """

    damage: str
    hurried: bool
    pending: tuple[str, ...]
    later: tuple[str, ...]


def inspect(
    path: Path, sets: Sequence[Migrations], seconds: float, clock: Callable[[], float] = time.monotonic
) -> DatabaseHealth:
    with _read_only(path) as connection:
        db = Database(connection, execute_plugins=False)
        later = tuple(unknown_migrations(db, sets))
        pending = tuple(migration.name for one in sets for migration in one.pending(db))
        end = clock() + seconds
        connection.set_progress_handler(lambda: clock() > end, STEPS_PER_CHECK)
        try:
            [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return DatabaseHealth("", True, pending, later)
        return DatabaseHealth("" if found == "ok" else found, False, pending, later)


def count_contents(path: Path) -> tuple[int, int]:
    """Documents and points of a corpus."""
    with _read_only(path) as connection:
        [documents] = connection.execute("SELECT count(*) FROM documents").fetchone()
        [points] = connection.execute("SELECT count(*) FROM points").fetchone()
        return documents, points


@contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise UnreadableError(str(error)) from error
