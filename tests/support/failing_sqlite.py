"""SQLite that fails at a chosen statement, as a disk does that gives an error in the middle of the work."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class FailingSqlite:
    """Counts the statements of all connections; `fails` gets the number of each, from 1, and says whether it fails."""

    def __init__(self) -> None:
        self.count = 0
        self.failed = 0
        self.fails: Callable[[int], bool] = lambda _: False
        self._lock = threading.Lock()

    def start(self, fails: Callable[[int], bool]) -> None:
        with self._lock:
            self.count = self.failed = 0
            self.fails = fails

    def step(self) -> None:
        with self._lock:
            self.count += 1
            if not self.fails(self.count):
                return
            self.failed += 1
        raise sqlite3.OperationalError("disk I/O error")

    @contextmanager
    def installed(self) -> Iterator[None]:
        """For connections that are opened meanwhile."""
        counter = self

        class FailingConnection(sqlite3.Connection):
            def execute(self, *arguments: Any, **named: Any) -> sqlite3.Cursor:
                if not str(arguments[0]).startswith(("ROLLBACK", "PRAGMA")):
                    counter.step()
                return super().execute(*arguments, **named)

            def executemany(self, *arguments: Any, **named: Any) -> sqlite3.Cursor:
                counter.step()
                return super().executemany(*arguments, **named)

        connect = sqlite3.connect

        def connect_failing(*arguments: Any, **named: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **{"factory": FailingConnection, **named})
            return connection

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sqlite3, "connect", connect_failing)
            yield
