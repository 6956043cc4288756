"""The data folder looked after, by the commands."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from retrieval.administration import maintenance
from retrieval.library import Library
from retrieval.storage.removals import Removals
from tests.conftest import ROOT
from tests.support.stories import ingest, story

NOW = datetime(2025, 10, 15, tzinfo=UTC)
STORIES = [
    story("Kites", "Kites fly higher than ever.", topic="Wind", published="2025-01-01T08:00"),
    story("Pigeons", "Pigeons carry mail.", topic="Mail", published="2025-06-01T08:00"),
    story("Drones", "Drones carry mail.", topic="Mail", published="2025-07-01T08:00"),
]


@pytest.fixture
def home(fresh: Path, tmp_path: Path) -> Path:
    library = Library(fresh)
    ingest(library, tmp_path, STORIES)
    library.warm()
    library.close()
    return fresh


def zhidian(data: Path, *arguments: str, stdin: str = "") -> tuple[int, str]:
    environ = {"ZHIDIAN_DATA": str(data), "TELEGRAM_BOT_TOKEN": "", "ZHIDIAN_SEEDS": str(data / "none")}
    result = CliRunner(env=environ).invoke(main, list(arguments), stdin)
    return result.exit_code, result.stdout


def titles(data: Path) -> dict[str, int]:
    """With what each was `first_seen` as."""
    library = Library(data)
    library.rebuild()
    found = {document.title: key for key, document in library.after(0, limit=1_000_000)}
    library.close()
    return found


def test_removed_stays_removed_in_a_corpus_made_anew(home: Path) -> None:
    before = titles(home)
    code, said = zhidian(home, "remove", "--topic", "Mail", "--before", "2025-06-30", stdin="n\n")
    assert (code, "Pigeons" in said, "Drones" in said) == (1, True, False)
    assert titles(home) == before
    assert zhidian(home, "remove", "--topic", "Mail", "--before", "2025-06-30", "--yes")[1].endswith("1 removed\n")
    left = {title: before[title] for title in ("Kites", "Drones")}
    assert titles(home) == left
    for name in ("corpus.db", "corpus.db-wal", "corpus.db-shm"):
        (home / name).unlink(missing_ok=True)
    shutil.rmtree(home / "index")
    assert titles(home) == left
    assert zhidian(home, "check") == (0, "all is well\n")
    [removed] = Removals(home / "removed.txt").ids()
    assert zhidian(home, "remove", "--undo", removed) == (0, "1 may come in again\n")
    library = Library(home)
    library.ingest([home / "sources"])
    library.close()
    assert titles(home).keys() == before.keys()


def without_corpus(data: Path) -> None:
    for name in ("corpus.db", "corpus.db-wal", "corpus.db-shm"):
        (data / name).unlink(missing_ok=True)
    shutil.rmtree(data / "index", ignore_errors=True)


def test_a_corpus_made_anew_has_the_order_in_which_documents_first_came(home: Path, tmp_path: Path) -> None:
    """Though a file came twice, and another's document was removed and let in again: what is followed goes by it."""
    library = Library(home)
    ingest(library, tmp_path, [story("Gulls", "Gulls eat fish.")], name="gulls.jsonl")
    ingest(library, tmp_path, STORIES)
    gulls = library.recent(9, "科创")[0].id
    library.remove([gulls])
    library.allow_again([gulls])
    ingest(library, tmp_path, [story("Gulls", "Gulls eat fish.")], name="gulls.jsonl")
    ingest(library, tmp_path, [story("Hens", "Hens lay eggs.")], name="hens.jsonl")
    library.close()
    before = titles(home)
    assert before == {"Kites": 1, "Pigeons": 2, "Drones": 3, "Gulls": 5, "Hens": 6}
    with (home / "first_seen.tsv").open("a") as file:
        file.write("7")  # of a process that was killed
    without_corpus(home)
    assert titles(home) == before
    library = Library(home)
    ingest(library, tmp_path, [story("Owls", "Owls see at night.")], name="owls.jsonl")
    library.close()
    without_corpus(home)
    assert titles(home) == before | {"Owls": 7}


def test_a_process_that_ended_while_it_made_a_corpus_anew_leaves_that_to_the_next(home: Path, tmp_path: Path) -> None:
    library = Library(home)
    ingest(library, tmp_path, [story("Gulls", "Gulls eat fish.")], name="gulls.jsonl")
    library.remove([library.recent(9, "科创")[0].id])
    library.close()
    before = titles(home)
    without_corpus(home)
    library = Library(home)

    def killed(_: str, done: int, __: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.rebuild(killed)
    library.close()
    assert titles(home) == before


def test_what_there_is_nothing_to_remove_of(home: Path) -> None:
    assert zhidian(home, "remove", "--topic", "No", "--yes")[0] == 1
    assert zhidian(home, "remove")[0] == 2


BREAKS = {
    "points of no document": "DELETE FROM documents WHERE title = 'Kites'",
    "points without tokens": "DELETE FROM tokens",
    "title's tokens": "DELETE FROM titles",
    "that were removed": "INSERT INTO removed (id) VALUES ('0123456789abcdef')",
    "stand there that": None,
    "index/ is damaged": None,
    "stand in no source": None,
    "never completed": None,
}


@pytest.mark.parametrize("wrong", BREAKS)
def test_what_is_wrong_is_said_and_mended(home: Path, wrong: str) -> None:
    assert zhidian(home, "check") == (0, "all is well\n")
    if sql := BREAKS[wrong]:
        with sqlite3.connect(home / "corpus.db") as db:
            db.execute("PRAGMA foreign_keys = off")
            db.execute(sql)
    elif wrong.startswith("stand there"):
        library = Library(home)
        Removals(home / "removed.txt").add([library.recent(1)[0].id])
        library.close()
    elif wrong.startswith("index"):
        [part] = (home / "index").glob("*.part")
        part.write_bytes(part.read_bytes()[:-9] + b"damaged!!")
    elif "source" in wrong:
        for path in (home / "sources").iterdir():
            path.unlink()
    else:
        (home / "sources" / ".half").write_text("x")
    code, said = zhidian(home, "check")
    assert (code, wrong in said) == (1, True)
    zhidian(home, "check", "--fix")
    library = Library(home)
    library.search("mail", now=NOW)
    library.close()
    assert zhidian(home, "check") == (0, "all is well\n")


def test_a_damaged_database_is_said(home: Path) -> None:
    (home / "bot.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    code, said = zhidian(home, "check", "--fix")
    assert code == 1
    assert "bot.db cannot be read" in said
    assert "backup" in said


def test_no_one_is_told_to_delete_a_database_that_may_not_be_opened(home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: another user's folder; run the tests as root")
    with TemporaryDirectory() as folder:
        own = Path(folder) / "own"
        shutil.copytree(home, own, ignore=shutil.ignore_patterns("lexicon.bin"))
        for path in (own.parent, own, *own.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        script = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from retrieval.administration.maintenance import check\n"
            "os.setgid(65534); os.setuid(65534)\n"
            "print(*[problem.text for problem in check(Path(sys.argv[1]))], sep='\\n')\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, own], capture_output=True, text=True, check=False, cwd=ROOT
        )
    assert "corpus.db cannot be read" in done.stdout, done.stderr
    assert "may be sound" in done.stdout
    assert "delete" not in done.stdout


def test_a_removal_leaves_nothing_to_do(home: Path, tmp_path: Path) -> None:
    kites = tmp_path / "kites.md"
    kites.write_text(
        "---\ntitle: Kites\noutlet: 新京报\npublished: 2025-07-01\ntopic: Wind\n---\nKites fly.\n", "utf-8"
    )
    assert zhidian(home, "ingest", str(kites))[0] == 0
    assert zhidian(home, "remove", "--topic", "Wind", "--yes")[1].endswith("2 removed\n")
    assert zhidian(home, "check") == (0, "all is well\n")


def test_a_backup_while_it_is_written_to_is_a_data_folder(home: Path, tmp_path: Path) -> None:
    library = Library(home)
    Removals(home / "removed.txt").add(["0" * 16])
    (home / "aliases.tsv").write_text("a = b\n")
    copy = maintenance.backup(home, tmp_path / "copies", NOW)
    ingest(library, tmp_path, [story("Late", "Too late for the backup.")])
    library.close()
    assert [path.name for path in (tmp_path / "copies").iterdir()] == [copy.name]
    assert (copy / "aliases.tsv").read_text() == "a = b\n"
    assert titles(copy) == {"Kites": 1, "Pigeons": 2, "Drones": 3}
    assert zhidian(copy, "check") == (0, "all is well\n")
    assert zhidian(home, "backup", str(tmp_path / "copies"))[0] == 0


def ingest_forever(data: Path, life: int) -> None:
    """A file after the other, none twice in all lives; the name of each is printed once it is taken in."""
    library = Library(data)
    for number in count(10_000 * life):
        lines = [story(f"T{number} {n}", f"Story {number} of {n}.") for n in range(40)]
        ingest(library, data.parent, lines, name=f"{number}.jsonl")
        print(number, flush=True)  # noqa: T201


def killed(data: Path, kills: int, seed: int = 3) -> tuple[int, int]:
    """Documents acknowledged in all lives, and how many of them are missing; AssertionError where a check fails."""
    chance = Random(seed)
    acknowledged: set[str] = set()
    for life in range(kills):
        code = f"import pathlib, {__name__} as t; t.ingest_forever(pathlib.Path({str(data)!r}), {life})"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            done = [process.stdout.readline().strip() for _ in range(chance.randint(1, 3))]
            time.sleep(chance.uniform(0, 0.1))
            process.kill()
            done += process.stdout.read().split()
        acknowledged |= {f"T{number} {n}" for number in done for n in range(40)}
        for problem in maintenance.check(data, fix=True):
            assert problem.mended, problem.text
        assert list(maintenance.check(data)) == []
    return len(acknowledged), len(acknowledged - titles(data).keys())


def test_ten_kills_of_an_ingest_lose_nothing_acknowledged(fresh: Path) -> None:
    acknowledged, missing = killed(fresh, 10)
    assert acknowledged
    assert not missing
