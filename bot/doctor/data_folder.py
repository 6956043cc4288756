"""The data folder: there, writable, with room; its databases, its dictionary and its index."""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from bot.doctor.finding import Finding
from bot.schema import MIGRATION_OWNERS
from retrieval import maintenance
from retrieval.language import dictionary_builder
from retrieval.model.errors import CorpusError
from retrieval.storage import schema
from retrieval.storage.inspection import DatabaseHealth, UnreadableError, count_contents, inspect

CHECK_SECONDS = 8.0  # for a look at a database: 1 GB or so
ROOM, LITTLE = 50 << 20, 500 << 20  # bytes free: below the first SQLite soon fails, below the second a look is due
MAX_CLOCK_AHEAD_SECONDS = 60.0  # seconds that a file may be newer than the clock
MIGRATION_SETS = {"corpus.db": (schema.corpus_migrations,), "bot.db": MIGRATION_OWNERS}


def check_folder(data: Path, seeds: Path) -> Iterator[Finding]:
    if not data.is_dir():
        yield _missing(data)
        return
    yield from _writable(data)
    yield check_space(shutil.disk_usage(data).free, sum(one.stat().st_size for one in data.glob("*.db")))
    yield from _time(data, time.time())
    yield _dictionary(data / "lexicon.db")
    states = [(name, check_database(data / name)) for name in MIGRATION_SETS]
    yield from (found for _, found in states)
    if dict(states)["corpus.db"].severity == "well":
        yield from _corpus(data, seeds)


def _missing(data: Path) -> Finding:
    if data.exists():
        return Finding("fault", "data folder", f"{data} is no folder", "ZHIDIAN_DATA names another, or move it away")
    parent = next(one for one in (data.absolute(), *data.absolute().parents) if one.exists())
    if not os.access(parent, os.W_OK):
        return Finding(
            "fault",
            "data folder",
            f"there is no {data}, and {parent} takes none",
            f"make it, writable for {check_user()}",
        )
    return Finding("mind", "data folder", f"there is no {data} yet", "the first `zhidian run` makes it")


def _writable(data: Path) -> Iterator[Finding]:
    """Tried, since rights alone do not say it: the disk may be mounted read-only."""
    try:
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as error:
        yield Finding(
            "fault",
            "data folder",
            f"{data}: nothing can be written: {error.strerror}",
            f"let {check_user()} write there",
        )
        return
    if others := [one.name for one in sorted(data.iterdir()) if not os.access(one, os.W_OK)]:
        text = f"{', '.join(others[:3])} cannot be written, though the folder can"
        yield Finding("fault", "data folder", text, f"chown -R {check_user()} {data}: another user ran the bot")
    else:
        yield Finding("well", "data folder", f"{data} can be written")


def check_space(free: int, used: int) -> Finding:
    """An upgrade copies the databases first, so as much as they take is to be free."""
    text = f"{free >> 20:,} MB free, the databases take {used >> 20:,} MB"
    if free < ROOM:
        return Finding("fault", "disk", text, "make room: nothing more can be kept soon")
    if free < LITTLE or free < used:
        return Finding("mind", "disk", text, "make room: an upgrade copies the databases first")
    return Finding("well", "disk", text)


def _time(data: Path, now: float) -> Iterator[Finding]:
    """A clock that went back: what was written lies ahead of it."""
    ahead = max((one.stat().st_mtime for one in data.glob("*.db*")), default=now) - now
    if ahead > MAX_CLOCK_AHEAD_SECONDS:
        text = f"this machine's clock is {ahead:,.0f} s behind what was last written"
        yield Finding("mind", "clock", text, "timedatectl set-ntp true; until it is right, digests wait")


def _dictionary(path: Path) -> Finding:
    try:
        if dictionary_builder.is_current(path):
            return Finding("well", "dictionary", f"{path.name} is of what is installed")
    except PackageNotFoundError as error:
        return Finding("fault", "dictionary", f"{error.name} is not installed", "pip install -c constraints.txt .")
    made = "is of another version" if path.exists() else "is not there yet"
    return Finding("mind", "dictionary", f"{path.name} {made}", "the next start compiles it, in half a minute")


def check_database(path: Path) -> Finding:
    if not path.exists():
        return Finding("mind", path.name, "it is not there yet", "the first start makes it")
    remedy = "stop the bot and restore it from a backup"
    if path.name == "corpus.db":
        remedy = "stop the bot and delete it: it is made anew from sources/"
    try:
        found = inspect(path, MIGRATION_SETS[path.name], CHECK_SECONDS)
    except UnreadableError as error:
        return Finding("fault", path.name, f"it cannot be read: {error}", remedy)
    if found.damage:
        return Finding("fault", path.name, f"it is damaged: {found.damage}", remedy)
    return check_version(path.name, found)


def check_version(name: str, found: DatabaseHealth) -> Finding:
    if found.later:
        text = f"a later version of Zhidian wrote it ({', '.join(found.later)})"
        return Finding("fault", name, text, "update Zhidian")
    if found.pending:
        text = f"it is of an earlier version ({len(found.pending)} steps behind)"
        return Finding("mind", name, text, "the next start copies it and brings it up to date")
    if found.hurried:
        text = f"of this version; in {CHECK_SECONDS:.0f} s not all of it was looked at"
        return Finding("well", name, text, "`zhidian check` takes the time")
    return Finding("well", name, "whole, and of this version")


def _corpus(data: Path, seeds: Path) -> Iterator[Finding]:
    documents, points = count_contents(data / "corpus.db")
    if documents:
        yield Finding("well", "corpus", f"{documents:,} documents, {points:,} points")
    elif seeds.is_dir():
        yield Finding("mind", "corpus", "it is empty", "`zhidian ingest FILE…`, or `zhidian feed add URL`")
    else:
        text = f"it is empty, and ZHIDIAN_SEEDS has no {seeds}"
        yield Finding("mind", "corpus", text, "`zhidian ingest FILE…`, or `zhidian feed add URL`")
        return
    try:
        damaged = [problem.text for problem in maintenance.index(data)]
    except (sqlite3.Error, CorpusError, OSError) as error:
        yield Finding("mind", "index", f"it cannot be looked at: {error}", "see `zhidian check`")
        return
    if damaged:
        yield Finding("mind", "index", damaged[0], "`zhidian check --fix`, where no start follows")
    elif (data / "index").exists():
        yield Finding("well", "index", "of this corpus")
    else:
        yield Finding("mind", "index", "it is not there yet", "the next start makes it")


def check_user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
