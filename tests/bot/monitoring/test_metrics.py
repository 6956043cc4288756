import json
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.container import Services
from bot.monitoring.metrics import Metrics, MetricsServer, QueueGauges
from bot.question_log.log import Asker, LoggedAnswer, QuestionLog
from bot.settings import Settings
from bot.transport.heartbeat import WATCHDOG_EXIT_CODE, Heartbeat, Watchdog
from retrieval.library import Library
from tests.support.stories import ingest, story


def got(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_what_is_counted_and_whether_all_is_well(fresh: Path, tmp_path: Path) -> None:
    library, question_log = Library(fresh), QuestionLog(fresh / "bot.db")
    ingest(library, tmp_path, [story("Kites", "Kites fly.", "Pigeons walk.")])
    services, heartbeat = Services.of(Settings(data=fresh), library, question_log), Heartbeat()
    services.feeds.add("https://me:secret@a.example/f?key=secret", "T", timedelta(hours=1), "", datetime.now(UTC))
    metrics = Metrics(services, QueueGauges(lambda: 3, lambda: 2), heartbeat)
    question_log.listeners.append(metrics.asked)
    for verdict in ("answer", "none"):
        question_log.record(
            LoggedAnswer(datetime.now(UTC), Asker("group", 7, -7), "secret words", "en", verdict, (), 12.0)
        )
    metrics.answered(0.03)
    exposed = MetricsServer(metrics, "127.0.0.1", 0)
    other = MetricsServer(metrics, "127.0.0.1", exposed.port)  # taken: said, and no more
    assert other.port == 0
    other.close()
    assert got(exposed.port, "/healthz")[0] == 503
    heartbeat.beat(answered=True)
    code, said = got(exposed.port, "/healthz")
    assert (code, json.loads(said)["status"]) == (200, "ok")
    code, said = got(exposed.port, "/metrics")
    assert code == 200
    for line in (
        'zhidian_questions_total{place="group",verdict="answer"} 1.0',
        'zhidian_search_seconds_bucket{le="0.02"} 2.0',
        "zhidian_answer_seconds_count 1.0",
        "zhidian_documents 1.0",
        "zhidian_points 2.0",
        "zhidian_inbox_waiting 3.0",
        "zhidian_flood_waits_total 2.0",
        'zhidian_feed_failures{id="1",url="https://a.example/f"} 0.0',
    ):
        assert line in said.splitlines()
    assert "secret" not in said
    assert got(exposed.port, "/else")[0] == 404
    exposed.close()
    services.close()
    question_log.close()
    library.close()


@pytest.mark.parametrize("answered", [True, False])
def test_a_poll_that_neither_succeeds_nor_fails_ends_the_process(answered: bool) -> None:
    clock, ended, told = [0.0], list[int](), threading.Event()

    def end(code: int) -> None:
        ended.append(code)
        told.set()

    heartbeat = Heartbeat(lambda: clock[0])
    watchdog = Watchdog(heartbeat, end, look=0.01, silent=300)
    clock[0] = 1_000
    assert not told.wait(0.1)  # before the first beat there is nothing to miss
    heartbeat.beat(answered=answered)
    clock[0] += 299
    assert not told.wait(0.1)
    clock[0] += 2
    assert told.wait(5)
    watchdog.close()
    assert ended == [WATCHDOG_EXIT_CODE]
