"""Preferences in bot.db: a person or group goes in, its language, hour, time zone and consent come out."""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.render.i18n import LANGUAGES, Language, reader_language
from retrieval.runtime.background import PollingThread
from retrieval.runtime.cache import BoundedCache
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store

MAX_KNOWN_OWNERS = 10_000  # in memory: a megabyte
HINT_SECONDS = 2.0  # that a hint waits for others

preference_migrations = Migrations("people")


@preference_migrations()
def m001_preferences(db: Database) -> None:
    """`owner` is a person's id, which is also the private chat's, or a group's, which is negative."""
    db.table("preferences").create({"owner": int, "language": str, "hour": str, "zone": str}, pk="owner")


@preference_migrations()
def m002_open(db: Database) -> None:
    db.table("preferences").add_column("open", int)


@preference_migrations()
def m003_model(db: Database) -> None:
    """`told` is the host of the model that the chat was told its questions go to."""
    for column, kind in {"untranslated": int, "uncomposed": int, "told": str}.items():
        db.table("preferences").add_column(column, kind)


@preference_migrations()
def m004_hinted(db: Database) -> None:
    """`hinted` is the last day (Beijing) on which the chat was told how Telegram translates a message."""
    db.table("preferences").add_column("hinted", str)


@dataclass(frozen=True, slots=True)
class Preferences:
    """`hour` is a local time (07:30) in `zone`, an IANA name; `open`: operators may see the person's own words.

    `untranslated` and `uncomposed`: without what a language model adds. `told` is the host of the model to which the
    chat was told that its questions go; empty where it was told of none. `hinted` is the last day on which it was told
    how Telegram translates.
    """

    language: Language | None = None
    hour: str | None = None
    zone: str | None = None
    open: bool = False
    untranslated: bool = False
    uncomposed: bool = False
    told: str = ""
    hinted: str = ""


class PreferenceStore:
    """The only writer of its table: what was read or chosen is kept, until a person is erased or moves.

    Who was told how Telegram translates is written HINT_SECONDS later: every second answer tells somebody. A process
    that is killed in that time tells them once more.
    """

    def __init__(self, path: Path) -> None:
        self._store = Store(path, preference_migrations)
        self._hints: dict[int, str] = {}  # days by chat, of those that are not written yet
        self._hint_writer: PollingThread | None = None
        self._known: BoundedCache[int | None, Preferences] = BoundedCache(MAX_KNOWN_OWNERS)
        self._is_whole = False  # whether whoever is not in `_known` chose nothing
        self._changing = threading.RLock()  # what was read before a change must not be kept after it

    def close(self) -> None:
        if self._hint_writer:
            self._hint_writer.close()
        self._try_writing_hints()
        self._store.close()

    def language(self, owners: Sequence[int | None], code: str | None, text: str = "") -> Language:
        """What the first of `owners` that chose one chose, else Telegram's language `code`, else the text's."""
        for owner in owners:
            if owner is not None and (chosen := self.preferences(owner).language):
                return chosen
        return reader_language(code, text)

    def known_language(self, owners: Sequence[int | None], code: str | None, text: str = "") -> Language | None:
        """As `language`, without blocking; None where it must be read."""
        for owner in owners:
            if owner is None:
                continue
            if (known := self.known(owner)) is None:
                return None
            if known.language:
                return known.language
        return reader_language(code, text)

    def preferences(self, owner: int | None) -> Preferences:
        if known := self.known(owner):
            return known
        with self._changing:
            if (known := self.known(owner)) is None:
                self._known[owner] = known = self._read(owner)
        return known

    def known(self, owner: int | None) -> Preferences | None:
        """As `preferences`, without blocking; None where they must be read."""
        is_whole, known = self._is_whole, self._known.get(owner)
        if known is None and is_whole and self._is_whole:  # else all may have been forgotten between the two
            known = Preferences()
        hinted = self._hints.get(owner) if known and owner is not None else None
        return replace(known, hinted=hinted) if known and hinted else known

    def remember_all(self) -> None:
        """Lets `known_language` know of everybody, unless there are too many."""
        with self._changing:
            rows = [] if self._is_whole else self._store.rows("SELECT * FROM preferences LIMIT ?", [MAX_KNOWN_OWNERS])
            if not self._is_whole and len(rows) < MAX_KNOWN_OWNERS:
                self._known.clear()
                for row in rows:
                    self._known[row["owner"]] = _from_row(row)
                self._is_whole = True

    def _read(self, owner: int | None) -> Preferences:
        rows = self._store.rows("SELECT * FROM preferences WHERE owner = ?", [owner])
        return next(map(_from_row, rows), Preferences())

    def choose(self, owner: int, chosen: Preferences) -> None:
        """What is known of others stays in memory: chats choose, or are told something, all day."""
        sql = """INSERT OR REPLACE INTO preferences
            (owner, language, hour, zone, open, untranslated, uncomposed, told, hinted)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
        with self._changing:
            try:
                self._store.write(sql, [owner, *astuple(chosen)])
            except BaseException:
                self._forget_known()
                raise
            self._keep(owner, chosen)

    def tell(self, owner: int, host: str) -> None:
        """Notes that the chat was told of the model there."""
        with self._changing:
            self.choose(owner, replace(self._read(owner), told=host))

    def hint(self, owner: int, day: date) -> None:
        """Notes, without blocking, that the chat was told of Telegram's translation on that day."""
        self._hints[owner] = day.isoformat()
        if self._hint_writer is None:
            self._hint_writer = PollingThread("hints", self._write_gathered, "hints could not be written")
        self._hint_writer.wake()

    def agreed(self) -> frozenset[int]:
        rows = self._store.rows("SELECT owner FROM preferences WHERE open AND owner > 0")
        return frozenset(row["owner"] for row in rows)

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        self._write_hints()
        return {"preferences": self._store.rows("SELECT * FROM preferences WHERE owner = ?", [user])}

    def forget(self, user: int) -> int:
        return self._erase(user)

    def move(self, chat: int, to: int) -> None:
        self._write("UPDATE OR REPLACE preferences SET owner = ? WHERE owner = ?", [to, chat])

    def left(self, chat: int) -> None:
        self._erase(chat)

    def _erase(self, owner: int) -> int:
        with self._changing:
            self._write_hints()  # else its hint would be written afterwards
            return self._write("DELETE FROM preferences WHERE owner = ?", [owner])

    def _write(self, sql: str, values: Sequence[object]) -> int:
        with self._changing:
            try:
                return self._store.write(sql, values)
            finally:
                self._forget_known()

    def _write_gathered(self) -> None:
        if writer := self._hint_writer:
            writer.closing.wait(HINT_SECONDS)
        self._try_writing_hints()

    def _try_writing_hints(self) -> None:
        """What the disk refuses waits for the next; the inbox reports it."""
        with suppress(sqlite3.Error, OSError):
            self._write_hints()

    def _write_hints(self) -> None:
        sql = """INSERT INTO preferences (owner, open, untranslated, uncomposed, told, hinted)
            VALUES (?, 0, 0, 0, '', ?) ON CONFLICT (owner) DO UPDATE SET hinted = excluded.hinted"""
        with self._changing:
            if not (hints := dict(self._hints)):
                return
            with self._store.transaction(lasting=False) as db:
                db.conn.executemany(sql, hints.items())
            for owner, day in hints.items():
                if known := self.known(owner):
                    self._keep(owner, replace(known, hinted=day))
                if self._hints.get(owner) == day:
                    del self._hints[owner]

    def _keep(self, owner: int, preferences: Preferences) -> None:
        if len(self._known) >= MAX_KNOWN_OWNERS:
            self._is_whole = False
        self._known[owner] = preferences

    def _forget_known(self) -> None:
        self._is_whole = False
        self._known.clear()


class UncachedPreferences(PreferenceStore):
    """For a process that is not the table's writer: nothing that was read is kept."""

    def preferences(self, owner: int | None) -> Preferences:
        return self._read(owner)


def _from_row(row: dict[str, Any]) -> Preferences:
    return Preferences(
        next((known for known in LANGUAGES if known == row["language"]), None),
        row["hour"],
        row["zone"],
        open=bool(row["open"]),
        untranslated=bool(row["untranslated"]),
        uncomposed=bool(row["uncomposed"]),
        told=row["told"] or "",
        hinted=row["hinted"] or "",
    )
