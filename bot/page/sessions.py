"""Sessions of the page in bot.db: a person goes in, a signed link comes out; a link goes in once, a session comes out.

Links and sessions are signed with a key of the data folder and kept as hashes: neither the file nor a copy of it lets
anybody in.
"""

import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store
from retrieval.storage.timestamps import utc_now

LINK_SPAN = timedelta(days=1)  # from when a link is given until it, and the session that it opened, end
MINI_APP_SPAN = timedelta(days=1)
KEY_FILE = "page.key"
BOT_NAME_SECONDS = 10.0  # in which the page learns the bot's name, and its changes

page_migrations = Migrations("page")


@page_migrations()
def m001_sessions(db: Database) -> None:
    """`key` is a hash. A link becomes the session that it opens: `opened` says that it did."""
    db.executescript("""
        CREATE TABLE page_sessions (
            key TEXT PRIMARY KEY, user_id INTEGER NOT NULL, opened INTEGER NOT NULL, language TEXT NOT NULL,
            ends TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX page_sessions_user ON page_sessions (user_id);
    """)


@page_migrations()
def m002_entries(db: Database) -> None:
    """Which initData opened a session already: as hashes, of no person, until it would be too old anyway."""
    db.executescript("""
        CREATE TABLE page_entries (key TEXT PRIMARY KEY, ends TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE page_bot (handle TEXT NOT NULL);
    """)


class PageSessions:
    def __init__(self, data: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._store, self._now = Store(data / "bot.db", page_migrations), now
        self._key_file, self._key = data / KEY_FILE, b""
        self._bot_name = "", -BOT_NAME_SECONDS

    def close(self) -> None:
        self._store.close()

    def give_link(self, user: int) -> str:
        """The key of a link that opens one session."""
        return self._begin(user, LINK_SPAN, "", opened=False)

    def open_link(self, key: str) -> tuple[str, int] | None:
        """A session's key and its seconds; None for a link that was used, taken back, forged, or is a day old."""
        if not self._is_signed(key):
            return None
        session = self._sign(secrets.token_urlsafe(24))
        with self._store.transaction() as db:
            row = db.execute(
                "SELECT ends FROM page_sessions WHERE key = ? AND NOT opened AND ends > ?",
                [hash_key(key), to_text(self._now())],
            ).fetchone()
            if row is None:
                return None
            sql = "UPDATE page_sessions SET key = ?, opened = 1 WHERE key = ?"
            db.execute(sql, [hash_key(session), hash_key(key)])
        return session, int((datetime.fromisoformat(row[0]) - self._now()).total_seconds())

    def open_mini_app(self, user: int, language: str, signature: str) -> tuple[str, int] | None:
        """A session for a person whom Telegram named; `language` is what Telegram says of them.

        None where that `signature` has opened one already: whoever got hold of it has another browser.
        """
        with self._store.transaction() as db:
            sql = "INSERT OR IGNORE INTO page_entries (key, ends) VALUES (?, ?)"
            if not db.execute(sql, [hash_key(signature), to_text(self._now() + MINI_APP_SPAN)]).rowcount:
                return None
            return self._begin(user, MINI_APP_SPAN, language, opened=True), int(MINI_APP_SPAN.total_seconds())

    def set_bot_name(self, name: str) -> None:
        """By the bot, to whom Telegram says it; the page's process learns it here."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM page_bot")
            db.execute("INSERT INTO page_bot (handle) VALUES (?)", [name])

    def bot_name(self) -> str:
        """'' until the bot ran; looked for every BOT_NAME_SECONDS."""
        known, at = self._bot_name
        if monotonic() - at > BOT_NAME_SECONDS:
            rows = self._store.rows("SELECT handle FROM page_bot")
            self._bot_name = known, _ = (str(rows[0]["handle"]) if rows else ""), monotonic()
        return known

    def user(self, session: str) -> tuple[int, str] | None:
        """Whose session it is, and Telegram's language of that person."""
        if not self._is_signed(session):
            return None
        sql = "SELECT user_id, language FROM page_sessions WHERE key = ? AND opened AND ends > ?"
        rows = self._store.rows(sql, [hash_key(session), to_text(self._now())])
        return next(((int(row["user_id"]), str(row["language"])) for row in rows), None)

    def revoke(self, user: int) -> int:
        """Ends all of a person's links and sessions."""
        return self._store.write("DELETE FROM page_sessions WHERE user_id = ?", [user])

    def expire(self, before: datetime) -> int:
        gone = self._store.write("DELETE FROM page_entries WHERE ends < ?", [to_text(before)])
        return gone + self._store.write("DELETE FROM page_sessions WHERE ends < ?", [to_text(before)])

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        sql = "SELECT user_id, opened, language, ends FROM page_sessions WHERE user_id = ? ORDER BY ends"
        return {"page_sessions": self._store.rows(sql, [user])}

    def forget(self, user: int) -> int:
        return self.revoke(user)

    def move(self, chat: int, to: int) -> None:
        """Sessions are of people, who do not move."""

    def left(self, chat: int) -> None:
        """A person who blocks the bot keeps the page, unless access is taken back."""

    def _begin(self, user: int, span: timedelta, language: str, *, opened: bool) -> str:
        key, now = self._sign(secrets.token_urlsafe(24)), self._now()
        with self._store.transaction() as db:
            db.execute("DELETE FROM page_sessions WHERE ends <= ?", [to_text(now)])
            sql = "INSERT INTO page_sessions (key, user_id, opened, language, ends) VALUES (?, ?, ?, ?, ?)"
            db.execute(sql, [hash_key(key), user, opened, language[:20], to_text(now + span)])
        return key

    def _sign(self, name: str) -> str:
        return f"{name}.{self._signature(name)}"

    def _is_signed(self, key: str) -> bool:
        name, _, signature = key.partition(".")
        return bool(name) and hmac.compare_digest(signature.encode("utf-8", "replace"), self._signature(name).encode())

    def _signature(self, name: str) -> str:
        made = hmac.digest(self._secret(), name.encode("utf-8", "replace"), sha256)
        return urlsafe_b64encode(made[:18]).decode()

    def _secret(self) -> bytes:
        """Made at first use, by whichever process comes first; without the file all sessions end."""
        if not self._key:
            with suppress(FileExistsError):
                made = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                with os.fdopen(made, "wb") as file:
                    file.write(secrets.token_bytes(32))
            key = self._key_file.read_bytes()
            if len(key) != 32:
                raise OSError(f"{self._key_file} is damaged; delete it, and everybody opens the page anew")
            self._key = key
        return self._key


def hash_key(key: str) -> str:
    return sha256(key.encode("utf-8", "replace")).hexdigest()


def to_text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")
