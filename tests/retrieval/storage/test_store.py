import sqlite3
from contextlib import closing

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from retrieval.storage.store import Store

migrations = Migrations("pairs")


@migrations()
def m001_pairs(db: Database) -> None:
    db.execute("CREATE TABLE one (id INTEGER PRIMARY KEY)")
    db.execute("CREATE TABLE other (one INTEGER REFERENCES one DEFERRABLE INITIALLY DEFERRED)")


def test_what_fails_at_its_commit_is_undone_and_the_next_is_committed() -> None:
    with closing(Store(None, migrations)) as store:
        store.rows("PRAGMA foreign_keys = on")
        with pytest.raises(sqlite3.IntegrityError):
            store.write("INSERT INTO other VALUES (7)")
        assert store.rows("SELECT * FROM other") == []
        store.write("INSERT INTO one VALUES (1)")
        with pytest.raises(sqlite3.IntegrityError), store.transaction() as db:
            db.execute("INSERT INTO one VALUES (1)")
        assert store.rows("SELECT id FROM one") == [{"id": 1}]
