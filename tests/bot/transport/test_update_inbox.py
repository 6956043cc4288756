"""The inbox: what is kept, what comes back after the process has ended, and a disk that takes nothing."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, Update, User

from bot.render.i18n import Language, Localized, say_in
from bot.transport import message_joiner, update_inbox
from bot.transport.group_commit import GroupCommit
from bot.transport.inbox_table import KEEP_DONE_IDS, InboxTable, inbox_migrations
from bot.transport.message_joiner import parts_of
from bot.transport.routing import classify_update
from bot.transport.update_inbox import MAX_UPDATE_TRIES, UpdateInbox
from retrieval.storage.store import Store
from tests.support.telegram import ME, TOKEN, Updates

NOW = datetime.now(UTC)
SELF = User.de_json(ME, None)


class Process:
    """A process's life with an inbox: `end` is its death, whatever it was at."""

    def __init__(self, path: Path, now: datetime = NOW, busy: float = 5) -> None:
        self.alerts: list[str] = []
        self.late: list[int] = []
        self.now = now
        store = Store(path, inbox_migrations, busy)
        self.inbox = UpdateInbox(
            store,
            lambda update: classify_update(update, SELF, {"ask"}),
            lambda text: self.alerts.append(text(say_in("en"))),
            lambda: self.now,
        )

    async def receive(self, update: dict[str, Any]) -> Update:
        read = Update.de_json(update, None)
        await self.inbox.put(read)
        return read

    def waiting(self) -> list[int]:
        found: list[int] = []
        while not self.inbox.empty():
            update = self.inbox.get_nowait()
            assert isinstance(update, Update)
            found.append(update.update_id)
        return found

    async def recover(self) -> tuple[list[int], list[int]]:
        """What is queued, what is put aside; every update is at work when the next one comes."""
        recovering = asyncio.create_task(self.inbox.recover(Bot(TOKEN), lambda: None))
        found: list[int] = []
        while not recovering.done() or not self.inbox.empty() or self.inbox._joiner._held:
            await asyncio.sleep(0)
            if not self.inbox.empty():
                update = self.inbox.get_nowait()
                assert isinstance(update, Update)
                found.append(update.update_id)
                await self.inbox.begin(update)
                await self.inbox.done(update)
        self.late = [update.update_id for update in recovering.result().late]
        return found, [update.update_id for update in recovering.result().aside]

    def end(self) -> None:
        self.inbox.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_joiner, "JOIN_SECONDS", 0.01)


@pytest.fixture
def updates() -> Updates:
    return Updates()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


def stored(path: Path) -> dict[int, str | None]:
    db = sqlite3.connect(path)
    rows = dict(db.execute("SELECT id, content FROM inbox"))
    db.close()
    return rows


async def test_only_what_is_for_the_bot_is_kept_and_its_words_no_longer_than_needed(
    path: Path, updates: Updates
) -> None:
    process = Process(path)
    question = await process.receive(updates.private("加息了吗 \ud83d"))
    await process.receive(updates.group("今天天气不错"))
    inline = {"id": "1", "from": {"id": 7, "is_bot": False, "first_name": "李"}, "query": "jiaxi", "offset": ""}
    keystroke = await process.receive({"update_id": 5, "inline_query": inline})
    assert process.waiting() == [question.update_id, keystroke.update_id]
    assert stored(path).keys() == {question.update_id}
    await process.inbox.begin(question)
    await process.inbox.done(question)
    assert stored(path) == {question.update_id: None}
    process.end()


async def test_what_is_delivered_twice_is_queued_once(path: Path, updates: Updates) -> None:
    first, waiting = updates.private("one"), updates.private("two")
    process = Process(path)
    read = await process.receive(first)
    await process.receive(waiting)
    await process.receive(waiting)
    await process.inbox.begin(read)
    await process.inbox.done(read)
    assert len(process.waiting()) == 2
    process.end()
    process = Process(path)
    assert await process.recover() == ([waiting["update_id"]], [])
    await process.receive(first)
    await process.receive(waiting)
    assert process.waiting() == []
    process.end()


async def test_after_the_process_ended_private_questions_are_answered_and_the_rest_if_it_is_not_late(
    path: Path, updates: Updates
) -> None:
    process = Process(path)
    private, group = updates.private("?"), updates.group("/ask x")
    person = private["message"]["from"]
    press = {"update_id": 9100, "callback_query": {"id": "1", "from": person, "chat_instance": "1", "data": "v1"}}
    for update in (private, group, press):
        await process.receive(update)
    process.end()
    process = Process(path, NOW + timedelta(minutes=1))
    await process.inbox.recover(Bot(TOKEN), lambda: None)
    assert process.waiting() == [private["update_id"], group["update_id"], 9100]
    process.end()
    process = Process(path, NOW + timedelta(hours=30))
    assert await process.recover() == ([private["update_id"]], [])
    assert process.late == [group["update_id"], 9100]
    await process.receive(updates.group("/ask x"))  # it was written 30 hours ago
    assert process.waiting() == []
    process.end()


async def test_what_takes_the_process_down_is_put_aside_and_alone_suspected(path: Path, updates: Updates) -> None:
    poison, neighbour, later = updates.private("poison"), updates.private("fine"), updates.private("late")
    process = Process(path)
    for update in (poison, neighbour, later):
        read = await process.receive(update)
        if update is not later:
            await process.inbox.begin(read)
    process.end()
    for _ in range(MAX_UPDATE_TRIES - 1):
        process = Process(path)
        recovering = asyncio.create_task(process.inbox.recover(Bot(TOKEN), lambda: None))
        first = await process.inbox.get()
        assert isinstance(first, Update)
        assert first.update_id == poison["update_id"]
        assert process.inbox.empty()  # nothing else is at work while it is
        await process.inbox.begin(first)
        recovering.cancel()
        process.end()
    process = Process(path)
    found, aside = await process.recover()
    assert found == [neighbour["update_id"], later["update_id"]]
    assert aside == [poison["update_id"]]
    assert str(poison["update_id"]) in process.alerts[0]
    assert "poison" not in process.alerts[0]
    process.end()
    assert set(stored(path).values()) == {None}


async def test_a_suspect_that_takes_long_does_not_hold_up_the_others(
    path: Path, updates: Updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_inbox, "ALONE_SECONDS", 0.01)
    process = Process(path)
    slow = await process.receive(updates.private("slow"))
    other = await process.receive(updates.private("other"))
    await process.inbox.begin(slow)
    process.end()
    process = Process(path)
    await process.inbox.recover(Bot(TOKEN), lambda: None)
    assert process.waiting() == [slow.update_id, other.update_id]
    process.end()


async def test_what_could_not_be_answered_for_want_of_a_connection_comes_again(
    path: Path, updates: Updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_inbox, "RETRY_LATER_SECONDS", 0)
    process = Process(path)
    for _ in range(MAX_UPDATE_TRIES + 1):
        update = await process.receive(updates.private("?"))
        process.waiting()
        await process.inbox.begin(update)
        process.inbox.leave(update)
        await process.inbox.done(update)
        assert await process.inbox.get() is update
    process.end()
    process = Process(path)
    found, aside = await process.recover()
    assert len(found) == MAX_UPDATE_TRIES + 1
    assert not aside
    process.end()


@pytest.mark.parametrize(
    ("language", "says"), [("zh", "别的程序锁住了 bot.db"), ("en", "another program holds bot.db locked")]
)
async def test_operators_are_told_in_their_language(path: Path, language: Language, says: str) -> None:
    told: list[Localized] = []
    store = Store(path, inbox_migrations)
    commits = GroupCommit(store, told.append)

    def locked() -> None:
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    await commits.write(locked, otherwise=None)
    assert says in told[0](say_in(language))
    commits.close()
    store.close()


async def test_a_disk_that_takes_nothing_is_an_alarm_and_the_question_goes_on(path: Path, updates: Updates) -> None:
    db = sqlite3.connect(path)
    db.execute("BEGIN EXCLUSIVE")
    process = Process(path, busy=0)
    await process.inbox.recover(Bot(TOKEN), lambda: None)
    update = await process.receive(updates.private("?"))
    assert process.waiting() == [update.update_id]
    await process.inbox.begin(update)
    await process.inbox.done(update)
    [alarm] = process.alerts  # said once
    assert "The inbox cannot be written: database is locked. Questions are answered all the same" in alarm
    db.close()
    other = await process.receive(updates.private("?"))
    await process.inbox.done(other)
    assert stored(path) == {update.update_id: None, other.update_id: None}
    assert process.alerts[1:] == ["The inbox can be written again."]
    process.end()


async def test_what_a_full_disk_did_not_take_is_kept_once_it_takes_it_and_not_answered_twice(
    path: Path, updates: Updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_inbox, "RETRY_WRITE_SECONDS", 0.01)
    process = Process(path, busy=0)
    await process.receive(updates.private("the tables are made"))
    db = sqlite3.connect(path)
    db.execute("CREATE TRIGGER full BEFORE INSERT ON inbox BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
    waiting, answered = [await process.receive(updates.private("?")) for _ in range(2)]
    await process.inbox.begin(waiting)  # which writes nothing, and says nothing of the disk
    await process.inbox.done(answered)
    assert len(process.alerts) == 1
    db.execute("DROP TRIGGER full")
    for _ in range(200):
        await asyncio.sleep(0.01)
        if {waiting.update_id, answered.update_id} <= stored(path).keys():
            break
    assert stored(path)[waiting.update_id]
    assert stored(path)[answered.update_id] is None  # Telegram may deliver it again
    assert process.alerts[1:] == ["The inbox can be written again."]
    process.end()
    process = Process(path)
    assert waiting.update_id in (await process.recover())[0]
    process.end()
    db.close()


async def test_what_was_not_kept_is_offered_to_the_disk_once_more_at_the_end(path: Path, updates: Updates) -> None:
    process = Process(path, busy=0)
    await process.receive(updates.private("the tables are made"))
    db = sqlite3.connect(path)
    db.execute("BEGIN EXCLUSIVE")
    update = await process.receive(updates.private("?"))
    db.execute("ROLLBACK")
    db.close()
    process.end()
    assert stored(path)[update.update_id]


async def test_what_comes_at_once_is_one_transaction(path: Path, updates: Updates) -> None:
    process = Process(path)
    many = [Update.de_json(updates.private("?"), None) for _ in range(50)]
    await process.receive(updates.private("the tables are made"))
    said: list[str] = []
    process.inbox._table.store._connection().conn.set_trace_callback(said.append)
    await process.inbox.keep(many)
    assert said.count("COMMIT") == 1
    assert len(stored(path)) == 51
    for update in many:
        await process.inbox.put(update)
    assert process.waiting()[1:] == [update.update_id for update in many]
    said.clear()
    await asyncio.gather(*(process.inbox.begin(update) for update in many))
    assert said.count("COMMIT") == 1
    process.end()


async def test_what_is_answered_at_once_is_struck_once_each_in_one_transaction(path: Path, updates: Updates) -> None:
    process = Process(path)
    many = [await process.receive(updates.private("?")) for _ in range(5)]
    await process.inbox.done(many.pop())
    said: list[str] = []
    process.inbox._table.store._connection().conn.set_trace_callback(said.append)
    await asyncio.gather(*(process.inbox.done(update) for update in many))
    assert said.count("COMMIT") == 1
    assert sum("DO UPDATE SET done" in statement for statement in said) == len(many)
    assert set(stored(path).values()) == {None}
    process.end()


async def test_an_error_of_one_job_undoes_those_written_with_it_and_none_later(path: Path, updates: Updates) -> None:
    store = Store(path, inbox_migrations)
    commits, table = GroupCommit(store, lambda _: None), InboxTable(store)

    def broken() -> set[int]:
        raise ValueError("broken")

    keeping = [partial(table.keep, {number: "{}"}, NOW) for number in (1, 2, 3)]
    nothing: set[int] = set()
    jobs = [commits.write(work, otherwise=nothing) for work in (keeping[0], broken, keeping[1])]
    assert [type(one) for one in await asyncio.gather(*jobs, return_exceptions=True)] == [ValueError] * 3
    assert await commits.write(keeping[2], otherwise=nothing) == {3}
    commits.close()
    with pytest.raises(RuntimeError, match="closed"):
        await commits.write(keeping[0], otherwise=nothing)
    store.close()
    assert stored(path).keys() == {3}


async def test_a_strike_that_the_disk_refused_is_made_up_for(path: Path, updates: Updates) -> None:
    process = Process(path)
    one, two = [await process.receive(updates.private("?")) for _ in range(2)]
    db = sqlite3.connect(path)
    db.execute("CREATE TRIGGER full BEFORE UPDATE ON inbox BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
    await process.inbox.done(one)
    assert "disk is full" in process.alerts[0]
    db.execute("DROP TRIGGER full")
    db.close()
    await process.inbox.done(two)
    assert stored(path) == {one.update_id: None, two.update_id: None}
    process.end()


async def test_what_was_answered_while_the_database_was_locked_is_struck_when_it_is_not_and_operators_are_told(
    path: Path, updates: Updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_inbox, "RETRY_WRITE_SECONDS", 0.01)
    process = Process(path, busy=0)
    await process.receive(updates.private("the tables are made"))
    db = sqlite3.connect(path)
    db.execute("BEGIN EXCLUSIVE")
    update = await process.receive(updates.private("?"))
    await process.inbox.begin(update)
    await process.inbox.done(update)
    db.execute("ROLLBACK")
    db.close()
    for _ in range(200):
        await asyncio.sleep(0.01)
        if process.alerts[1:]:
            break
    assert process.alerts[1:] == ["The inbox can be written again."]  # without another update
    assert stored(path)[update.update_id] is None
    process.end()


async def test_ids_are_forgotten_when_telegram_has_forgotten_them(path: Path, updates: Updates) -> None:
    process = Process(path)
    for process.now in (NOW, NOW + KEEP_DONE_IDS + timedelta(minutes=1)):
        last = await process.receive(updates.private("?"))
        await process.inbox.done(last)
    assert stored(path).keys() == {last.update_id}
    process.end()


async def test_an_update_that_cannot_be_read_stops_nobody(path: Path, updates: Updates) -> None:
    process = Process(path)
    await process.receive(updates.private("broken"))
    good = await process.receive(updates.private("good"))
    process.end()
    db = sqlite3.connect(path)
    db.execute("UPDATE inbox SET content = '{' WHERE id <> ?", [good.update_id])
    db.commit()
    db.close()
    process = Process(path)
    assert await process.recover() == ([good.update_id], [])
    assert "cannot be read" in process.alerts[0]
    process.end()


async def test_an_attempt_is_counted_with_the_update_where_nothing_of_its_chat_is_before_it(
    path: Path, updates: Updates
) -> None:
    def tries(*of: Update) -> list[int]:
        with sqlite3.connect(path) as db:
            found = dict(db.execute("SELECT id, tries FROM inbox"))
        db.close()
        return [found[update.update_id] for update in of]

    process = Process(path)
    first_asked = updates.private("first")
    first = await process.receive(first_asked)
    second = await process.receive(updates.private("second"))
    other = await process.receive(updates.group("/ask other"))
    assert tries(first, second, other) == [1, 0, 1]
    for update in (first, other):
        await process.inbox.begin(update)
    assert tries(first, second, other) == [1, 0, 1]
    await process.inbox.done(first)
    await process.receive(first_asked)  # known: it is before nothing
    await process.inbox.begin(second)
    assert tries(second) == [1]
    await process.inbox.done(second)
    third = await process.receive(updates.private("third"))
    assert tries(third) == [1]
    process.end()


def album(updates: Updates, files: int) -> list[dict[str, Any]]:
    return [updates.private(media_group_id="4", caption=f"{n}") for n in range(files)]


async def test_parts_of_one_message_are_done_together(path: Path, updates: Updates) -> None:
    process, bot = Process(path), Bot(TOKEN)
    parts = album(updates, 3)
    await process.inbox.receive([*parts, updates.private("next")], bot)
    whole, after = process.inbox.get_nowait(), process.inbox.get_nowait()
    assert isinstance(whole, Update)
    assert isinstance(after, Update)
    assert [part.caption for part in parts_of(whole.message)] == ["0", "1", "2"] if whole.message else False
    await process.inbox.begin(whole)
    await process.inbox.done(whole)
    assert stored(path) == dict.fromkeys(part["update_id"] for part in parts) | {after.update_id: stored(path)[9004]}
    await process.inbox.receive(parts, bot)
    assert process.waiting() == []
    process.end()


@pytest.mark.parametrize("begun", [False, True])
async def test_parts_of_one_message_come_back_as_one(path: Path, updates: Updates, begun: bool) -> None:
    process, bot = Process(path), Bot(TOKEN)
    before, parts, after = updates.private("before"), album(updates, 3), updates.private("after")
    await process.inbox.receive([before, *parts, after], bot)
    if begun:
        for update in (process.inbox.get_nowait(), process.inbox.get_nowait()):
            assert isinstance(update, Update)
            await process.inbox.begin(update)
    process.end()
    process = Process(path)
    assert await process.recover() == ([before["update_id"], parts[0]["update_id"], after["update_id"]], [])
    assert set(stored(path).values()) == {None}
    process.end()


async def test_what_was_still_awaited_at_the_end_is_there_at_the_next_start(path: Path, updates: Updates) -> None:
    process = Process(path)
    parts = album(updates, 2)
    await process.inbox.receive(parts, Bot(TOKEN))
    assert process.waiting() == []
    process.end()
    process = Process(path)
    assert await process.recover() == ([parts[0]["update_id"]], [])
    process.end()


async def test_an_album_that_takes_the_process_down_is_put_aside_as_one(path: Path, updates: Updates) -> None:
    process = Process(path)
    parts = album(updates, 2)
    await process.inbox.receive([*parts, updates.private("after")], Bot(TOKEN))
    process.end()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE inbox SET tries = ? WHERE id = ?", [MAX_UPDATE_TRIES, parts[0]["update_id"]])
    db.close()
    process = Process(path)
    assert await process.recover() == ([parts[1]["update_id"] + 1], [parts[0]["update_id"]])
    assert len(process.alerts) == 1
    process.end()


async def test_in_a_group_the_rest_of_a_cut_question_is_kept(
    path: Path, updates: Updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_joiner, "JOIN_SECONDS", 600.0)  # a slow disk takes longer than a short one
    process = Process(path)
    asked, rest = updates.group("/ask " + "a" * 4091), updates.group("the rest")
    await process.inbox.receive([asked], Bot(TOKEN))
    await process.inbox.receive([rest, updates.group("talk")], Bot(TOKEN))
    assert process.waiting() == [asked["update_id"]]
    assert stored(path).keys() == {asked["update_id"], rest["update_id"]}
    process.end()


async def test_a_part_that_comes_after_the_next_start_is_joined(
    path: Path, updates: Updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a group, where it does not address the bot."""
    monkeypatch.setattr(message_joiner, "JOIN_SECONDS", 600.0)
    for chat in (updates.private, updates.group):
        asked, rest = chat("/ask " + "a" * 4091), chat("the rest")
        process = Process(path)
        await process.inbox.receive([asked], Bot(TOKEN))
        process.end()
        process = Process(path)
        await process.inbox.recover(Bot(TOKEN), lambda: None)
        assert process.waiting() == []
        await process.inbox.receive([rest], Bot(TOKEN))
        whole = process.inbox.get_nowait()
        assert isinstance(whole, Update)
        assert whole.message
        assert len(parts_of(whole.message)) == 2
        await process.inbox.done(whole)
        process.end()
