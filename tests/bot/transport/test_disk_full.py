"""A disk that is full, a folder that is only to be read: who runs the bot is told, once, and it goes on answering."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.faults import Inquiry, answers
from tests.support.process import BEGUN, PATIENCE, copied, running
from tests.support.telegram import BotApi
from tests.support.telegram_http import serving
from tests.support.troubles import disk, full

ADMIN = 99


def told(api: BotApi) -> list[str]:
    return [call.text for call in api.arrived() if call.chat == ADMIN]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with disk(tmp_path / "disk", 200) as place:
        if place is None:
            pytest.skip("no disk of its own can be mounted here")
        yield place


def test_on_a_full_disk_questions_are_answered_and_an_administrator_is_told_once(
    data: Path, small: Path, tmp_path: Path
) -> None:
    own, inquiry, log, api = copied(data, small / "own"), Inquiry(), tmp_path / "log", BotApi()
    # an encoder that fails to unpack its weights would make room again
    with serving(api) as url, running(own, url, log, ZHIDIAN_ADMINS=str(ADMIN), ZHIDIAN_SEMANTIC="off"):
        api.deliver(inquiry.ask(1))
        api.wait_until(lambda: answers(api) == 1, PATIENCE)
        with full(small):
            for chat in range(2, 30):
                api.deliver(inquiry.ask(chat))
            assert api.wait_until(lambda: answers(api) == inquiry.number, PATIENCE)
        api.deliver(inquiry.ask(30))
        assert api.wait_until(lambda: len(told(api)) == 2, PATIENCE), told(api)
        assert api.wait_until(lambda: answers(api) == inquiry.number, PATIENCE)
    refused, again = told(api)
    assert refused.startswith("收件表写不进去：database or disk is full。提问照常回答")
    assert again == "收件表又能写了。"
    with closing(sqlite3.connect(own / "bot.db")) as db:
        assert db.execute("SELECT count(*) FROM inbox WHERE done IS NULL").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM questions").fetchone() == (30,)


def test_on_a_disk_that_is_only_to_be_read_the_bot_starts_and_says_so(data: Path, small: Path, tmp_path: Path) -> None:
    own, inquiry, log, api = copied(data, small / "own"), Inquiry(), tmp_path / "log", BotApi()
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    api.deliver(inquiry.ask(1), inquiry.ask(2))
    with serving(api) as url, running(own, url, log, ZHIDIAN_ADMINS=str(ADMIN), ZHIDIAN_SEMANTIC="off"):
        assert api.wait_until(lambda: answers(api) == 2 and bool(told(api)), PATIENCE), log.read_text("utf-8")
    [said] = told(api)
    assert said.startswith(f"{own} 里写不进任何东西：提问用它的一份副本来回答")
    assert BEGUN in log.read_text("utf-8")
