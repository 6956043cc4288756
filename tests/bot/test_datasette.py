"""docs/datasette.yaml describes all of bot.db, and its queries run there and show no person."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from bot.question_log.log import Asker, LoggedAnswer, QuestionLog
from bot.schema import upgrade
from bot.users.preferences import Preferences, PreferenceStore
from tests.bot.users.test_privacy import IDENTIFYING, NAMES_A_PERSON
from tests.conftest import ROOT

BOT = yaml.safe_load((ROOT / "docs" / "datasette.yaml").read_text("utf-8"))["databases"]["bot"]
WORDED = {"pages", "inbox"}  # name nobody in a column, and may have somebody's words or name


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    data = tmp_path_factory.mktemp("data")
    upgrade(data)
    question_log = QuestionLog(data / "bot.db")
    for user, text in [
        (1, "qwz x"),
        (2, "Qwz X "),
        (3, "qwz x"),
        (4, "私下"),
        (4, "私下"),
        (5, "允许"),
        (None, "私下"),
    ]:
        asker = Asker("private", user, user)
        question = LoggedAnswer(
            datetime.now(UTC), asker, text, "zh", "none", ["p"], 3.0, nowhere=(text.strip().lower(),)
        )
        question_log.record_feedback(question_log.record(question).id, user or 0, "p", "off")
    question_log.close()
    people = PreferenceStore(data / "bot.db")
    people.choose(5, Preferences(open=True))
    people.close()
    with closing(sqlite3.connect(data / "bot.db")) as opened:
        yield opened


def columns(db: sqlite3.Connection) -> dict[str, set[str]]:
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        table: {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
        for table in tables
        if table != "sqlite_sequence"
    }


def test_every_table_and_column_is_described_and_no_other(db: sqlite3.Connection) -> None:
    described = {name: set(table["columns"]) for name, table in BOT["tables"].items()}
    assert described == columns(db)
    assert all(table["description"] for table in BOT["tables"].values())
    assert all(text for table in BOT["tables"].values() for text in table["columns"].values())


def test_no_query_stands_before_a_table_of_its_name() -> None:
    assert not BOT["queries"].keys() & BOT["tables"].keys()


def test_who_stands_in_a_table_is_for_the_operator_alone() -> None:
    closed = {name for name, table in BOT["tables"].items() if table.get("allow") == {"id": "root"}}
    assert closed == {table for table, _ in NAMES_A_PERSON} | WORDED
    assert BOT["allow_sql"] == {"id": "root"}


@pytest.mark.parametrize("name", BOT["queries"])
def test_a_query_runs_and_names_nobody(name: str, db: sqlite3.Connection) -> None:
    query = BOT["queries"][name]
    found = db.execute(query["sql"])
    assert query["title"]
    assert not {column[0] for column in found.description} & (IDENTIFYING | {"id", "name"})
    assert "私下" not in str(found.fetchall())


def rows(name: str, db: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return db.execute(BOT["queries"][name]["sql"]).fetchall()


def test_words_are_shown_where_three_asked_alike_or_the_asker_agreed(db: sqlite3.Connection) -> None:
    assert [row[:3] for row in rows("unanswered", db)] == [("qwz x", 3, 3), ("允许", 1, 1)]
    assert rows("words-found-nowhere", db) == [("qwz x", 3, 3)]
    assert rows("questions-a-day", db)[0][1:] == (7, 0, 0, 7)
    assert rows("feedback-by-reason", db) == [("off", 7, 6, 7)]
