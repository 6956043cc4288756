"""Who may use the bot: everybody, or the administrators, whom they invited, and the chats they allowed."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from bot.render.html import clean
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store

Policy = Literal["open", "invite"]

access_migrations = Migrations("access")


@access_migrations()
def m001_admitted(db: Database) -> None:
    """`id` is a person's or, negative, a chat's; `by` the person who invited."""
    db.table("admitted").create({"id": int, "name": str, "by": int, "at": str}, pk="id")
    db.table("invitations").create({"code": str, "by": int, "at": str}, pk="code")


@dataclass(frozen=True, slots=True)
class AdmittedChat:
    id: int
    name: str


class AccessList:
    def __init__(self, path: Path, policy: Policy, admins: Collection[int]) -> None:
        self.policy, self.admins = policy, frozenset(admins)
        self._store = Store(path, access_migrations)

    def close(self) -> None:
        self._store.close()

    def is_admin(self, user: int | None) -> bool:
        return user in self.admins

    def allows(self, *ids: int | None) -> bool:
        """Whether one of a person and a chat is let in: for everything that comes in, and for what is to go out."""
        if self.policy == "open" or not self.admins.isdisjoint(ids):
            return True
        asked = [id for id in ids if id is not None]
        marks = ", ".join("?" * len(asked))
        return bool(asked and self._store.rows(f"SELECT 1 FROM admitted WHERE id IN ({marks}) LIMIT 1", asked))  # noqa: S608

    def invite(self, by: int) -> str:
        """A code that lets one person in, once."""
        code = secrets.token_urlsafe(12)
        self._store.write("INSERT INTO invitations VALUES (?, ?, ?)", [code, by, _now()])
        return code

    def accept(self, code: str, user: int, name: str) -> bool:
        """Uses an invitation up; who is in already leaves it for somebody else."""
        with self._store.transaction() as db:
            if db.execute("SELECT 1 FROM admitted WHERE id = ?", [user]).fetchone() or user in self.admins:
                return True
            row = db.execute("SELECT by FROM invitations WHERE code = ?", [code]).fetchone()
            if row is None:
                return False
            db.execute("DELETE FROM invitations WHERE code = ?", [code])
            db.execute("INSERT INTO admitted VALUES (?, ?, ?, ?)", [user, clean(name), row[0], _now()])
            return True

    def allow_chat(self, chat: int, name: str, by: int) -> None:
        self._store.write("INSERT OR REPLACE INTO admitted VALUES (?, ?, ?, ?)", [chat, clean(name), by, _now()])

    def admitted(self) -> list[AdmittedChat]:
        return [
            AdmittedChat(row["id"], row["name"]) for row in self._store.rows("SELECT * FROM admitted ORDER BY at, id")
        ]

    def revoke(self, id: int) -> bool:
        """Whether there was anything to take back; what that person's invitations not yet used are worth goes too."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM invitations WHERE by = ?", [id])
            return db.execute("DELETE FROM admitted WHERE id = ?", [id]).rowcount > 0

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        return {
            # Who invited whom is said to neither: it is the other's number.
            "admitted": self._store.rows("SELECT id, name, at FROM admitted WHERE id = ?", [user]),
            "invited": self._store.rows("SELECT at FROM admitted WHERE by = ? ORDER BY at", [user]),
            "invitations": self._store.rows("SELECT * FROM invitations WHERE by = ?", [user]),
        }

    def forget(self, user: int) -> int:
        """The person is a stranger afterwards; whom they invited stays, without their name."""
        with self._store.transaction() as db:
            db.execute("UPDATE admitted SET by = NULL WHERE by = ?", [user])
            gone = db.execute("DELETE FROM invitations WHERE by = ?", [user]).rowcount
            return gone + db.execute("DELETE FROM admitted WHERE id = ?", [user]).rowcount

    def move(self, chat: int, to: int) -> None:
        self._store.write("UPDATE OR REPLACE admitted SET id = ? WHERE id = ?", [to, chat])

    def left(self, chat: int) -> None:
        """Whoever adds the bot again asks anew."""
        self._store.write("DELETE FROM admitted WHERE id = ?", [chat])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
