"""The page beside a cluster: a machine that only reads it shows what the machine shows where documents come in."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from cluster.nodes import LocalCluster
from retrieval.cluster.address import ClusterAddress
from retrieval.library import Library
from retrieval.listing import open_listing
from retrieval.storage.listing import CorpusListing, DocumentChoice
from tests.bot.cli.test_web import page_process, wait_for
from tests.bot.transport.test_webhook import free
from tests.retrieval.cluster.test_shared import folder_of
from tests.support.cluster_streams import strange_document
from tests.support.page import links, page_client
from tests.support.process import PATIENCE

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[3]
TOPIC = "原始创新"
DEAD = "opensearch+http://127.0.0.1:9/none"


@dataclass
class TwoMachines:
    """`writer` takes documents in; `reader_folder` has none of its own."""

    writer: Library
    writer_folder: Path
    reader_folder: Path
    address: str

    def listings(self, stack: ExitStack) -> tuple[CorpusListing, CorpusListing]:
        there = open_listing(self.writer_folder)
        here = open_listing(self.reader_folder, ClusterAddress.parse(self.address))
        return stack.enter_context(closing(there)), stack.enter_context(closing(here))


@pytest.fixture(scope="module")
def machines(one_node: LocalCluster, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoMachines]:
    folder, address = tmp_path_factory.mktemp("listing"), one_node.address("listing")
    writer_folder, reader_folder = folder_of(data, folder / "writer"), folder_of(data, folder / "reader")
    with closing(Library(writer_folder, cluster=ClusterAddress.parse(address))) as writer:
        writer.ingest([ROOT / "seeds", ROOT / "tests" / "quality"])
        writer.add([strange_document(1)], "news")
        writer.build_index()
        yield TwoMachines(writer, writer_folder, reader_folder, address)


def test_lists_and_counts_are_the_same(machines: TwoMachines) -> None:
    with ExitStack() as stack:
        there, here = machines.listings(stack)
        topics: list[str | None] = [None, "no such topic", *(topic.name for topic in machines.writer.topics())]
        for topic in topics:
            outlets = [None, "no such outlet", *(one.value for one in there.outlets(DocumentChoice(topic)))]
            months = [None, "2025", "2025-1", "", "*", *(one.value for one in there.months(DocumentChoice(topic)))]
            assert here.outlets(DocumentChoice(topic)) == there.outlets(DocumentChoice(topic))
            assert here.months(DocumentChoice(topic)) == there.months(DocumentChoice(topic))
            for outlet, month in [(one, None) for one in outlets] + [(outlets[-1], one) for one in months]:
                choice = DocumentChoice(topic, outlet, month)
                assert here.count(choice) == there.count(choice), choice
                assert here.documents(choice, 10) == there.documents(choice, 10), choice
                assert here.documents(choice, 5, 3) == there.documents(choice, 5, 3), choice


def test_what_comes_in_is_listed_and_changes_the_version(machines: TwoMachines) -> None:
    with ExitStack() as stack:
        _, here = machines.listings(stack)
        before, count = here.version(), here.count(DocumentChoice())
        machines.writer.add([strange_document(2)], "news")
        machines.writer.build_index()
        here._look()  # type: ignore[attr-defined]  # as every half a second
        assert here.version() != before
        assert here.count(DocumentChoice()) == count + 1


def test_the_page_s_process_shows_and_searches_the_cluster(machines: TwoMachines) -> None:
    place = free()
    with page_process(machines.reader_folder, place, ZHIDIAN_CORPUS=machines.address, ZHIDIAN_SEMANTIC="off"):
        home = wait_for(f"http://{place}/").text
        address = links(home)[next(text for text in links(home) if text.startswith(TOPIC))]
        topic = httpx.get(f"http://{place}{address}", timeout=PATIENCE).text
        found = next(href for text, href in links(topic).items() if text.startswith("怀柔科学城将建成"))
        assert "100.9" in httpx.get(f"http://{place}{found}", timeout=PATIENCE).text
        assert "100.9" in httpx.get(f"http://{place}/search?q={quote('怀柔科学城面积多大?')}", timeout=PATIENCE).text
        assert "<entry" in httpx.get(f"http://{place}/feed.xml", timeout=PATIENCE).text


def test_a_cluster_that_is_away_is_said(library: Library, data: Path, tmp_path: Path) -> None:
    folder = folder_of(data, tmp_path / "reader")
    with closing(Library(folder, cluster=ClusterAddress.parse(DEAD))) as reader:
        listing = open_listing(folder, ClusterAddress.parse(DEAD))
        with page_client(reader, folder, listing=listing) as page:
            for path in ("/", "/search?q=x", "/feed.xml"):
                answer = page.get(path, headers={"Accept-Language": "en"})
                assert answer.status_code == 503
                assert "cannot be reached" in answer.text
            assert page.get("/api/topics").json()["error"]["code"] == "busy"
            assert page.get("/robots.txt").status_code == 200
