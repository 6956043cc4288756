"""bot.db while another program holds it, and where it is damaged or empty."""

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot import schema as bot_schema
from bot.schema import upgrade
from bot.transport.inbox_table import inbox_migrations
from retrieval.storage.store import DamagedDatabaseError, Store
from tests.support import troubles
from tests.support.process import PATIENCE, ZHIDIAN, copied, environment, running
from tests.support.telegram import BotApi, Updates
from tests.support.telegram_http import serving

OPERATOR = 99
QUESTION = "怀柔科学城面积多大?"


def test_questions_are_answered_while_another_program_locks_the_database_and_kept_when_it_ends(
    data: Path, tmp_path: Path
) -> None:
    api, updates, own = BotApi(), Updates(), copied(data, tmp_path / "own")

    def answered(count: int) -> bool:
        return sum("100.9" in call.parameters["text"] for call in api.arrived()) >= count

    with serving(api) as url, running(own, url, tmp_path / "log", ZHIDIAN_ADMINS=str(OPERATOR)):
        api.deliver(updates.private(QUESTION))
        assert api.wait_until(lambda: answered(1), PATIENCE)
        with troubles.locked(own):
            for number in (2, 3, 4):
                api.deliver(updates.private(QUESTION))
                # A tenth of what it was: the machine may be busy.
                assert api.wait_until(lambda number=number: answered(number), 6)  # type: ignore[misc]
        assert api.wait_until(lambda: any("又能写了" in call.parameters["text"] for call in api.arrived()), PATIENCE)
    told = [call.parameters["text"] for call in api.arrived() if call.chat == OPERATOR]
    assert "别的程序锁住了 bot.db" in told[0]
    assert "腾出空间" not in told[0]
    with closing(sqlite3.connect(own / "bot.db")) as db:
        assert db.execute("SELECT count(*) FROM questions").fetchone() == (4,)
        assert db.execute("SELECT count(*) FROM inbox WHERE done IS NULL").fetchone() == (0,)


@pytest.mark.parametrize("content", [b"not a database" * 500, b""], ids=["damaged", "empty"])
def test_a_damaged_or_empty_database_is_named_with_a_remedy(data: Path, tmp_path: Path, content: bytes) -> None:
    own = copied(data, tmp_path / "own")
    (own / "bot.db").write_bytes(content)
    with pytest.raises(DamagedDatabaseError, match="backup"):
        upgrade(own)
    done = subprocess.run(
        [*ZHIDIAN, "run", "--data", str(own)],
        cwd=own,
        env=environment(TELEGRAM_BOT_TOKEN="1:x", TELEGRAM_API_URL="http://127.0.0.1:9/bot"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith(f"Error: {own / 'bot.db'} is damaged")
    assert "Traceback" not in done.stderr
    assert (own / "bot.db").read_bytes() == content


def test_a_first_start_that_was_cut_off_is_no_damage(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = copied(data, tmp_path / "own")

    def cut_off(*_: object) -> None:
        (own / "bot.db").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(bot_schema, "migrate", cut_off)
        with pytest.raises(KeyboardInterrupt):
            upgrade(own)
    upgrade(own)
    assert (own / "bot.db").stat().st_size
    assert not list(own.glob("*.creating"))
    (own / "bot.db").write_bytes(b"")
    with pytest.raises(DamagedDatabaseError, match="empty"):
        upgrade(own)


@pytest.mark.parametrize("store", [Store.rows, Store.write], ids=["read", "written"])
def test_what_cannot_be_marked_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Callable[..., object]
) -> None:
    """A moment later a full disk may have room for an empty file, which the next start would call emptied."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    opened = Store(tmp_path / "bot.db", inbox_migrations)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "touch", full)
        upgrade(tmp_path)
        with pytest.raises(sqlite3.OperationalError, match="cannot be made"):
            store(opened, "SELECT 1")
        assert not (tmp_path / "bot.db").exists()
    store(opened, "SELECT 1")
    opened.close()
    assert (tmp_path / "bot.db").stat().st_size
    assert not list(tmp_path.glob("*.creating"))


def test_damage_in_the_middle_is_named_too(tmp_path: Path) -> None:
    upgrade(tmp_path)
    with closing(sqlite3.connect(tmp_path / "bot.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
    body = bytearray((tmp_path / "bot.db").read_bytes())
    body[4096 : 3 * 4096] = b"\x5a" * (2 * 4096)
    (tmp_path / "bot.db").write_bytes(body)
    with pytest.raises(DamagedDatabaseError, match="backup"):
        upgrade(tmp_path)


@pytest.mark.parametrize("file_mode", [0o644, 0o444])
def test_a_folder_that_may_only_be_read_works_with_a_cache_that_may_not(data: Path, file_mode: int) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: another user's folder; run the tests as root")
    with TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        own = copied(data, place / "own")
        (own / "cache" / "jieba.cache").touch()
        for path in (own, *own.rglob("*")):
            path.chmod((file_mode | 0o111) if path.is_dir() else file_mode)
        (own / "cache" / "jieba.cache").chmod(0o600)
        script = (
            "import os, sys, encodings.idna, bot.schema\n"
            "from pathlib import Path\n"
            "from bot.cli.readonly_data import ensure_writable\n"
            "from bot.render.i18n import say_in\n"
            "from bot.settings import Settings\n"
            "say = say_in('en')\n"
            "os.setgid(65534); os.setuid(65534)\n"
            "with ensure_writable(Settings(data=Path(sys.argv[1]))) as (settings, notice):\n"
            "    print(notice(say), sorted(path.name for path in settings.data.rglob('*')))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(own)],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert "answered from a copy" in done.stdout, done.stderr
        assert "corpus.db" in done.stdout
        assert "jieba.cache" not in done.stdout
