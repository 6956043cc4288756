import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.question_log import log as log_module
from bot.question_log.log import Asker, LoggedAnswer, QuestionLog
from retrieval.model.documents import BEIJING

GROUP = Asker(place="group", user=7, chat=-1_001_234_567_890, thread=5)


def asked(text: str, minute: int = 0) -> LoggedAnswer:
    at = datetime(2026, 7, 1, 8, minute, tzinfo=BEIJING)
    return LoggedAnswer(at, GROUP, text, "zh", "answer", ["0123456789abcdef"], 12.5)


def rows(path: Path) -> list[dict[str, object]]:
    db = Database(path)
    try:
        return list(db.table("questions").rows)
    finally:
        db.close()


def test_a_question_is_kept_whole(tmp_path: Path) -> None:
    question_log = QuestionLog(tmp_path / "new" / "bot.db")
    kept = question_log.record(asked("研发\ud800强度?"))
    question_log.close()
    assert rows(tmp_path / "new" / "bot.db") == [
        {
            "id": kept.id,
            "asked_at": "2026-07-01T00:00:00.000+00:00",
            "place": "group",
            "user_id": 7,
            "chat_id": -1_001_234_567_890,
            "thread_id": 5,
            "text": "研发\ufffd强度?",
            "language": "zh",
            "verdict": "answer",
            "points": json.dumps(["0123456789abcdef"]),
            "milliseconds": 12.5,
            "searched": None,
            "message_id": None,
            "answer_id": None,
            "nowhere": "[]",
            "before": None,
        }
    ]


def record_many(question_log: QuestionLog, minute: int) -> None:
    for _ in range(600):
        question_log.record(asked("q", minute))


def test_every_question_arrives_from_every_thread_and_across_restarts(tmp_path: Path) -> None:
    for minute in range(2):
        question_log = QuestionLog(tmp_path / "bot.db")
        threads = [threading.Thread(target=record_many, args=(question_log, minute)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        question_log.close()
    assert len(rows(tmp_path / "bot.db")) == 2 * 4 * 600


def test_a_locked_database_delays_nobody_and_loses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "bot.db"
    question_log = QuestionLog(path)
    question_log.record(asked("before"))
    question_log.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    question_log = QuestionLog(path)
    question_log.record(asked("while it is locked", 1))  # comes back although nobody can write
    other.execute("ROLLBACK")
    other.close()
    question_log.close()
    assert [row["text"] for row in rows(path)] == ["before", "while it is locked"]


def test_what_never_could_be_written_is_counted_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "folder").write_text("a file where the folder should be")
    question_log = QuestionLog(tmp_path / "folder" / "bot.db")
    with caplog.at_level(logging.WARNING):
        question_log.record(asked("lost"))
        question_log.close()
    assert "1 questions could not be written" in caplog.text
    assert "lost" not in caplog.text


def test_a_row_that_sqlite_cannot_hold_does_not_keep_back_the_next(tmp_path: Path) -> None:
    question_log = QuestionLog(tmp_path / "bot.db")
    at = datetime(2026, 7, 1, tzinfo=BEIJING)
    question_log.record(LoggedAnswer(at, Asker("private", user=2**70), "too big", "en", "none", [], 0.0))
    question_log.close()
    question_log = QuestionLog(tmp_path / "bot.db")
    question_log.record(asked("next"))
    question_log.close()
    assert [row["text"] for row in rows(tmp_path / "bot.db")] == ["next"]


def test_what_is_not_yet_written_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    QuestionLog(path).close()
    question_log = QuestionLog(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")  # in WAL mode readers go on, writers wait
    first = question_log.record(asked("first"))
    second = question_log.record(asked("second"))
    question_log.record(replace(first, answer=99))
    assert question_log.question(first.id) == replace(first, answer=99)
    assert question_log.answered_by(GROUP.chat or 0, 99) == replace(first, answer=99)
    assert first.id < second.id
    other.execute("ROLLBACK")
    other.close()
    question_log.close()
    question_log = QuestionLog(path)
    assert question_log.question(first.id) == replace(first, answer=99)
    assert question_log.last(GROUP, first.asked_at) == second
    assert question_log.last(replace(GROUP, user=8), first.asked_at) is None
    assert question_log.question(4711) is None
    question_log.close()


def test_an_old_question_that_changes_is_not_newer_than_one_on_the_disk(tmp_path: Path) -> None:
    with closing(QuestionLog(tmp_path / "bot.db")) as question_log:
        first, second = question_log.record(asked("first")), question_log.record(asked("second"))
        question_log.export(7)  # writes the queue
        changed = question_log.record(replace(first, points=["changed"]))
        assert question_log.last(GROUP, first.asked_at) == second
        assert question_log.last(GROUP, first.asked_at, second.id) == changed


def test_of_two_questions_with_one_answer_the_newer_is_meant(tmp_path: Path) -> None:
    with closing(QuestionLog(tmp_path / "bot.db")) as question_log:
        first, second = (question_log.record(replace(asked(text), answer=9)) for text in ("first", "second"))
        question_log.record(replace(first, points=["changed"]))
        assert question_log.answered_by(GROUP.chat or 0, 9) == second


def test_what_is_erased_is_not_written_once_more(tmp_path: Path) -> None:
    question_log = QuestionLog(tmp_path / "bot.db")
    threads = [threading.Thread(target=record_many, args=(question_log, 0)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert question_log.forget(7) == 1200
    assert question_log.export(7) == {"questions": [], "feedback": []}
    question_log.close()
    assert not rows(tmp_path / "bot.db")


def test_a_question_and_the_message_that_answers_it_become_one_row(tmp_path: Path) -> None:
    question_log = QuestionLog(tmp_path / "bot.db")
    question = question_log.record(asked("q"))
    assert question_log.record_sent(question.id, 55)
    assert question_log.answered_by(GROUP.chat or 0, 55) == replace(question, answer=55)
    assert question_log.export(7)["questions"][0]["answer_id"] == 55
    assert not question_log.record_sent(question.id, 56), "it is on the disk: whoever asks must go there, and may wait"
    question_log.close()


def test_the_message_that_answers_is_noted_promptly_also_where_its_question_was_written(tmp_path: Path) -> None:
    question_log = QuestionLog(tmp_path / "bot.db")
    question, other = question_log.record(asked("q")), question_log.record(asked("other"))
    question_log.export(7)  # writes the queue
    assert question_log.record_sent(question.id, 55)
    assert question_log.answered_by(GROUP.chat or 0, 55) == replace(question, answer=55)
    assert not question_log.record_sent(question.id - 1, 56)
    changed = question_log.record(replace(other, points=["more"]))
    question_log.export(7)
    assert question_log.record_sent(other.id, 57)
    question_log.close()
    with closing(QuestionLog(tmp_path / "bot.db")) as question_log:
        assert question_log.question(question.id) == replace(question, answer=55)
        assert question_log.question(other.id) == replace(changed, answer=57)


@pytest.mark.parametrize("change", [lambda log: log.forget(7), lambda log: log.move(GROUP.chat, -1009)])
def test_noting_an_answer_brings_nothing_back_that_is_erased_or_moved(
    tmp_path: Path, change: Callable[[QuestionLog], object]
) -> None:
    """Noted before, at every moment of it, or after."""
    question_log = QuestionLog(tmp_path / "bot.db")
    for n in range(200):
        question = question_log.record(asked(f"q{n}"))
        question_log.export(7)
        noting = threading.Thread(target=question_log.record_sent, args=(question.id, 55))
        noting.start()
        change(question_log)
        noting.join()
    question_log.close()
    db = sqlite3.connect(tmp_path / "bot.db")
    assert not db.execute("SELECT count(*) FROM questions WHERE chat_id = ?", [GROUP.chat]).fetchone()[0]
    db.close()


@pytest.mark.parametrize(
    "erase", [lambda log: log.forget(7), lambda log: log.expire(datetime(2026, 7, 2, tzinfo=BEIJING))]
)
def test_a_question_that_is_queued_while_it_is_erased_counts_once(
    tmp_path: Path, erase: Callable[[QuestionLog], int]
) -> None:
    question_log = QuestionLog(tmp_path / "bot.db")
    questions = [question_log.record(asked(f"q{n}")) for n in range(3)]
    question_log.export(7)  # writes the queue

    def note_answer(statement: str) -> None:
        if statement.startswith("DELETE FROM questions"):
            question_log.record_sent(questions[0].id, 55)

    question_log._store._connection().conn.set_trace_callback(note_answer)
    assert erase(question_log) == 3
    question_log.close()
    assert not rows(tmp_path / "bot.db")


def test_a_stop_waits_for_no_further_question(tmp_path: Path) -> None:
    for n in range(20):
        question_log = QuestionLog(tmp_path / "bot.db")
        question_log.record(asked(f"q{n}"))
        question_log.close()
    assert len(rows(tmp_path / "bot.db")) == 20


def test_the_last_question_is_known_in_memory_once_it_was_asked_or_read(tmp_path: Path) -> None:
    path, long_ago = tmp_path / "bot.db", datetime(2026, 6, 1, tzinfo=BEIJING)
    with closing(QuestionLog(path)) as question_log:
        assert question_log.known_last(GROUP, long_ago) is None
        question_log.remember_newest(long_ago)
        assert question_log.known_last(GROUP, long_ago) == (None,)
        assert question_log.known_last(GROUP, datetime(2026, 5, 1, tzinfo=BEIJING)) is None
        first, second = question_log.record(asked("one")), question_log.record(asked("two", 1))
        question_log.record(replace(first, points=["changed"]))
        assert question_log.known_last(GROUP, long_ago) == (second,)
        assert question_log.record_sent(second.id, 11)
        assert question_log.known_last(GROUP, long_ago) == (replace(second, answer=11),)
        assert question_log.known_last(replace(GROUP, message=3), long_ago) == (replace(second, answer=11),)
        assert question_log.known_last(replace(GROUP, user=8), long_ago) == (None,)
        assert question_log.known_last(GROUP, datetime(2026, 7, 2, tzinfo=BEIJING)) == (None,)
    with closing(QuestionLog(path)) as question_log:
        question_log.record(replace(first, points=["again"]))
        assert question_log.known_last(GROUP, long_ago) is None
        question_log.remember_newest(long_ago)
        known = question_log.known_last(GROUP, long_ago)
        assert known
        assert known[0]
        assert known[0].text == "two"


@pytest.mark.parametrize("erase", ["forget", "expire", "move"])
def test_what_is_erased_or_moved_is_known_in_memory_no_more(tmp_path: Path, erase: str) -> None:
    with closing(QuestionLog(tmp_path / "bot.db")) as question_log:
        question_log.record(asked("one"))
        match erase:
            case "forget":
                question_log.forget(7)
            case "expire":
                question_log.expire(datetime(2026, 8, 1, tzinfo=BEIJING))
            case "move":
                question_log.move(-1_001_234_567_890, 5)
        assert question_log.known_last(GROUP, datetime(2026, 6, 1, tzinfo=BEIJING)) is None


def test_of_more_people_than_are_kept_only_the_disk_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MAX_KNOWN_ASKERS", 2)
    since = datetime(2026, 6, 1, tzinfo=BEIJING)
    with closing(QuestionLog(tmp_path / "bot.db")) as question_log:
        question_log.remember_newest(since)
        kept = [question_log.record(replace(asked("one"), asker=Asker("private", n, n))) for n in (1, 2, 3)]
        known = [question_log.known_last(Asker("private", n, n), since) for n in (1, 2, 3, 4)]
        assert known == [None, (kept[1],), (kept[2],), None]
        question_log.remember_newest(since)
        assert question_log.known_last(Asker("private", 4, 4), since) is None
