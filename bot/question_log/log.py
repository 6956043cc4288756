"""Log of questions and of feedback on answers, in bot.db: takes records, finds them by id, message or person.

Questions are queued, so that no answer waits for the disk or fails by it; queued ones can already be read. They are
written in the background, GATHER_SECONDS after the first of them: a question and the message that answers it become
one row in one transaction. A process that is killed loses what it logged in that time; an orderly stop loses nothing.
"""

import logging
import secrets
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bot.question_log.newest import NewestQuestions, place_of
from bot.question_log.record import (
    INSERT_QUESTION,
    Asker,
    ChatKind,
    LoggedAnswer,
    from_row,
    question_migrations,
    to_row,
    to_utc_text,
)
from retrieval.runtime.background import PollingThread
from retrieval.runtime.cache import BoundedCache
from retrieval.storage.store import SqlValues, Store

__all__ = ["Asker", "ChatKind", "LoggedAnswer", "QuestionLog"]

log = logging.getLogger(__name__)

MAX_UNSENT = 1_000  # questions in memory whose answer's message may be noted: Telegram takes a moment for each
MAX_QUEUED = 10_000  # questions in memory while the disk refuses writes: a few megabytes
GATHER_SECONDS = 0.25  # seconds that a question waits for others, and for its answer's message
LOG_BUSY_SECONDS = 1.0  # seconds to wait for another writer, in the background and at closing
BATCH_QUESTIONS = 500
RETRY_SECONDS = 5.0  # seconds between attempts on a disk that is full or locked
MAX_ID = 2**63 - 1  # what SQLite holds
MAX_KNOWN_ASKERS = 3_000  # whose last questions are kept in memory: a megabyte or two
RANDOM_BITS = 20  # of a question's id, below the milliseconds: two processes may write at once


class QuestionLog:
    """Writes questions in a thread when the disk allows it; what is left at `close` gets one more attempt."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._store = Store(path, question_migrations)
        self._waiting: dict[int, LoggedAnswer] = {}
        self._unsent: BoundedCache[int, LoggedAnswer] = BoundedCache(MAX_UNSENT)  # written before they were answered
        self._last = 0  # id
        self._newest_of = NewestQuestions(MAX_KNOWN_ASKERS)
        self.listeners: list[Callable[[LoggedAnswer], object]] = []  # called with each new question
        self._queue = threading.Lock()
        self._writing = threading.RLock()  # what is being erased must not be written once more
        self._background_store = Store(path, question_migrations, LOG_BUSY_SECONDS)
        self._complaint = ""
        self._writer = PollingThread(
            "question log", self._write_gathered, "questions could not be written; it is tried again"
        )

    def record(self, question: LoggedAnswer) -> LoggedAnswer:
        """Queues a question and gives it an id, or queues its update if it has one; buttons refer to the id."""
        if is_new := not question.id:
            for listener in self.listeners:
                listener(question)
        with self._queue:
            if is_new:
                milliseconds = int(question.asked_at.timestamp() * 1000)
                # Ids ascend, even within a millisecond and when the clock is set back.
                self._last = max((milliseconds << RANDOM_BITS) + secrets.randbits(RANDOM_BITS), self._last + 1)
                question = replace(question, id=self._last)
            self._waiting.pop(question.id, None)
            self._unsent.pop(question.id, None)
            self._waiting[question.id] = question
            self._newest_of.note(question, is_new=is_new)
            while len(self._waiting) > MAX_QUEUED:
                self._waiting.pop(next(iter(self._waiting)))
        self._writer.wake()
        return question

    def record_sent(self, id: int, message: int) -> bool:
        """Notes the message that answers a question, without blocking; False where only the disk knows the question."""
        with self._queue:
            if known := self._waiting.get(id) or self._unsent.pop(id, None):
                self._waiting[id] = replace(known, answer=message)
                self._newest_of.note(self._waiting[id], is_new=False)
        if known:
            self._writer.wake()
        return known is not None

    def question(self, id: int) -> LoggedAnswer | None:
        with self._queue:
            queued = self._waiting.get(id)
        return queued or self._first("id = ?", [id])

    def answered_by(self, chat: int, message: int) -> LoggedAnswer | None:
        """The question that this message of the bot's answers."""
        queued = self._newest(lambda q: q.asker.chat == chat and q.answer == message)
        return queued or self._first("chat_id = ? AND answer_id = ?", [chat, message])

    def asked_in(self, chat: int, message: int) -> LoggedAnswer | None:
        queued = self._newest(lambda q: q.asker.chat == chat and q.asker.message == message)
        return queued or self._first("chat_id = ? AND message_id = ?", [chat, message])

    def last(self, asker: Asker, since: datetime, before: int = MAX_ID) -> LoggedAnswer | None:
        """The newest of this person here, of those whose id is below `before`."""
        known = self.known_last(asker, since)
        if known and (known[0] is None or known[0].id < before):
            return known[0]
        where = place_of(asker)
        queued = self._newest(lambda q: place_of(q.asker) == where and q.asked_at >= since and q.id < before)
        clause = "user_id IS ? AND chat_id IS ? AND thread_id IS ? AND asked_at >= ? AND id < ?"
        return queued or self._first(clause, [*where, to_utc_text(since), before])

    def known_last(self, asker: Asker, since: datetime) -> tuple[LoggedAnswer | None] | None:
        """As `last`, without blocking; None where only `last` knows."""
        with self._queue:
            return self._newest_of.find(asker, since)

    def remember_newest(self, since: datetime) -> None:
        """Lets `known_last` know of questions from then on."""
        with self._queue:
            if not self._newest_of.wants_filling:
                return
            forgotten = self._newest_of.forgotten
        sql = """SELECT * FROM questions WHERE id IN
            (SELECT max(id) FROM questions WHERE asked_at >= ? GROUP BY user_id, chat_id, thread_id) LIMIT ?"""
        rows = self._store.rows(sql, [to_utc_text(since), MAX_KNOWN_ASKERS + 1])
        with self._queue:
            self._newest_of.fill([from_row(row) for row in rows], since, forgotten)

    def record_feedback(self, question: int, user: int, point: str, reason: str | None) -> None:
        """Writes, before it returns, one feedback for each person and point; None deletes it."""
        if reason is None:
            sql = "DELETE FROM feedback WHERE question = ? AND user_id = ? AND point = ?"
            self._store.write(sql, [question, user, point])
        else:
            sql = "INSERT OR REPLACE INTO feedback (question, user_id, point, reason, at) VALUES (?, ?, ?, ?, ?)"
            self._store.write(sql, [question, user, point, reason, to_utc_text(datetime.now(UTC))])

    def feedback_of(self, question: int, user: int, point: str) -> str | None:
        sql = "SELECT reason FROM feedback WHERE question = ? AND user_id = ? AND point = ?"
        return next((str(row["reason"]) for row in self._store.rows(sql, [question, user, point])), None)

    def export(self, user: int) -> dict[str, list[dict[str, Any]]]:
        self._write(self._store)
        questions = "SELECT * FROM questions WHERE user_id = :user OR chat_id = :user ORDER BY id"
        feedback = "SELECT * FROM feedback WHERE user_id = :user ORDER BY at"
        tables = {"questions": questions, "feedback": feedback}
        return {table: self._store.rows(sql, {"user": user}) for table, sql in tables.items()}

    def forget(self, user: int) -> int:
        with self._writing:
            questions = self._change("DELETE FROM questions WHERE user_id = :user OR chat_id = :user", {"user": user})
            return questions + self._store.write("DELETE FROM feedback WHERE user_id = ?", [user])

    def expire(self, before: datetime) -> int:
        """Erases older questions and their feedback; returns the number of questions."""
        with self._writing:
            gone = self._change("DELETE FROM questions WHERE asked_at < ?", [to_utc_text(before)])
            self._store.write("DELETE FROM feedback WHERE question NOT IN (SELECT id FROM questions)")
        return gone

    def move(self, chat: int, to: int) -> None:
        with self._writing:
            self._change("UPDATE questions SET chat_id = ? WHERE chat_id = ?", [to, chat])

    def left(self, chat: int) -> None:
        """Keeps the log, which belongs to the persons and not to the chat."""

    def close(self) -> None:
        self._writer.close()
        self._flush()
        self._background_store.close()
        self._store.close()
        if left := len(self._waiting):
            log.warning("%d questions could not be written to %s", left, self._path)

    def _change(self, sql: str, values: SqlValues) -> int:
        """Twice: a question whose answer is noted meanwhile is queued once more as it was. It counts once."""
        changed: set[int] = set()
        for _ in range(2):
            self._write(self._store)
            with self._store.transaction() as db:
                changed.update(id for (id,) in db.conn.execute(f"{sql} RETURNING id", values))
            self._forget_known()
        return len(changed)

    def _forget_known(self) -> None:
        with self._queue:
            self._newest_of.forget()
            self._unsent.clear()

    def _newest(self, fits: Callable[[LoggedAnswer], bool]) -> LoggedAnswer | None:
        """In the queue, where an old question that changed stands behind newer ones."""
        with self._queue:
            return max(filter(fits, self._waiting.values()), key=lambda question: question.id, default=None)

    def _first(self, clause: str, values: Sequence[object]) -> LoggedAnswer | None:
        sql = f"SELECT * FROM questions WHERE {clause} ORDER BY id DESC LIMIT 1"  # noqa: S608  # our own clauses
        return next(map(from_row, self._store.rows(sql, values)), None)

    def _write_gathered(self) -> None:
        self._writer.closing.wait(GATHER_SECONDS)
        self._flush()

    def _flush(self) -> None:
        try:
            self._write(self._background_store)
            self._complaint = ""
        except (sqlite3.Error, OSError) as error:
            if str(error) != self._complaint:  # a full disk is said once, not every few seconds
                log.warning("questions wait to be written to %s: %s", self._path, error)
                self._complaint = str(error)
            self._background_store.close()
            self._writer.closing.wait(RETRY_SECONDS)
            self._writer.wake()

    def _write(self, store: Store) -> None:
        """Writes the queue. Questions leave it once they are committed, so that they can be read at any time."""
        with self._writing:
            while batch := self._oldest():
                try:
                    written = [to_row(question) for question in batch]  # before others have to wait
                    with store.transaction(lasting=False) as db:
                        db.conn.executemany(INSERT_QUESTION, written)
                except OverflowError:  # a row that SQLite cannot hold must not hold up all that follow
                    log.exception("%d questions are left out of %s", len(batch), self._path)
                with self._queue:
                    for question in batch:
                        if self._waiting.get(question.id) is question:
                            del self._waiting[question.id]
                            if question.answer is None:
                                self._unsent[question.id] = question

    def _oldest(self) -> list[LoggedAnswer]:
        with self._queue:
            return list(islice(self._waiting.values(), BATCH_QUESTIONS))
