"""Record of a logged question with its answer, its tables in bot.db, and the mapping between record and row."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from bot.render.html import clean
from retrieval.storage.sqlite import Database, Migrations

ChatKind = Literal["private", "group", "inline", "guest", "terminal", "web"]

question_migrations = Migrations("journal")


@question_migrations()
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


@question_migrations()
def m002_conversation(db: Database) -> None:
    questions = db.table("questions")
    questions.add_column("searched", str)  # where the question was completed from the one before it
    questions.add_column("message_id", int)
    questions.add_column("answer_id", int)
    questions.create_index(["chat_id", "message_id"])
    questions.create_index(["chat_id", "answer_id"])
    db.table("feedback").create(
        {"question": int, "user_id": int, "point": str, "reason": str, "at": str}, pk=("question", "user_id", "point")
    )
    db.table("feedback").create_index(["user_id"])


@question_migrations()
def m003_nowhere(db: Database) -> None:
    db.table("questions").add_column("nowhere", str)  # a JSON array of words


@question_migrations()
def m004_before(db: Database) -> None:
    db.table("questions").add_column("before", int)  # the question whose documents are raised


@dataclass(frozen=True, slots=True)
class Asker:
    """Where a question came from, as Telegram's ids; `thread` only in a forum topic."""

    place: ChatKind
    user: int | None = None
    chat: int | None = None
    thread: int | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True)
class LoggedAnswer:
    """A row of the log: `asked_at` is aware, `points` are the ids of those that were shown, best first.

    `searched` is the completed question where it differs from `text`, `answer` the message with the answer, and
    `nowhere` the question's words that occur in no summary. `before` is the id of an earlier question, whose documents
    are raised. `documents` are those of `points`, in memory only: None in what was read from the disk.
    """

    asked_at: datetime
    asker: Asker
    text: str
    language: str
    verdict: str
    points: Sequence[str]
    milliseconds: float
    searched: str | None = None
    answer: int | None = None
    nowhere: Sequence[str] = ()
    before: int | None = None
    id: int = 0
    documents: Collection[str] | None = None

    @property
    def whole(self) -> str:
        return self.searched or self.text

    @property
    def is_completed(self) -> bool:
        """Whether it inherits words of the question before, and not just lost its frame ('tell me about')."""
        return self.searched is not None and self.before is not None


INSERT_QUESTION = """INSERT OR REPLACE INTO questions
    (id, asked_at, place, user_id, chat_id, thread_id, text, language, verdict, points,
     milliseconds, searched, message_id, answer_id, nowhere, before)
    VALUES (:id, :asked_at, :place, :user_id, :chat_id, :thread_id, :text, :language, :verdict,
    :points, :milliseconds, :searched, :message_id, :answer_id, :nowhere, :before)"""


def to_row(question: LoggedAnswer) -> dict[str, object]:
    return {
        "id": question.id,
        "asked_at": to_utc_text(question.asked_at),
        "place": question.asker.place,
        "user_id": question.asker.user,
        "chat_id": question.asker.chat,
        "thread_id": question.asker.thread,
        "text": clean(question.text),
        "language": question.language,
        "verdict": question.verdict,
        "points": json.dumps(question.points),
        "milliseconds": question.milliseconds,
        "searched": None if question.searched is None else clean(question.searched),
        "message_id": question.asker.message,
        "answer_id": question.answer,
        "nowhere": json.dumps([clean(word) for word in question.nowhere], ensure_ascii=False),
        "before": question.before,
    }


def from_row(row: dict[str, Any]) -> LoggedAnswer:
    asker = Asker(row["place"], row["user_id"], row["chat_id"], row["thread_id"], row["message_id"])
    return LoggedAnswer(
        datetime.fromisoformat(row["asked_at"]),
        asker,
        row["text"],
        row["language"],
        row["verdict"],
        json.loads(row["points"]),
        row["milliseconds"],
        row["searched"],
        row["answer_id"],
        tuple(json.loads(row["nowhere"] or "[]")),
        row["before"],
        row["id"],
    )


def to_utc_text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds")
