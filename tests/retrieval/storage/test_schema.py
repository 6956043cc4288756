"""What stands in the file, and which files are refused."""

import sqlite3
from pathlib import Path

import pytest

from retrieval.model.errors import CorpusError, LaterVersionError
from retrieval.storage.corpus import Corpus


def test_the_schema(tmp_path: Path) -> None:
    Corpus(tmp_path / "c.db").close()
    Corpus(tmp_path / "c.db").close()
    db = sqlite3.connect(tmp_path / "c.db")
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()
    assert {name for name in tables if not name.startswith(("_", "sqlite_"))} == {
        "documents", "topics", "points", "tombstones", "removed", "tokens", "titles", "meta", "vectors",
        "revisions", "gathered",
    }  # fmt: skip


def test_a_later_schema_is_refused_by_name(tmp_path: Path) -> None:
    Corpus(tmp_path / "c.db").close()
    db = sqlite3.connect(tmp_path / "c.db")
    db.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('corpus', 'm999_postings')")
    db.commit()
    db.close()
    with pytest.raises(LaterVersionError, match=r"m999_postings.*update Zhidian"):
        Corpus(tmp_path / "c.db")


@pytest.mark.parametrize(
    "content", [b"no database at all, and long enough to be sure of it" * 20, b"SQLite format 3\x00" * 99]
)
def test_what_is_no_database_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.db").write_bytes(content)
    with pytest.raises(CorpusError, match=r"c\.db cannot be used.*move it away"):
        Corpus(tmp_path / "c.db")
