"""Read-only checks: a database file goes in, its damage, pending migrations and contents come out."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from retrieval.storage.migrations import unknown_migrations
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import BUSY_SECONDS

STEPS_PER_CHECK = 100_000  # SQLite instructions between two looks at the clock: some milliseconds


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """`damage` is SQLite's text or ''; `incomplete` if time ran out before all of the file was checked.

    `pending` migrations are applied at the next start; `later` ones only a later version knows.
    """

    damage: str
    incomplete: bool
    pending: tuple[str, ...]
    later: tuple[str, ...]


def inspect(path: Path, sets: Sequence[Migrations], seconds: float) -> DatabaseHealth:
    """Raises sqlite3.Error if the file cannot be read."""
    with read_only(path) as connection:
        db = Database(connection, execute_plugins=False)
        later = tuple(unknown_migrations(db, sets))
        pending = tuple(migration.name for one in sets for migration in one.pending(db))
        end = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > end, STEPS_PER_CHECK)
        try:
            [answer] = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return DatabaseHealth("", True, pending, later)
        return DatabaseHealth("" if answer == "ok" else answer, False, pending, later)


def count_contents(path: Path) -> tuple[int, int]:
    """Documents and points of a corpus."""
    with read_only(path) as connection:
        [documents] = connection.execute("SELECT count(*) FROM documents").fetchone()
        [points] = connection.execute("SELECT count(*) FROM points").fetchone()
        return documents, points


def count_outlets(path: Path) -> dict[str, int]:
    """Documents of a corpus by outlet, most first."""
    with read_only(path) as connection:
        sql = "SELECT outlet, count(*) FROM documents GROUP BY outlet ORDER BY 2 DESC, 1"
        return dict(connection.execute(sql).fetchall())


def read_only(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS))
