"""The access list: a policy and ids of people and chats go in, whether they may use the bot comes out."""

import re
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from bot.render.html import clean
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store
from retrieval.storage.timestamps import utc_now

INVITATION_SPAN = timedelta(days=7)  # until an unused invitation ends: a link gets around

Policy = Literal["open", "invite"]

access_migrations = Migrations("access")


@access_migrations()
def m001_admitted(db: Database) -> None:
    """`id` is a person's or, if negative, a chat's; `by` is the person who invited."""
    db.table("admitted").create({"id": int, "name": str, "by": int, "at": str}, pk="id")
    db.table("invitations").create({"code": str, "by": int, "at": str}, pk="code")


@dataclass(frozen=True, slots=True)
class AdmittedChat:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Invitation:
    code: str
    ends: datetime


class AccessList:
    def __init__(
        self, path: Path, policy: Policy, admins: Collection[int], now: Callable[[], datetime] = utc_now
    ) -> None:
        self.policy, self.admins, self._now = policy, frozenset(admins), now
        self._store = Store(path, access_migrations)

    def close(self) -> None:
        self._store.close()

    def is_admin(self, user: int | None) -> bool:
        return user in self.admins

    def allows(self, *ids: int | None) -> bool:
        """Whether one of a person and a chat is let in; asked for incoming updates and for digests."""
        if self.policy == "open" or not self.admins.isdisjoint(ids):
            return True
        known = [id for id in ids if id is not None]
        marks = ", ".join("?" * len(known))
        return bool(known and self._store.rows(f"SELECT 1 FROM admitted WHERE id IN ({marks}) LIMIT 1", known))  # noqa: S608

    def invite(self, by: int) -> str:
        """A code that admits one person, once, within INVITATION_SPAN and while `by` is an administrator."""
        code = secrets.token_urlsafe(12)
        with self._store.transaction() as db:
            db.execute("DELETE FROM invitations WHERE at <= ?", [to_text(self._now() - INVITATION_SPAN)])
            db.execute("INSERT INTO invitations VALUES (?, ?, ?)", [code, by, to_text(self._now())])
        return code

    def invitations(self) -> Sequence[Invitation]:
        """Those that can still be used, the oldest first."""
        after = to_text(self._now() - INVITATION_SPAN)
        rows = self._store.rows("SELECT code, by, at FROM invitations WHERE at > ? ORDER BY at, code", [after])
        return [
            Invitation(row["code"], datetime.fromisoformat(row["at"]) + INVITATION_SPAN)
            for row in rows
            if self.is_admin(row["by"])
        ]

    def accept(self, code: str, user: int, name: str) -> bool:
        """Uses up an invitation, except for a person who is already in."""
        with self._store.transaction() as db:
            if db.execute("SELECT 1 FROM admitted WHERE id = ?", [user]).fetchone() or user in self.admins:
                return True
            after = to_text(self._now() - INVITATION_SPAN)
            row = db.execute("SELECT by FROM invitations WHERE code = ? AND at > ?", [code, after]).fetchone()
            if row is None or not self.is_admin(row[0]):
                return False
            db.execute("DELETE FROM invitations WHERE code = ?", [code])
            db.execute("INSERT INTO admitted VALUES (?, ?, ?, ?)", [user, clean(name), row[0], to_text(self._now())])
            return True

    def allow_chat(self, chat: int, name: str, by: int) -> None:
        self._store.write(
            "INSERT OR REPLACE INTO admitted VALUES (?, ?, ?, ?)", [chat, clean(name), by, to_text(self._now())]
        )

    def admitted(self) -> list[AdmittedChat]:
        rows = self._store.rows("SELECT * FROM admitted ORDER BY at, id")
        return [AdmittedChat(row["id"], row["name"]) for row in rows]

    def revoke(self, id: int) -> bool:
        """Whether there was anything to revoke; the person's unused invitations go too."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM invitations WHERE by = ?", [id])
            return db.execute("DELETE FROM admitted WHERE id = ?", [id]).rowcount > 0

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        return {
            # Who invited whom is told to neither: it is the other's number.
            "admitted": self._store.rows("SELECT id, name, at FROM admitted WHERE id = ?", [user]),
            "invited": self._store.rows("SELECT at FROM admitted WHERE by = ? ORDER BY at", [user]),
            "invitations": self._store.rows("SELECT * FROM invitations WHERE by = ?", [user]),
        }

    def forget(self, user: int) -> int:
        """The people they invited stay, without the inviter's number."""
        with self._store.transaction() as db:
            db.execute("UPDATE admitted SET by = NULL WHERE by = ?", [user])
            gone = db.execute("DELETE FROM invitations WHERE by = ?", [user]).rowcount
            return gone + db.execute("DELETE FROM admitted WHERE id = ?", [user]).rowcount

    def move(self, chat: int, to: int) -> None:
        self._store.write("UPDATE OR REPLACE admitted SET id = ? WHERE id = ?", [to, chat])

    def left(self, chat: int) -> None:
        """The chat must be allowed again if the bot is added again."""
        self._store.write("DELETE FROM admitted WHERE id = ?", [chat])


def parse_id(text: str) -> int | None:
    """A person's or a chat's id as somebody wrote it; None where it is none that SQLite can hold."""
    number = int(text) if re.fullmatch(r"-?[0-9]{1,19}", text) else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def to_text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")
