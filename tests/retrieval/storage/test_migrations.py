"""A data folder of an earlier release opens with all it holds, a copy beside it; one of a later release is refused."""

import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from bot.digest.migrations import subscription_migrations
from bot.digest.subscription import Destination
from bot.digest.subscription_store import SubscriptionStore
from bot.question_log.log import QuestionLog
from bot.schema import upgrade
from retrieval.library import Library
from retrieval.model.errors import LaterVersionError
from retrieval.storage.corpus import Corpus
from retrieval.storage.migrations import migrate
from retrieval.storage.store import Store
from tests.conftest import ROOT
from tests.support.process import PATIENCE, ZHIDIAN, environment
from tests.support.telegram import TOKEN

RELEASES = sorted((ROOT / "tests" / "releases").iterdir())


def restored(release: Path, data: Path) -> Path:
    """Its databases as that release wrote them."""
    for dump in release.glob("*.sql"):
        with closing(sqlite3.connect(data / f"{dump.stem}.db")) as db:
            db.executescript(dump.read_text("utf-8"))
            db.execute("PRAGMA journal_mode = wal")
    return data


def schema(path: Path) -> dict[str, object]:
    """What stands in the file, however it came about: columns by table, indexes, triggers and views."""
    with closing(sqlite3.connect(path)) as db:
        names = {(kind, name) for kind, name in db.execute("SELECT type, name FROM sqlite_schema")}
        tables = [name for kind, name in names if kind in {"table", "view"}]
        columns = {name: {row[1:3] for row in db.execute(f"PRAGMA table_info({name})")} for name in tables}
        return columns | {"": names}


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_an_earlier_release_s_folder_has_all_it_had(release: Path, fresh: Path, tmp_path: Path) -> None:
    data = restored(release, fresh)
    upgrade(data)
    assert list(data.glob("bot.db.before-*")), "it has new tables at least: a copy is there before any change"
    library = Library(data)
    found = library.search("怀柔平台有多少实验室", now=datetime(2025, 7, 2, tzinfo=UTC))
    library.close()
    assert found.hits[0].point.text == "The Huairou platform opened 29 shared laboratories in June."
    question_log = QuestionLog(data / "bot.db")
    [question] = question_log.export(42)["questions"]
    assert question["text"] == "怀柔有多少实验室"
    assert len(question_log.export(42)["feedback"]) == 1
    question_log.close()
    store = Store(data / "bot.db", subscription_migrations)
    [followed] = SubscriptionStore(store).at(Destination(42))
    store.close()
    assert followed.spec.subject == "原始创新"
    new = tmp_path / "new"
    new.mkdir()
    upgrade(new)
    Corpus(new / "corpus.db").close()
    for name in ("bot.db", "corpus.db"):
        assert schema(data / name) == schema(new / name)


def test_what_is_changed_is_copied_first(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    before, after = Migrations("words"), Migrations("words")
    for one in (before, after):

        @one(name="m001_words")
        def _(db: Database) -> None:
            db.execute("CREATE TABLE words (word TEXT)")

    @after(name="m002_dropped")
    def _(db: Database) -> None:
        db.execute("DELETE FROM words")

    with closing(Database(path)) as db:
        migrate(db, path, [before])
        db.execute("INSERT INTO words VALUES ('kept')")
        db.conn.commit()
    assert [file.name for file in tmp_path.iterdir()] == ["x.db"], "nothing to copy yet"
    with closing(Database(path)) as db:
        migrate(db, path, [after])
        assert not db.execute("SELECT * FROM words").fetchall()
    with closing(sqlite3.connect(tmp_path / "x.db.before-m002_dropped")) as copy:
        assert copy.execute("SELECT * FROM words").fetchall() == [("kept",)]
    with closing(Database(path)) as db, pytest.raises(LaterVersionError, match=r"x\.db .*m002_dropped.*update Zhidian"):
        migrate(db, path, [before])


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path, broken = tmp_path / "x.db", Migrations("words")

    @broken(name="m001_words")
    def _(db: Database) -> None:
        db.execute("CREATE TABLE words (word TEXT)")

    @broken(name="m002_broken")
    def _(db: Database) -> None:
        db.execute("INSERT INTO nothing VALUES (1)")

    with closing(Database(path)) as db, pytest.raises(sqlite3.OperationalError, match="nothing"):
        migrate(db, path, [broken])
    assert "words" not in schema(path)


@pytest.mark.parametrize("name", ["bot.db", "corpus.db"])
def test_a_later_release_s_folder_is_refused_in_a_line(name: str, fresh: Path) -> None:
    upgrade(fresh)
    Corpus(fresh / "corpus.db").close()
    with closing(sqlite3.connect(fresh / name)) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name) SELECT migration_set, 'm999_later' FROM _sqlite_migrations LIMIT 1")  # fmt: skip  # noqa: E501
        db.commit()
    before = (fresh / name).read_bytes()
    done = subprocess.run(
        [*ZHIDIAN, "run", "--data", str(fresh)],
        cwd=fresh,
        env=environment(TELEGRAM_BOT_TOKEN=TOKEN),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert f"{name} was written by a later version of Zhidian (m999_later); update Zhidian" in done.stderr
    assert "Traceback" not in done.stderr
    assert (fresh / name).read_bytes() == before


def test_a_corpus_that_is_none_is_said_in_a_line(fresh: Path) -> None:
    (fresh / "corpus.db").write_bytes(b"no database at all" * 100)
    done = subprocess.run(
        [*ZHIDIAN, "--data", str(fresh), "search", "x"],
        cwd=fresh, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "corpus.db cannot be used" in done.stderr


def test_a_disk_that_takes_nothing_is_no_reason_not_to_start(fresh: Path, caplog: pytest.LogCaptureFixture) -> None:
    (fresh / "bot.db").mkdir()
    upgrade(fresh)
    assert "could not be migrated" in caplog.text
