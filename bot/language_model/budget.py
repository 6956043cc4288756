"""The budget of requests and tokens a day, in bot.db: reserved before a request, and completed after it."""

from datetime import datetime

from retrieval.model.documents import BEIJING
from retrieval.storage.sqlite import Database, Migrations
from retrieval.storage.store import Store

budget_migrations = Migrations("model_budget")


@budget_migrations()
def m001_model_usage(db: Database) -> None:
    """`day` is Beijing's, as a date."""
    db.table("model_usage").create({"day": str, "requests": int, "tokens": int}, pk="day")


class ModelBudget:
    """All methods block on SQLite."""

    def __init__(self, store: Store, requests: int, tokens: int) -> None:
        self._store, self._requests, self._tokens = store, requests, tokens

    def close(self) -> None:
        self._store.close()

    def reserve(self, tokens: int, now: datetime) -> bool:
        """Counts a request with so many tokens; False, and nothing counted, where the day's budget has no room."""
        sql = """INSERT INTO model_usage (day, requests, tokens) SELECT :day, 1, :more WHERE :more <= :tokens
            ON CONFLICT (day) DO UPDATE SET requests = requests + 1, tokens = tokens + :more
            WHERE requests < :requests AND tokens + :more <= :tokens"""
        values = {"day": _day(now), "more": tokens, "requests": self._requests, "tokens": self._tokens}
        return self._store.write(sql, values) == 1

    def add_tokens(self, tokens: int, now: datetime) -> None:
        self._store.write("UPDATE model_usage SET tokens = tokens + ? WHERE day = ?", [tokens, _day(now)])

    def used(self, now: datetime) -> tuple[int, int]:
        """Requests and tokens of this day."""
        rows = self._store.rows("SELECT requests, tokens FROM model_usage WHERE day = ?", [_day(now)])
        return (rows[0]["requests"], rows[0]["tokens"]) if rows else (0, 0)

    def expire(self, before: datetime) -> int:
        return self._store.write("DELETE FROM model_usage WHERE day < ?", [_day(before)])


def _day(now: datetime) -> str:
    return now.astimezone(BEIJING).date().isoformat()
