"""The log of questions, in bot.db. Writing is queued: no answer ever waits for it or fails by it."""

import json
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from bot.markup import clean

log = logging.getLogger(__name__)

Place = Literal["private", "group", "inline", "terminal"]

BACKLOG = 10_000  # questions kept in memory while the disk takes none: some megabytes
BUSY = 1.0  # seconds to wait for another writer, in the background and at closing
BATCH = 500  # rows in a transaction
RETRY = 5.0  # seconds between attempts on a disk that is full or locked

migrations = Migrations("journal")


@migrations()
def m001_questions(db: Database) -> None:
    questions = db.table("questions")
    questions.create(
        {
            "id": int,
            "asked_at": str,
            "place": str,
            "user_id": int,
            "chat_id": int,
            "thread_id": int,
            "text": str,
            "language": str,
            "verdict": str,
            "points": str,
            "milliseconds": float,
        },
        pk="id",
    )
    questions.create_index(["asked_at"])
    questions.create_index(["user_id"])


@dataclass(frozen=True, slots=True)
class Asker:
    """Where a question came from; the ids are Telegram's, `thread` only in a forum topic."""

    place: Place
    user: int | None = None
    chat: int | None = None
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the log; `asked_at` is aware, `points` are the ids of those that were shown, best first."""

    asked_at: datetime
    asker: Asker
    text: str
    language: str
    verdict: str
    points: Sequence[str]
    milliseconds: float


class Journal:
    """Takes questions at once and writes them when the disk lets it; what is left at `close` gets one more attempt."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: deque[dict[str, object]] = deque(maxlen=BACKLOG)
        self._batch: list[dict[str, object]] = []  # the writer's own: taken from the queue, not yet written
        self._news = threading.Event()
        self._closing = threading.Event()
        self._writer = threading.Thread(target=self._run, name="journal", daemon=True)
        self._writer.start()

    def record(self, question: Question) -> None:
        self._waiting.append(
            {
                "asked_at": question.asked_at.astimezone(UTC).isoformat(timespec="milliseconds"),
                "place": question.asker.place,
                "user_id": question.asker.user,
                "chat_id": question.asker.chat,
                "thread_id": question.asker.thread,
                "text": clean(question.text),
                "language": question.language,
                "verdict": question.verdict,
                "points": json.dumps(question.points),
                "milliseconds": question.milliseconds,
            }
        )
        self._news.set()

    def close(self) -> None:
        self._closing.set()
        self._news.set()
        self._writer.join()
        if left := len(self._waiting) + len(self._batch):
            log.warning("%d questions could not be written to %s", left, self._path)

    def _run(self) -> None:
        db: Database | None = None
        complained = ""
        while self._waiting or self._batch or not self._closing.is_set():
            self._news.wait()
            self._news.clear()
            last = self._closing.is_set()
            try:
                if self._waiting or self._batch:
                    db = db or self._open()
                    self._flush(db)
                complained = ""
            except (sqlite3.Error, OSError) as error:
                if str(error) != complained:  # a full disk is said once, not every few seconds
                    log.warning("questions wait to be written to %s: %s", self._path, error)
                    complained = str(error)
                if db is not None:
                    db.close()
                    db = None
                if last:
                    break
                self._closing.wait(RETRY)
                self._news.set()
            except Exception:  # one row that SQLite cannot hold must not keep back all that follow
                log.exception("%d questions are left out of %s", len(self._batch), self._path)
                self._batch.clear()
                self._news.set()
        if db is not None:
            db.close()

    def _open(self) -> Database:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=BUSY)
        try:
            db = Database(connection)
            db.enable_wal()
            migrations.apply(db)
        except BaseException:
            connection.close()
            raise
        return db

    def _flush(self, db: Database) -> None:
        while self._waiting or self._batch:
            while self._waiting and len(self._batch) < BATCH:
                self._batch.append(self._waiting.popleft())
            with db.atomic():
                db.table("questions").insert_all(self._batch)
            self._batch.clear()
