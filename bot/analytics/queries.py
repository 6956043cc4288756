"""The log of questions read as a whole: how many a day, what was not found, what was thought of the answers."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.question_log.record import to_utc_text
from retrieval.storage.store import Store


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """A question for who counts questions; `person` is None where Telegram did not say who it was.

    `text` is the whole question, completed from the one before it where it was a follow-up.
    """

    day: date
    place: str
    person: int | None
    text: str
    language: str
    nowhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thought of a point that answered a question: a reason of the buttons, or 'chosen' inline."""

    asked: LoggedQuestion
    point: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Questions of a day in Beijing, by verdict."""

    date: date
    answer: int = 0
    maybe: int = 0
    none: int = 0


QUESTION_COLUMNS = """q.id, date(q.asked_at, '+8 hours') AS day, q.place, q.user_id AS person,
    coalesce(q.searched, q.text) AS text, q.language, coalesce(q.nowhere, '[]') AS nowhere"""


class QuestionStats:
    """Reads only, and blocks on SQLite."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def close(self) -> None:
        self._store.close()

    def days(self, since: datetime) -> list[DayCounts]:
        """Days without a question are left out."""
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
        """What found nothing, or asked about something that is named nowhere; the latest first."""
        sql = f"""SELECT {QUESTION_COLUMNS} FROM questions q
            WHERE asked_at >= ? AND (verdict = 'none' OR (verdict = 'maybe' AND coalesce(q.nowhere, '[]') != '[]'))
            ORDER BY id DESC LIMIT ?"""  # noqa: S608
        return [_asked(row) for row in self._store.rows(sql, [to_utc_text(since), limit])]

    def questions(self) -> list[LoggedQuestion]:
        return [_asked(row) for row in self._store.rows(f"SELECT {QUESTION_COLUMNS} FROM questions q ORDER BY id")]  # noqa: S608

    def feedback(self) -> list[Feedback]:
        """An inline result that somebody sent was thought good enough to send."""
        sql = f"""SELECT {QUESTION_COLUMNS}, f.point, f.reason FROM feedback f JOIN questions q ON q.id = f.question
            UNION ALL SELECT {QUESTION_COLUMNS}, json_extract(points, '$[0]'), 'chosen' FROM questions q
                WHERE place = 'inline' AND points != '[]' ORDER BY id"""  # noqa: S608
        return [Feedback(_asked(row), row["point"], row["reason"]) for row in self._store.rows(sql)]

    def reasons(self, since: datetime) -> dict[str, int]:
        sql = "SELECT reason, count(*) AS times FROM feedback WHERE at >= ? GROUP BY reason ORDER BY times DESC, reason"
        return {row["reason"]: row["times"] for row in self._store.rows(sql, [to_utc_text(since)])}


def _asked(row: dict[str, Any]) -> LoggedQuestion:
    nowhere = tuple(json.loads(row["nowhere"]))
    return LoggedQuestion(
        date.fromisoformat(row["day"]), row["place"], row["person"], row["text"], row["language"], nowhere
    )
