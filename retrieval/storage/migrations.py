"""A database's schema brought up to date: never without a copy of what was there, never down from a later version."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from retrieval.model.errors import LaterVersionError
from retrieval.storage.sqlite import Database, Migrations


def migrate(db: Database, path: Path | None, sets: Sequence[Migrations]) -> None:
    """Applies what is pending of all sets in one transaction; two processes that start at once wait for each other.

    A file that has tables of these sets is copied first, to `path` with the first pending migration behind its name.
    `path` None is in memory.
    """
    if later := unknown_migrations(db, sets):
        raise LaterVersionError(
            f"{path} was written by a later version of Zhidian ({', '.join(later)}); update Zhidian"
        )
    pending = [migration.name for one in sets for migration in one.pending(db)]
    if path and pending and any(one.applied(db) for one in sets):
        copy_database(path, path.with_name(f"{path.name}.before-{pending[0]}"))
    if pending:
        db.execute("BEGIN IMMEDIATE")  # one that begins with reading fails if another process writes in between
        try:
            for one in sets:
                one.apply(db)
        except BaseException:
            db.rollback()
            raise
        db.commit()


def unknown_migrations(db: Database, sets: Sequence[Migrations]) -> list[str]:
    """Migrations that were applied and that this version has not."""
    return sorted(name for one in sets for name in {applied.name for applied in one.applied(db)} - _known(one))


def copy_database(path: Path, to: Path) -> None:
    """Whole or not at all; what an earlier attempt copied stays as it is, for it is older."""
    if to.exists():
        return
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
    part.rename(to)


def _known(migrations: Migrations) -> set[str]:
    with Database(memory=True) as blank:
        return {migration.name for migration in migrations.pending(blank)}
