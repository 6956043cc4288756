"""Preferences in bot.db: a person or group goes in, its language, hour, time zone and consent come out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.render.i18n import LANGUAGES, Language
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store

preference_migrations = Migrations("people")


@preference_migrations()
def m001_preferences(db: Database) -> None:
    """`owner` is a person's id, which is also the private chat's, or a group's, which is negative."""
    db.table("preferences").create({"owner": int, "language": str, "hour": str, "zone": str}, pk="owner")


@preference_migrations()
def m002_open(db: Database) -> None:
    db.table("preferences").add_column("open", int)


@dataclass(frozen=True, slots=True)
class Preferences:
    """`hour` is a local time (07:30) in `zone`, an IANA name; `open`: operators may see the person's own words."""

    language: Language | None = None
    hour: str | None = None
    zone: str | None = None
    open: bool = False


class PreferenceStore:
    def __init__(self, path: Path) -> None:
        self._store = Store(path, preference_migrations)

    def close(self) -> None:
        self._store.close()

    def preferences(self, owner: int | None) -> Preferences:
        for row in self._store.rows("SELECT * FROM preferences WHERE owner = ?", [owner]):
            language = next((known for known in LANGUAGES if known == row["language"]), None)
            return Preferences(language, row["hour"], row["zone"], bool(row["open"]))
        return Preferences()

    def choose(self, owner: int, chosen: Preferences) -> None:
        self._store.write(
            "INSERT OR REPLACE INTO preferences (owner, language, hour, zone, open) VALUES (?, ?, ?, ?, ?)",
            [owner, chosen.language, chosen.hour, chosen.zone, chosen.open],
        )

    def agreed(self) -> frozenset[int]:
        rows = self._store.rows("SELECT owner FROM preferences WHERE open AND owner > 0")
        return frozenset(row["owner"] for row in rows)

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        return {"preferences": self._store.rows("SELECT * FROM preferences WHERE owner = ?", [user])}

    def forget(self, user: int) -> int:
        return self._store.write("DELETE FROM preferences WHERE owner = ?", [user])

    def move(self, chat: int, to: int) -> None:
        self._store.write("UPDATE OR REPLACE preferences SET owner = ? WHERE owner = ?", [to, chat])

    def left(self, chat: int) -> None:
        self._store.write("DELETE FROM preferences WHERE owner = ?", [chat])
