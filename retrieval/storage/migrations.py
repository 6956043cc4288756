"""Schema migrations: an open database goes in, and it comes out upgraded, with a copy of the file as it was before."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from retrieval.model.errors import LaterVersionError
from retrieval.runtime.atomic_file import atomic_write
from retrieval.storage.sqlite import Database, Migrations, immediately


def migrate(db: Database, path: Path | None, sets: Sequence[Migrations]) -> None:
    """Apply what is pending of all sets in one transaction; two processes that start at once wait for each other.

    A file that has tables of these sets is copied first, to `path` with the first pending migration behind its name.
    `path` None is in memory. Raises LaterVersionError.
    """
    if later := unknown_migrations(db, sets):
        raise LaterVersionError(
            f"{path} was written by a later version of Zhidian ({', '.join(later)}); update Zhidian"
        )
    pending = [migration.name for one in sets for migration in one.pending(db)]
    if path and pending and any(one.applied(db) for one in sets):
        _copy_database(path, path.with_name(f"{path.name}.before-{pending[0]}"))
    if pending:
        with immediately(db):
            for one in sets:
                one.apply(db)


def unknown_migrations(db: Database, sets: Sequence[Migrations]) -> list[str]:
    """Migrations that were applied and that this version does not have."""
    return sorted(name for one in sets for name in {applied.name for applied in one.applied(db)} - _names(one))


def _copy_database(path: Path, to: Path) -> None:
    if to.exists():  # an earlier attempt's copy is older, and therefore the better one
        return
    # durable: it is the only way back from a migration
    with (
        atomic_write(to, durable=True) as temporary,
        closing(sqlite3.connect(path)) as source,
        closing(sqlite3.connect(temporary)) as target,
    ):
        source.backup(target)


def _names(migrations: Migrations) -> set[str]:
    with Database(memory=True) as blank:
        return {migration.name for migration in migrations.pending(blank)}
