"""Each column of bot.db that names a person or a chat is covered by /export and /forget, or says why not."""

import asyncio
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.background import retention_worker
from bot.container import Services
from bot.digest.delivery_records import CursorAdvance, DeliveryDraft
from bot.digest.subscription import Destination, SubscriptionSpec
from bot.question_log.log import Asker, LoggedAnswer, QuestionLog
from bot.settings import Settings
from bot.transport.inbox_table import inbox_migrations
from bot.transport.routing import Route
from bot.transport.update_inbox import UpdateInbox
from bot.users.personal_data import PersonalDataRegistry
from retrieval.library import Library
from retrieval.storage.store import Store
from tests.support.subscriptions import MORNING, Life, beijing

PERSON, OTHER = 424242, 515151
# Columns with the id of a person, or of a chat, which a private one shares with its person.
NAMES_A_PERSON = {
    ("questions", "user_id"), ("questions", "chat_id"), ("feedback", "user_id"), ("preferences", "owner"),
    ("admitted", "id"), ("admitted", "by"), ("invitations", "by"),
    ("page_sessions", "user_id"), ("subscriptions", "chat_id"), ("subscriptions", "user_id"), ("deliveries", "chat_id"),
}  # fmt: skip
# Tables that name nobody; inbox holds an update as it came until it is answered, and only its number from then on.
NOBODY = {"inbox", "chapters", "pages", "messages", "moved", "alarms", "feeds", "entries", "uploads",
           "translations", "model_usage", "page_entries", "page_bot"}  # fmt: skip
OWN = {"_sqlite_migrations", "sqlite_sequence"}
IDENTIFYING = {"user_id", "chat_id", "owner", "by"}


@pytest.fixture
def opened(fresh: Path) -> Path:
    """A bot.db with all its tables."""
    library, question_log = Library(fresh), QuestionLog(fresh / "bot.db")
    services = Services.of(Settings(data=fresh, model_url="http://127.0.0.1:1/v1", model="m"), library, question_log)
    asked = LoggedAnswer(datetime.now(UTC), Asker("private", PERSON, PERSON), "x", "en", "none", (), 1.0)
    other = LoggedAnswer(datetime.now(UTC), Asker("private", OTHER, OTHER), "x", "en", "none", (), 1.0)
    question_log.record(asked)
    question_log.record_feedback(question_log.record(other).id, PERSON, "p", "wrong")
    services.preferences.preferences(PERSON)
    services.access.admitted()
    services.page_sessions.revoke(0)
    services.subscriptions.count()
    services.feeds.all()
    services.uploads.take(0)
    assert services.model is not None
    services.model.translator.known(["储能"], "en")
    services.model.budget.used(datetime.now(UTC))
    Store(fresh / "bot.db", inbox_migrations).rows("SELECT 1 FROM inbox")
    services.close()
    question_log.close()
    library.close()
    return fresh


def columns(data: Path) -> dict[str, list[str]]:
    with sqlite3.connect(data / "bot.db") as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")] for table in tables}


def test_every_table_and_column_is_declared(opened: Path) -> None:
    there = columns(opened)
    declared = {table for table, _ in NAMES_A_PERSON}
    assert there.keys() - OWN == declared | NOBODY
    naming = {(table, name) for table, names in there.items() for name in names if name in IDENTIFYING}
    assert naming <= NAMES_A_PERSON
    assert all(name in there[table] for table, name in NAMES_A_PERSON)


# Columns with a name or a title that Telegram gave, and what docs/privacy.md says of them.
HOLDS_A_NAME = {("admitted", "name"): "their Telegram name", ("subscriptions", "title"): "with its title"}
OWN_TITLES = {("feeds", "title"), ("alarms", "name")}


def test_every_name_that_is_kept_stands_in_the_manual(opened: Path, request: pytest.FixtureRequest) -> None:
    manual = (request.config.rootpath / "docs/privacy.md").read_text("utf-8")
    named = {(table, name) for table, names in columns(opened).items() for name in names if name in {"name", "title"}}
    assert {one for one in named - OWN_TITLES if one[0] not in OWN} == HOLDS_A_NAME.keys()
    assert all(said in manual for said in HOLDS_A_NAME.values())


def fill(data: Path) -> None:
    """A row that names the person in each of the columns, with whatever else the table wants."""
    with sqlite3.connect(data / "bot.db") as db:
        for number, (table, column) in enumerate(sorted(NAMES_A_PERSON), 100):
            values: dict[str, object] = {}
            for _, name, kind, needed, _, key in db.execute(f"PRAGMA table_info({table})"):
                if name == column:
                    values[name] = PERSON
                elif key or needed:
                    values[name] = number if kind == "INTEGER" else f"{table}{number}"
            if table == "subscriptions":
                values |= {"days": "daily", "at": "07:30", "zone": "UTC", "kind": "topic", "language": "en"}
            marks = ", ".join("?" * len(values))
            db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))


def named(data: Path) -> set[tuple[str, str]]:
    with sqlite3.connect(data / "bot.db") as db:
        return {
            (table, column)
            for table, column in NAMES_A_PERSON
            if db.execute(f"SELECT 1 FROM {table} WHERE {column} = {PERSON}").fetchone()
        }


def test_whoever_is_forgotten_is_named_nowhere_and_can_take_all_along(opened: Path) -> None:
    fill(opened)
    assert named(opened) == NAMES_A_PERSON
    library, question_log = Library(opened), QuestionLog(opened / "bot.db")
    services = Services.of(Settings(data=opened), library, question_log)
    exported = services.personal_data.export(PERSON)
    assert exported.keys() >= {table for table, _ in NAMES_A_PERSON}
    services.personal_data.forget(PERSON)
    services.close()
    question_log.close()
    library.close()
    assert not named(opened)


def test_an_export_has_nobody_else_in_it(opened: Path) -> None:
    library, question_log = Library(opened), QuestionLog(opened / "bot.db")
    settings = Settings(data=opened, admins=frozenset({OTHER}))
    services = Services.of(settings, library, question_log)
    services.access.accept(services.access.invite(OTHER), PERSON, "Li")
    services.access.allow_chat(616161, "Wang", PERSON)
    exported = str(services.personal_data.export(PERSON))
    services.close()
    question_log.close()
    library.close()
    assert "Li" in exported
    assert not any(other in exported for other in (str(OTHER), "616161", "Wang"))


def told(page: str, now: datetime, *moves: CursorAdvance) -> DeliveryDraft:
    spec = SubscriptionSpec(Destination(PERSON), PERSON, "topic", "x", "en", MORNING)
    return DeliveryDraft("digest", spec, now, now + timedelta(days=1), [page], moves)


WORDS = "zzyxq mnemonic"  # of the person: nowhere but in what they said


def test_what_a_forgotten_person_said_is_nowhere_in_the_file(tmp_path: Path) -> None:
    """Asked, judged, followed, told; then the bytes are looked through."""
    life = Life(tmp_path, beijing("2026-07-01T06:00"))
    asked = LoggedAnswer(
        datetime.now(UTC), Asker("private", PERSON, PERSON), WORDS, "en", "none", (), 1.0, nowhere=[WORDS]
    )
    question_log = QuestionLog(tmp_path / "bot.db")
    question_log.record_feedback(question_log.record(asked).id, PERSON, "p", "off")
    one = life.follow(WORDS, kind="question", chat=PERSON)
    assert life.outbox.record([told(WORDS, life.now, CursorAdvance(one, one.cursor, one.next_at))], life.now) == 1
    everything = PersonalDataRegistry((question_log, life.subscriptions, life.outbox), life.store.truncate_wal)
    assert [rows for rows in everything.export(PERSON).values() if rows]
    everything.forget(PERSON)
    assert not any(everything.export(PERSON).values())
    question_log.close()
    life.stop()
    left = b"".join(path.read_bytes() for path in tmp_path.glob("bot.db*"))
    assert WORDS.encode() not in left


async def test_what_is_old_is_erased_by_itself_whatever_it_is(fresh: Path) -> None:
    library, question_log, now = Library(fresh), QuestionLog(fresh / "bot.db"), datetime(2026, 7, 1, tzinfo=UTC)
    settings = Settings(data=fresh, log_days=10)
    services = Services.of(settings, library, question_log, now=lambda: now)

    def hears(_: object) -> Route:
        return "inbox"

    store = Store(fresh / "bot.db", inbox_migrations)
    waiting = UpdateInbox(store, hears, lambda _: None)
    for days in (11, 9):
        at = now - timedelta(days=days)
        question_log.record(LoggedAnswer(at, Asker("private", 7, 7), "x", "en", "none", (), 1.0))
        services.uploads.add(["d"], "", at)
        services.outbox.record([told(f"page {days}", at)], at)
        [message] = services.outbox.ready(at, 1)
        services.outbox.mark_sent(message.id, 1, at)
        store.write("INSERT INTO inbox (id, received, content, tries) VALUES (?, ?, '?', 0)", [days, at.timestamp()])
        copy = fresh / f"bot.db.before-{days}"
        copy.write_bytes(b"x")
        os.utime(copy, (at.timestamp(), at.timestamp()))
    truncated = asyncio.Event()
    loop = asyncio.get_running_loop()

    def truncate_wal() -> None:
        services.subscription_db.truncate_wal()
        loop.call_soon_threadsafe(truncated.set)

    async with retention_worker.run_retention(
        retention_worker.retention_rules(services, waiting, settings), truncate_wal, services.answers.now
    ):
        await asyncio.wait_for(truncated.wait(), 30)
    assert [row["asked_at"][:10] for row in question_log.export(7)["questions"]] == ["2026-06-22"]
    assert [row["id"] for row in store.rows("SELECT id FROM inbox")] == [9]
    assert len(store.rows("SELECT id FROM uploads")) == 1
    assert [row["html"] for row in store.rows("SELECT html FROM pages")] == ["page 9"]
    assert [row["html"] for row in services.outbox.export(PERSON)["deliveries"]] == ["page 9"]
    assert (fresh / "bot.db.before-9").exists()
    assert not (fresh / "bot.db.before-11").exists()
    services.close()
    waiting.close()
    question_log.close()
    library.close()


def test_old_questions_are_erased_with_what_was_thought_of_them(tmp_path: Path) -> None:
    question_log, now = QuestionLog(tmp_path / "bot.db"), datetime(2026, 1, 1, tzinfo=UTC)
    ids = [
        question_log.record(
            LoggedAnswer(now - timedelta(days=days), Asker("private", 7, 7), "x", "en", "none", (), 1.0)
        ).id
        for days in (400, 366, 364, 0)
    ]
    for id in ids:
        question_log.record_feedback(id, 7, "p", "wrong")
    assert question_log.expire(now - timedelta(days=365)) == 2
    exported = question_log.export(7)
    assert [row["id"] for row in exported["questions"]] == ids[2:]
    assert sorted(row["question"] for row in exported["feedback"]) == ids[2:]
    question_log.close()
