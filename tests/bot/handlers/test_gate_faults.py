"""An error at any call to Telegram and at any statement of SQLite, while strangers, revoked people and members write.

Nothing is served to who may not; who may is answered, told, or kept in the inbox for later.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from telegram import Update

from bot.app import application as app
from bot.container import Services
from bot.question_log.log import QuestionLog
from bot.render.i18n import say_in
from bot.schema import upgrade
from bot.settings import Settings
from bot.transport import rate_limiter
from bot.transport.send_scheduler import UNLIMITED
from retrieval.library import Library
from tests.conftest import PERSON
from tests.support.failing_sqlite import FailingSqlite
from tests.support.telegram import TOKEN, Answer, Call, Fate, Updates, refusal
from tests.support.telegram_screen import Screen, ScreenWire

ADMIN, MEMBER, REVOKED, STRANGER = 1, 5, 6, 7
OUTSIDE_GROUP = -1007
QUESTION = "怀柔科学城面积多大?"
FOUND = "100.9"
APOLOGY = "出错了"
REFUSALS = (say_in("zh")("stranger"), say_in("en")("stranger"), say_in("zh")("stranger-inline"))
TELEGRAM_ERRORS: tuple[Answer | Fate, ...] = (
    refusal(400, "Bad Request: TOPIC_CLOSED"),
    refusal(400, "Bad Request: something odd"),
    refusal(403, "Forbidden: bot was blocked by the user"),
    refusal(429, "Too Many Requests", retry_after=43_838),
    refusal(502, "Bad Gateway"),
    "lost",
)
REACHABLE_ERRORS = [one for one in TELEGRAM_ERRORS if not any(gone in str(one) for gone in ("CLOSED", "Forbidden"))]
MAX_STEPS = 400  # more than any walk takes, so that a walk that never ends fails


@dataclass
class Building:
    """The bot as it runs, with its inbox."""

    parts: app.AppParts
    api: Screen
    services: Services
    log: QuestionLog
    data: Path
    updates: Updates = field(default_factory=Updates)

    async def receive(self, update: dict[str, Any]) -> list[Call]:
        """The calls that were made for it."""
        application, before = self.parts.application, len(self.api.calls)
        await self.parts.inbox.put(Update.de_json(update, application.bot))
        while not self.parts.inbox.empty():
            read = self.parts.inbox.get_nowait()
            await self.parts.processor.process_update(read, application.process_update(read))
        await self.parts.alerts.settle()
        return self.api.calls[before:]

    def is_kept(self, update: dict[str, Any]) -> bool:
        with sqlite3.connect(self.data / "bot.db") as db:
            sql = "SELECT 1 FROM inbox WHERE id = ? AND done IS NULL"
            return db.execute(sql, [update["update_id"]]).fetchone() is not None


@asynccontextmanager
async def built(library: Library, data: Path) -> AsyncIterator[Building]:
    upgrade(data)
    log, api = QuestionLog(data / "bot.db"), Screen()
    settings = Settings(
        token=SecretStr(TOKEN),
        data=data,
        access="invite",
        admins=frozenset({ADMIN}),
        guests="on",
        questions_per_minute=1000,
    )
    services = Services.of(settings, library, log)
    parts = app.assemble(settings, services, ScreenWire(api), UNLIMITED)
    services.access.allow_chat(MEMBER, "member", ADMIN)
    services.access.allow_chat(REVOKED, "revoked", ADMIN)
    services.access.revoke(REVOKED)
    try:
        async with parts.application:
            yield Building(parts, api, services, log, data)
    finally:
        log.close()
        services.close()
        parts.inbox.close()


def everything(updates: Updates, user: int) -> list[dict[str, Any]]:
    """One of every kind of update by a person, in private, in a group that is not let in, and from elsewhere."""
    person = PERSON | {"id": user}
    alone: dict[str, Any] = {"id": user, "type": "private", "first_name": "x"}
    by: dict[str, Any] = {"from": person}
    texts = (QUESTION, "/start", "/topics", "/subscribe 原始创新 07:30", "/subscriptions", "/settings", "/help")
    private = [updates.private(text, chat=alone, **by) for text in texts]
    group = [updates.group(text, **by) for text in (f"/ask {QUESTION}", "/digest", "/status")]
    message = updates.private("…", chat=alone)["message"]
    press = {"from": person, "id": "1", "chat_instance": "1", "data": "1T:0", "message": message}
    guest = updates.group(QUESTION, **by, guest_query_id="g", kind="guest_message")
    numbered = count(20_000)
    others: list[dict[str, Any]] = [
        {"callback_query": press},
        {"inline_query": {"from": person, "id": "1", "query": "怀柔", "offset": ""}},
        {"chosen_inline_result": {"from": person, "result_id": "0" * 18, "query": "怀柔"}},
        {"guest_message": guest["guest_message"]},
    ]
    return [*private, *group, *({"update_id": next(numbered)} | other for other in others)]


def served(calls: list[Call]) -> list[Call]:
    """Calls by which somebody gets more than a refusal, an apology or silence."""
    found = []
    for call in calls:
        parameters = str(call.parameters)
        refused = any(text in parameters for text in (*REFUSALS, APOLOGY))
        alarm = call.parameters.get("chat_id") == ADMIN
        if not refused and not alarm and call.method != "getMe":
            found.append(call)
    return found


def assert_nothing_served(there: Building, calls: list[Call]) -> None:
    assert not served(calls)
    there.log.close()  # writes what is queued
    with sqlite3.connect(there.data / "bot.db") as db:
        for table in ("questions", "subscriptions", "preferences"):
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone():
                assert not db.execute(f"SELECT * FROM {table}").fetchall(), table


def answered_or_told(there: Building, update: dict[str, Any], calls: list[Call]) -> bool:
    silent = {"chosen_inline_result"}
    arrived = [call for call in calls if call.fate in {"taken", "lost"} and call.parameters.get("chat_id") != ADMIN]
    passing = {"inline_query", "guest_message"}  # nobody waits for them a minute later, so that they are not kept
    return bool(arrived) or bool(silent & set(update)) or there.is_kept(update) or bool(passing & set(update))


@pytest.fixture
def sqlite() -> Iterator[FailingSqlite]:
    failing = FailingSqlite()
    with failing.installed():
        yield failing


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limiter, "RETRY_PAUSES", (0.0, 0.0))


def failing_once(api: Screen, at: int, error: Answer | Fate) -> Callable[[], bool]:
    """The n-th call from now on fails so; whether there was one."""
    calls = count(1)
    reached = False

    def fault(method: str, _: dict[str, Any]) -> Answer | Fate:
        nonlocal reached
        if method == "getMe" or next(calls) != at:
            return "taken"
        reached = True
        return error

    api.fault = fault
    return lambda: reached


@pytest.mark.parametrize("error", TELEGRAM_ERRORS, ids=str)
@pytest.mark.parametrize("user", [STRANGER, REVOKED])
async def test_nothing_is_served_to_who_may_not_whichever_call_fails(
    library: Library, tmp_path: Path, user: int, error: Answer | Fate
) -> None:
    for number in range(1, MAX_STEPS):
        async with built(library, tmp_path / str(number)) as there:
            reached = failing_once(there.api, number, error)
            calls = [call for update in everything(Updates(), user) for call in await there.receive(fresh(update))]
            assert_nothing_served(there, calls)
            if not reached():
                break
    assert number > 10, "few calls were made: nothing was tested"
    assert number < MAX_STEPS - 1


NUMBERS = count(100_000)


def fresh(update: dict[str, Any]) -> dict[str, Any]:
    """The inbox takes each number once."""
    return update | {"update_id": next(NUMBERS)}


@pytest.mark.parametrize("user", [STRANGER, REVOKED])
@pytest.mark.parametrize("lasting", [False, True])
async def test_nothing_is_served_to_who_may_not_whichever_statement_fails(
    library: Library, tmp_path: Path, sqlite: FailingSqlite, user: int, lasting: bool
) -> None:
    async with built(library, tmp_path) as there:
        for number in range(1, MAX_STEPS):
            sqlite.start(lambda step, at=number: step >= at if lasting else step == at)  # type: ignore[misc]
            calls = [call for update in everything(Updates(), user) for call in await there.receive(fresh(update))]
            failed = sqlite.failed
            sqlite.start(lambda _: False)
            assert_nothing_served(there, calls)
            if not failed:
                break
        assert number > 10, "few statements were made: nothing was tested"
        assert number < MAX_STEPS - 1


@pytest.mark.parametrize("error", REACHABLE_ERRORS, ids=str)
async def test_a_member_is_answered_or_told_whichever_call_fails(
    library: Library, tmp_path: Path, error: Answer | Fate
) -> None:
    for number in range(1, MAX_STEPS):
        async with built(library, tmp_path / str(number)) as there:
            reached = failing_once(there.api, number, error)
            for update in map(fresh, everything(Updates(), MEMBER)):
                calls = await there.receive(update)
                assert answered_or_told(there, update, calls), (number, update)
            if not reached():
                break
    assert 10 < number < MAX_STEPS - 1


async def test_a_member_is_answered_or_told_whichever_statement_fails(
    library: Library, tmp_path: Path, sqlite: FailingSqlite
) -> None:
    async with built(library, tmp_path) as there:
        for number in range(1, MAX_STEPS):
            sqlite.start(lambda step, at=number: step == at)  # type: ignore[misc]
            for update in map(fresh, everything(Updates(), MEMBER)):
                calls = await there.receive(update)
                assert answered_or_told(there, update, calls), (number, update)
            if not sqlite.failed:
                break
        assert 10 < number < MAX_STEPS - 1


async def test_the_walk_serves_members(library: Library, tmp_path: Path) -> None:
    """Without it the tests above would also pass for a bot that says nothing."""
    async with built(library, tmp_path) as there:
        calls = [call for update in everything(Updates(), MEMBER) for call in await there.receive(update)]
        assert len(served(calls)) >= len(everything(Updates(), MEMBER)) - 1
        assert any(FOUND in str(call.parameters) for call in calls)
