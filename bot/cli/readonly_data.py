"""Copies a read-only data folder to a writable one for this run; a folder on a full disk is used as it is."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from bot.settings import ConfigError, Settings

if TYPE_CHECKING:
    from bot.render.i18n import Localized


@contextmanager
def ensure_writable(settings: Settings) -> Iterator[tuple[Settings, "Localized | None"]]:
    """The settings with a writable data folder, and a notice for the operator if that is a temporary copy."""
    if not settings.data.is_dir() or _is_writable(settings.data):
        yield settings, None
        return
    from bot.schema import drop_pending_work

    with TemporaryDirectory(prefix="zhidian-") as folder:
        copy = Path(folder) / "data"
        try:
            shutil.copytree(settings.data, copy, ignore=_omitted)
            _permit_writing(copy)
            drop_pending_work(copy)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"ZHIDIAN_DATA: nothing can be written to {settings.data}, nor copied: {error}") from None
        folder_named = str(settings.data)
        yield settings.model_copy(update={"data": copy}), lambda say: say("alarm-read-only", folder=folder_named)


@contextmanager
def settings_to_read(data: Path | None) -> Iterator[Settings]:
    """For a command that asks and changes nothing: what it would write beside, such as an index, it writes to a copy
    where the folder is read-only, and says so."""
    settings = Settings.load(data)
    with ensure_writable(settings) as (writable, notice):
        if notice:
            text = f"nothing can be written to {settings.data}: this is answered from a copy of it, and nothing is kept"
            click.echo(text, err=True)
        yield writable


def _permit_writing(folder: Path) -> None:
    """A copy has the permissions of what was copied, which may be read and no more."""
    folder.chmod(0o700)
    for path in folder.iterdir():
        if path.is_dir():
            _permit_writing(path)
        else:
            path.chmod(0o600)


def _omitted(folder: str, names: list[str]) -> set[str]:
    """What the copy need not have, such as files of the cache that this user may not read: they are made anew."""
    omitted = shutil.ignore_patterns("sources", "*.before-*")(folder, names)
    if Path(folder).name == "cache":
        omitted |= {name for name in names if not os.access(Path(folder) / name, os.R_OK)}
    elif not os.access(Path(folder) / "cache", os.R_OK | os.X_OK):
        omitted |= {"cache"}
    return omitted


def _is_writable(folder: Path) -> bool:
    """Writes a file, since permissions do not tell of a disk that is mounted read-only."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return True
