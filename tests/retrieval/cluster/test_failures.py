"""Three real nodes, some of which end: answers are whole or there is none, and nothing that came in is lost."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from telegram import Update

from bot.app import application as app
from bot.container import Services
from bot.handlers import errors
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from cluster.nodes import LocalCluster
from retrieval.cluster.address import ClusterAddress
from retrieval.library import Library
from tests.bot.handlers.test_errors import RunningBot
from tests.retrieval.cluster.conftest import nodes_or_skip
from tests.support.cluster_streams import Streams, library_on, missing
from tests.support.telegram import TOKEN, BotApi, Updates, Wire

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[3]
QUESTIONS = [
    "怀柔科学城有多大？",
    "What is the R&D intensity of Beijing?",
    "谁在反对内卷",
    "新型储能装机规模",
    "冰雪经济 收入",
]
FAST_JOINING = "cluster.fault_detection.leader_check.timeout: 3s\ncluster.fault_detection.follower_check.timeout: 3s\n"


@pytest.fixture(scope="module")
def three_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with nodes_or_skip(tmp_path_factory, 3, FAST_JOINING) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def folders(three_nodes: LocalCluster, data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of the machine that takes documents in, with a corpus that is on the cluster, and of two that only read."""
    made = []
    for name in ("writer", "one", "two"):
        folder = tmp_path_factory.mktemp(name)
        shutil.copy(data / "lexicon.bin", folder)
        shutil.copytree(data / "cache", folder / "cache")
        made.append(folder)
    with closing(Library(made[0], cluster=ClusterAddress.parse(three_nodes.address("news")))) as library:
        library.ingest([ROOT / "seeds", ROOT / "tests" / "quality"])
        library.build_index()
    three_nodes.wait()
    return made


def test_a_node_that_is_killed_costs_no_answer_and_no_document(three_nodes: LocalCluster, folders: list[Path]) -> None:
    """The elected one, while two bots are asked and documents come in."""
    address = three_nodes.address("news")
    elected = three_nodes.nodes[0].get("/_cat/cluster_manager?format=json")[0]["node"]
    victim = next(node for node in three_nodes.nodes if node.name == elected)
    with ExitStack() as stack:
        writer, *readers = (stack.enter_context(library_on(folder, address)) for folder in folders)
        streams = Streams(readers, writer, QUESTIONS)
        with streams.running() as report:
            time.sleep(2)
            victim.kill()
            time.sleep(8)
            victim.start()
            three_nodes.wait(seconds=300)
        assert not report.failed
        assert not report.wrong
        assert len(report.milliseconds) > 20
        assert len(report.ingested) > 5
        assert not missing(address, folders[0], report.ingested, seconds=60)


async def consume(parts: app.AppParts) -> None:
    """As the application does."""
    handled = set()
    while True:
        update = await parts.inbox.get()
        task = asyncio.create_task(parts.processor.process_update(update, parts.application.process_update(update)))
        handled.add(task)
        task.add_done_callback(handled.discard)


async def sent_after(api: BotApi, first: int, count: int, seconds: float) -> list[str]:
    """The texts of so many messages from that one on."""
    async with asyncio.timeout(seconds):
        while len(api.sent()) < first + count:  # noqa: ASYNC110  # the double of Telegram tells nobody
            await asyncio.sleep(0.1)
    return [call.text for call in api.sent()[first : first + count]]


async def test_with_one_node_of_three_the_bot_says_so_and_answers_afterwards(
    three_nodes: LocalCluster, folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last one: a copy of a shard may hang after that (opensearch-project/OpenSearch#19150)."""
    monkeypatch.setattr(errors, "CORPUS_RETRY_SECONDS", 1.0)
    api, settings = BotApi(), Settings(token=SecretStr(TOKEN), data=tmp_path)
    question_log = QuestionLog(tmp_path / "bot.db")
    with library_on(folders[1], three_nodes.address("news")) as library:
        services = Services.of(settings, library, question_log)
        parts = app.assemble(settings, services, Wire(api), UNLIMITED)
        async with parts.application:
            bot = RunningBot(parts, api, Updates())
            [answer] = await bot.receive(bot.updates.private(QUESTIONS[0]))
            assert "100.9" in answer.text
            for node in three_nodes.nodes[1:]:
                await asyncio.to_thread(node.kill)
            consumer = asyncio.create_task(consume(parts))
            for n, question in enumerate(QUESTIONS[1:4]):
                sender = {"id": 20 + n, "is_bot": False, "first_name": "李", "language_code": "zh-hans"}
                raw = bot.updates.private(question)
                raw["message"] |= {"from": sender, "chat": {"id": 20 + n, "type": "private"}}
                await parts.inbox.put(Update.de_json(raw, parts.application.bot))
            kept = await sent_after(api, 1, 3, 10)
            assert all("已经记下" in text or "I have kept" in text for text in kept)
            three_nodes.nodes[1].start()
            answers = await sent_after(api, 4, 3, 240)
            assert not [text for text in answers if "没有找到" in text or "nothing" in text.lower()]
            assert any("6%" in text for text in answers)
            consumer.cancel()
        parts.inbox.close()
        services.close()
    question_log.close()
