"""Locks a data folder for one running bot: a folder goes in; a second process gets the number of the first."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.settings import ConfigError

log = logging.getLogger(__name__)

LOCK_NAME = "bot.lock"  # holds the process's number; the system frees the lock however the process ends


@contextmanager
def hold_lock(data: Path) -> Iterator[None]:
    """ConfigError where another process holds it. A folder that cannot be locked, such as on a full disk, is used."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        log.warning("%s cannot be locked against a second bot: %s", data, error)
        yield
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            number = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            raise ConfigError(
                f"ZHIDIAN_DATA: the bot is already running on {data}, pid {number}; stop that process first"
            ) from None
        except OSError as error:  # some network file systems have no locks
            log.warning("%s cannot be locked against a second bot: %s", data, error)
        else:
            _write_number(descriptor)
        yield
    finally:
        os.close(descriptor)


def _write_number(descriptor: int) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        log.info("the lock does not name this process: %s", error)
