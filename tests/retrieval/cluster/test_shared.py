"""Two bots with tokens of their own answer from one cluster, while a third machine takes documents in."""

import asyncio
import shutil
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.doctor.cluster import check_cluster
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from cluster.nodes import LocalCluster
from retrieval.cluster.address import ClusterAddress
from retrieval.library import Library
from tests.bot.handlers.test_errors import RunningBot
from tests.support.cluster_streams import library_on, strange_document
from tests.support.telegram import TOKEN, BotApi, Updates, Wire

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[3]
TOKENS = (TOKEN, "654321:TEST-token_of_another_double")


def folder_of(data: Path, path: Path) -> Path:
    path.mkdir()
    shutil.copy(data / "lexicon.bin", path)
    shutil.copytree(data / "cache", path / "cache")
    return path


async def test_two_bots_share_a_corpus_that_grows(one_node: LocalCluster, data: Path, tmp_path: Path) -> None:
    address = one_node.address("shared")
    with closing(Library(folder_of(data, tmp_path / "writer"), cluster=ClusterAddress.parse(address))) as writer:
        writer.ingest([ROOT / "seeds"])
        writer.build_index()
        async with AsyncExitStack() as stack:
            bots = []
            for n, token in enumerate(TOKENS):
                folder = folder_of(data, tmp_path / str(n))
                library = stack.enter_context(library_on(folder, address))
                question_log = stack.enter_context(closing(QuestionLog(folder / "bot.db")))
                settings, api = Settings(token=SecretStr(token), data=folder), BotApi()
                services = stack.enter_context(closing(Services.of(settings, library, question_log)))
                parts = app.assemble(settings, services, Wire(api), UNLIMITED)
                await stack.enter_async_context(parts.application)
                stack.callback(parts.inbox.close)
                bots.append((RunningBot(parts, api, Updates()), library))
            writer.start_refresh()
            for n in range(4):
                await asyncio.to_thread(writer.add, [strange_document(n)], "news")
                for bot, _ in bots:
                    [answer] = await bot.receive(bot.updates.private("怀柔科学城有多大？"))
                    assert "100.9" in answer.text
            for bot, library in bots:
                async with asyncio.timeout(60):
                    while library.document(strange_document(3).id) is None:  # noqa: ASYNC110  # as long as it takes
                        await asyncio.sleep(0.2)
                [answer] = await bot.receive(bot.updates.private("xqz3 wvq3"))
                assert "xqz3 wvq3" in answer.text


def test_the_status_is_well_where_it_is(one_node: LocalCluster, data: Path, tmp_path: Path) -> None:
    address = one_node.address("status")
    settings = Settings(data=tmp_path / "writer", corpus=SecretStr(address))
    folder_of(data, tmp_path / "writer")
    assert "there is none for this version of the bot yet" in [one.text for one in check_cluster(settings)]
    with closing(Library(tmp_path / "writer", cluster=settings.cluster)) as writer:
        writer.ingest([ROOT / "seeds"])
        writer.build_index()
        writer.add([strange_document(1)], "news")
        assert any("2 points are not there yet" in one.text for one in check_cluster(settings))
        writer.build_index()
    assert not [one for one in check_cluster(settings) if one.severity == "error"]
    assert any("all that came in here is there" in one.text for one in check_cluster(settings))
