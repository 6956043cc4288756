"""The real process, in a data folder of its own: a developer's .env must not start a real bot from there."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.telegram import TOKEN

PATIENCE = 60  # seconds before a hanging process fails the test; usually it takes two
BEGUN = "Application started"  # in its log; before that a SIGTERM finds a process that is still loading
ZHIDIAN = [sys.executable, "-m", "bot"]


def environment(**extra: str) -> dict[str, str]:
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("ZHIDIAN_", "TELEGRAM_"))}
    return keep | {"TELEGRAM_BOT_TOKEN": ""} | extra


def copied(data: Path, to: Path) -> Path:
    """The folder with its corpus, for a process that writes to it."""
    return Path(shutil.copytree(data, to, ignore=shutil.ignore_patterns("bot.db*", "*.sock")))


def first_folder(data: Path, to: Path) -> Path:
    """A folder as before its first start, but with the dictionary, which takes half a minute to compile."""
    to.mkdir()
    shutil.copy(data / "lexicon.bin", to)
    shutil.copytree(data / "cache", to / "cache")
    return to


@contextmanager
def started(data: Path, api_url: str, log: Path, **extra: str) -> Iterator[subprocess.Popen[bytes]]:
    """The bot, whatever becomes of it; at the latest it ends here."""
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [*ZHIDIAN, "run", "--data", str(data)],
            cwd=data,
            env=environment(TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=api_url, **extra),
            stderr=stream,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
    assert TOKEN not in log.read_text("utf-8")


@contextmanager
def running(data: Path, api_url: str, log: Path, **extra: str) -> Iterator[None]:
    """The bot from its start to a SIGTERM, which it must obey with exit code 0 once it has begun to run."""
    lives = log.read_text("utf-8").count(BEGUN) if log.exists() else 0
    with started(data, api_url, log, **extra) as process:
        yield
        deadline = time.monotonic() + PATIENCE
        while log.read_text("utf-8").count(BEGUN) == lives and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE)
    assert code == 0, log.read_text("utf-8")
