"""Queries over the question log: a time span goes in, counts, questions and feedback come out."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.question_log.record import to_utc_text
from retrieval.storage.store import Store


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """`person` is None where Telegram did not name one; `text` of a follow-up is the completed question."""

    day: date
    place: str
    person: int | None
    text: str
    language: str
    nowhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """A judgment on an answer's point: a reason from the buttons, or 'chosen' for an inline result that was sent."""

    asked: LoggedQuestion
    point: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Questions by verdict on a day in Beijing."""

    date: date
    answer: int = 0
    maybe: int = 0
    none: int = 0


QUESTION_COLUMNS = """q.id, date(q.asked_at, '+8 hours') AS day, q.place, q.user_id AS person,
    coalesce(q.searched, q.text) AS text, q.language, coalesce(q.nowhere, '[]') AS nowhere"""


class QuestionStats:
    """Read-only; all methods block on SQLite."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def close(self) -> None:
        self._store.close()

    def days(self, since: datetime) -> list[DayCounts]:
        """Without the days on which nobody asked."""
        rows = self._store.rows(
            """SELECT date(asked_at, '+8 hours') AS day, sum(verdict = 'answer') AS answer,
                sum(verdict = 'maybe') AS maybe, sum(verdict = 'none') AS none
            FROM questions WHERE asked_at >= ? GROUP BY day ORDER BY day""",
            [to_utc_text(since)],
        )
        return [DayCounts(date.fromisoformat(row["day"]), row["answer"], row["maybe"], row["none"]) for row in rows]

    def people(self, since: datetime) -> int:
        sql = "SELECT count(DISTINCT user_id) AS people FROM questions WHERE asked_at >= ?"
        [row] = self._store.rows(sql, [to_utc_text(since)])
        return int(row["people"])

    def unanswered(self, since: datetime, limit: int) -> list[LoggedQuestion]:
        """Questions that found nothing or have a word that no summary has; the latest first."""
        sql = f"""SELECT {QUESTION_COLUMNS} FROM questions q
            WHERE asked_at >= ? AND (verdict = 'none' OR (verdict = 'maybe' AND coalesce(q.nowhere, '[]') != '[]'))
            ORDER BY id DESC LIMIT ?"""  # noqa: S608
        return [_from_row(row) for row in self._store.rows(sql, [to_utc_text(since), limit])]

    def questions(self) -> list[LoggedQuestion]:
        return [_from_row(row) for row in self._store.rows(f"SELECT {QUESTION_COLUMNS} FROM questions q ORDER BY id")]  # noqa: S608

    def feedback(self) -> list[Feedback]:
        """An inline result that was sent counts as good."""
        sql = f"""SELECT {QUESTION_COLUMNS}, f.point, f.reason FROM feedback f JOIN questions q ON q.id = f.question
            UNION ALL SELECT {QUESTION_COLUMNS}, json_extract(points, '$[0]'), 'chosen' FROM questions q
                WHERE place = 'inline' AND points != '[]' ORDER BY id"""  # noqa: S608
        return [Feedback(_from_row(row), row["point"], row["reason"]) for row in self._store.rows(sql)]

    def popular(self, since: datetime, people: int, limit: int) -> list[str]:
        """Answered questions that at least so many `people` typed in the same words; the most frequent first."""
        sql = """SELECT text FROM questions WHERE asked_at >= ? AND verdict = 'answer' AND searched IS NULL
                AND place != 'inline' GROUP BY text HAVING count(DISTINCT user_id) >= ?
            ORDER BY count(DISTINCT user_id) DESC, text LIMIT ?"""
        return [row["text"] for row in self._store.rows(sql, [to_utc_text(since), people, limit])]

    def reasons(self, since: datetime) -> dict[str, int]:
        sql = "SELECT reason, count(*) AS times FROM feedback WHERE at >= ? GROUP BY reason ORDER BY times DESC, reason"
        return {row["reason"]: row["times"] for row in self._store.rows(sql, [to_utc_text(since)])}


def _from_row(row: dict[str, Any]) -> LoggedQuestion:
    nowhere = tuple(json.loads(row["nowhere"]))
    day = date.fromisoformat(row["day"])
    return LoggedQuestion(day, row["place"], row["person"], row["text"], row["language"], nowhere)
