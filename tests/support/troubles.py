"""What goes wrong around the process: its disk, its databases, its clock, its corpus. Each lasts as its block does."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.support.process import PATIENCE, environment

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)  # Debian's package faketime


@contextmanager
def disk(place: Path, megabytes: int) -> Iterator[Path | None]:
    """A disk of its own, in memory; None where this process may not mount one."""
    place.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        yield None
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def full(place: Path) -> Iterator[None]:
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):  # the last kilobytes, too
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def readonly(place: Path) -> Iterator[None]:
    """Of a disk as `disk` makes one."""
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)


@contextmanager
def locked(data: Path, name: str = "bot.db") -> Iterator[None]:
    """By another process's transaction: nobody else writes. Waits for the file, which sqlite3 would make empty."""
    deadline = time.monotonic() + PATIENCE
    while not (data / name).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    uri = f"{(data / name).resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        yield
        db.execute("ROLLBACK")


def swapped(data: Path, number: int) -> None:
    """Another process takes in a document."""
    document = {
        "title": f"Harbour notes {number}",
        "outlet": "Harbour Daily",
        "published": "2026-01-01T08:00+08:00",
        "topic": "Harbours",
        "points": [{"section": "", "text": f"Crane number {number} was put up"}],
    }
    file = data.parent / f"swapped-{number}.jsonl"
    file.write_text(json.dumps(document), "utf-8")
    command = [sys.executable, "-m", "bot", "ingest", "--data", str(data), str(file)]
    subprocess.run(command, cwd=data, env=environment(), check=True, capture_output=True, timeout=PATIENCE)


class Clock:
    """The clock of a process that is started with `environment`, and of no other."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.jump(0)

    @property
    def environment(self) -> dict[str, str]:
        if FAKETIME is None:
            return {}
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def jump(self, seconds: int) -> None:
        """From the true time."""
        self._file.write_text(f"{seconds:+d}\n", "utf-8")
