"""What a person, or a group's administrators, chose: language, hour and zone, in bot.db."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.render.i18n import LANGUAGES, Language
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store

preference_migrations = Migrations("people")


@preference_migrations()
def m001_preferences(db: Database) -> None:
    """`owner` is a person's id, which is that of the private chat too, or a group's, which is negative."""
    db.table("preferences").create({"owner": int, "language": str, "hour": str, "zone": str}, pk="owner")


@preference_migrations()
def m002_open(db: Database) -> None:
    """Whether who runs the bot may be shown the person's own words."""
    db.table("preferences").add_column("open", int)


@dataclass(frozen=True, slots=True)
class Preferences:
    """None where nothing was chosen; `hour` is a local time (07:30) in `zone`, an IANA name.

    `open`: who runs the bot may be shown what the person asked, in their own words.
    """

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
        rows = self._store.rows("SELECT * FROM preferences WHERE owner = ?", [owner])
        if not rows:
            return Preferences()
        language = next((known for known in LANGUAGES if known == rows[0]["language"]), None)
        return Preferences(language, rows[0]["hour"], rows[0]["zone"], bool(rows[0]["open"]))

    def choose(self, owner: int, chosen: Preferences) -> None:
        self._store.write(
            "INSERT OR REPLACE INTO preferences (owner, language, hour, zone, open) VALUES (?, ?, ?, ?, ?)",
            [owner, chosen.language, chosen.hour, chosen.zone, chosen.open],
        )

    def agreed(self) -> frozenset[int]:
        """Those whose words may be shown to who runs the bot."""
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
