"""Checks the data folder: writable, with room; its databases, dictionary, corpus and index."""

import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from bot.doctor.finding import Finding
from bot.schema import MIGRATION_OWNERS
from retrieval.administration import maintenance
from retrieval.administration.maintenance import list_backups
from retrieval.language import dictionary_builder
from retrieval.model.errors import CorpusError
from retrieval.model.outlets import outlet
from retrieval.storage import schema
from retrieval.storage.inspection import DatabaseHealth, count_contents, count_outlets, inspect

INSPECTION_SECONDS = 8.0  # for one database: enough for about 1 GB
MAX_OUTLETS_SHOWN = 10
MAX_FILES_LOOKED_AT = 2_000
OTHERS = stat.S_IRWXG | stat.S_IRWXO
MIN_FREE_BYTES, LOW_FREE_BYTES = 50 << 20, 500 << 20  # below the first SQLite soon fails
MAX_CLOCK_LAG_SECONDS = 60.0  # by which a file may be newer than the clock
MIGRATION_SETS = {"corpus.db": (schema.corpus_migrations,), "bot.db": MIGRATION_OWNERS}


def check_folder(data: Path, seeds: Path) -> Iterator[Finding]:
    if not data.is_dir():
        yield _missing(data)
        return
    yield _writable(data)
    yield from _exposed(data)
    yield check_space(shutil.disk_usage(data).free, sum(file.stat().st_size for file in data.glob("*.db")))
    yield from _clock(data, time.time())
    yield _dictionary(data / "lexicon.bin")
    databases = {name: check_database(data / name) for name in MIGRATION_SETS}
    yield from databases.values()
    if databases["corpus.db"].severity == "ok":
        yield from _corpus(data, seeds)


def _missing(data: Path) -> Finding:
    if data.exists():
        return Finding("error", "data folder", f"{data} is no folder", "ZHIDIAN_DATA names another, or move it away")
    parent = next(folder for folder in data.absolute().parents if folder.exists())
    if not os.access(parent, os.W_OK):
        text = f"there is no {data}, and {parent} takes none"
        return Finding("error", "data folder", text, f"make it, writable for {_user()}")
    return Finding("warning", "data folder", f"there is no {data} yet", "the first `zhidian run` makes it")


def _writable(data: Path) -> Finding:
    """Writes a file, since permissions do not tell of a disk that is mounted read-only."""
    try:
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as error:
        text = f"{data}: nothing can be written: {error.strerror}"
        return Finding("error", "data folder", text, f"let {_user()} write there")
    if foreign := [file.name for file in sorted(data.iterdir()) if not os.access(file, os.W_OK)]:
        text = f"{', '.join(foreign[:3])} cannot be written, though the folder can"
        return Finding("error", "data folder", text, f"chown -R {_user()} {data}: another user ran the bot")
    return Finding("ok", "data folder", f"{data} can be written")


def _exposed(data: Path) -> Iterator[Finding]:
    """What the group and others of this machine may do with it; the bot itself makes nothing that they may."""
    paths = [data, *sorted(data.rglob("*"))][:MAX_FILES_LOOKED_AT]
    if exposed := [path for path in paths if not path.is_symlink() and _mode(path) & OTHERS]:
        text = f"other users of this machine may open {exposed[0]}" + (
            f" and {len(exposed) - 1} more" if len(exposed) > 1 else ""
        )
        yield Finding("warning", "privacy", text, f"chmod -R go= {data}")


def _mode(path: Path) -> int:
    """0 for a file that the running bot has deleted meanwhile."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0


def check_backups(data: Path, log_days: int, now: datetime) -> Iterator[Finding]:
    """Backups and copies that are older than what is kept: /forget and the retention do not reach into them."""
    before = (now - timedelta(days=log_days)).timestamp()
    copies = [path for path in data.glob("bot.db.before-*") if path.stat().st_mtime < before]
    for path in [*copies, *(path for path, made in list_backups(data) if made.timestamp() < before)]:
        text = f"{path} is older than {log_days} days (ZHIDIAN_LOG_DAYS): what was erased since is still in it"
        yield Finding("warning", "backup", text, f"make a new one with `zhidian backup`, and delete it: rm -r {path}")


def check_space(free: int, used: int) -> Finding:
    """In bytes. An upgrade copies the databases first, so it needs as much again as they take."""
    text = f"{free >> 20:,} MB free, the databases take {used >> 20:,} MB"
    if free < MIN_FREE_BYTES:
        return Finding("error", "disk", text, "make room: nothing more can be kept soon")
    if free < LOW_FREE_BYTES or free < used:
        return Finding("warning", "disk", text, "make room: an upgrade copies the databases first")
    return Finding("ok", "disk", text)


def _clock(data: Path, now: float) -> Iterator[Finding]:
    """After a clock was set back, files are newer than now."""
    lag = max((file.stat().st_mtime for file in data.glob("*.db*")), default=now) - now
    if lag > MAX_CLOCK_LAG_SECONDS:
        text = f"this machine's clock is {lag:,.0f} s behind what was last written"
        yield Finding("warning", "clock", text, "timedatectl set-ntp true; until it is right, digests wait")


def _dictionary(path: Path) -> Finding:
    try:
        if dictionary_builder.is_current(path):
            return Finding("ok", "dictionary", f"{path.name} is up to date")
    except PackageNotFoundError as error:
        return Finding("error", "dictionary", f"{error.name} is not installed", "pip install -c constraints.txt .")
    state = "is of another version" if path.exists() else "is not there yet"
    return Finding("warning", "dictionary", f"{path.name} {state}", "the next start compiles it, in half a minute")


def check_database(path: Path) -> Finding:
    if not path.exists():
        return Finding("warning", path.name, "it is not there yet", "the first start makes it")
    remedy = "stop the bot and restore it from a backup"
    if path.name == "corpus.db":
        remedy = "stop the bot and delete it: it is made anew from sources/"
    try:
        health = inspect(path, MIGRATION_SETS[path.name], INSPECTION_SECONDS)
    except sqlite3.Error as error:
        return Finding("error", path.name, f"it cannot be read: {error}", remedy)
    if health.damage:
        return Finding("error", path.name, f"it is damaged: {health.damage}", remedy)
    return _version(path.name, health)


def _version(name: str, health: DatabaseHealth) -> Finding:
    if health.later:
        text = f"a later version of Zhidian wrote it ({', '.join(health.later)})"
        return Finding("error", name, text, "update Zhidian")
    if health.pending:
        text = f"it is of an earlier version ({len(health.pending)} steps behind)"
        return Finding("warning", name, text, "the next start copies it and brings it up to date")
    if health.incomplete:
        text = f"of this version; in {INSPECTION_SECONDS:.0f} s not all of it was looked at"
        return Finding("ok", name, text, "`zhidian check` takes the time")
    return Finding("ok", name, "whole, and of this version")


def _corpus(data: Path, seeds: Path) -> Iterator[Finding]:
    documents, points = count_contents(data / "corpus.db")
    if documents:
        yield Finding("ok", "corpus", f"{documents:,} documents, {points:,} points")
        yield from _outlets(data / "corpus.db")
    else:
        text = "it is empty" if seeds.is_dir() else f"it is empty, and ZHIDIAN_SEEDS has no {seeds}"
        yield Finding("warning", "corpus", text, "`zhidian ingest FILE…`, or `zhidian feed add URL`")
    if documents or seeds.is_dir():
        yield _index(data)


def _outlets(corpus: Path) -> Iterator[Finding]:
    """Outlets that the registry lacks have one name only: neither pinyin nor English finds them."""
    unknown = {name: count for name, count in count_outlets(corpus).items() if not _is_known(name)}
    if unknown:
        named = ", ".join(f"{name} ({count:,})" for name, count in list(unknown.items())[:MAX_OUTLETS_SHOWN])
        more = f" and {len(unknown) - MAX_OUTLETS_SHOWN} more" if len(unknown) > MAX_OUTLETS_SHOWN else ""
        text = f"unknown to the registry: {named}{more}"
        remedy = "nothing is lost; retrieval/model/outlets.toml is where they would get their other names"
        yield Finding("ok", "outlets", text, remedy)


def _is_known(name: str) -> bool:
    found = outlet(name)
    return bool(found.pinyin or found.english)


def _index(data: Path) -> Finding:
    try:
        damaged = [problem.text for problem in maintenance.check_index(data)]
    except (sqlite3.Error, CorpusError, OSError) as error:
        return Finding("warning", "index", f"it cannot be looked at: {error}", "see `zhidian check`")
    if damaged:
        return Finding("warning", "index", damaged[0], "`zhidian check --fix`, where no start follows")
    if (data / "index").exists():
        return Finding("ok", "index", "of this corpus")
    return Finding("warning", "index", "it is not there yet", "the next start makes it")


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
