"""What a corpus on a real node must do as the one in this process does; `make test-cluster` runs it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from cluster.nodes import LocalCluster
from retrieval.administration.ingestion import analyzer_fingerprint
from retrieval.cluster import projector as projector_module
from retrieval.cluster.address import ClusterAddress
from retrieval.cluster.client import ClusterClient
from retrieval.cluster.clustered import ClusterReader
from retrieval.cluster.documents import ClusterDocuments
from retrieval.cluster.errors import ForeignCorpusError, NoProjectionError
from retrieval.cluster.generations import MAX_CLAUSES, Generations, clause_limit
from retrieval.cluster.naming import IndexNames
from retrieval.cluster.projector import Projector
from retrieval.cluster.state import find_state, read_state
from retrieval.library import Library
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import BEIJING
from retrieval.model.results import Result
from retrieval.model.search_request import SearchRequest
from retrieval.search.pipeline import search
from retrieval.storage.corpus import Corpus
from tests.support.documents import analyse, document, matching
from tests.support.encoder import Toy

pytestmark = pytest.mark.cluster

NOW = datetime(2026, 11, 29, 12, tzinfo=BEIJING)
ROOT = Path(__file__).parents[3]
PREFIXES = (f"test{n}" for n in count())
QUESTIONS = [
    *("怀柔科学城有多大", "北京的研发投入强度是多少?", "What is the R&D intensity of Beijing?", "谁在反对内卷"),
    *("huairou kexuecheng", "lithium battery exports", "新型储能装机规模 outlet:人民日报", "冰雪经济 date:2025"),
    *(
        "数据要素 -交易",
        "“数据要素”市场",
        '"ice and snow" economy',
        "topic:新型储能 成本",
        "date:2025",
        "outlet:经济日报",
    ),
    *("量子计算机的保修期", "xqzfoo", "储能", "基础研究经费占比", "snow tourism revenue 2024", "the of and"),
]


@dataclass
class Projection:
    """A corpus of its own under a prefix of its own."""

    corpus: Corpus
    client: ClusterClient
    names: IndexNames

    @property
    def projector(self) -> Projector:
        return Projector(self.client, self.names, self.corpus)

    @property
    def documents(self) -> ClusterDocuments:
        return ClusterDocuments(self.client, self.names)


@pytest.fixture
def projection(one_node: LocalCluster, tmp_path: Path) -> Iterator[Projection]:
    client = ClusterClient(ClusterAddress.parse(one_node.address(next(PREFIXES))))
    corpus = Corpus(tmp_path / "corpus.db")
    yield Projection(corpus, client, IndexNames.of(client.address.prefix, "an analyser"))
    corpus.close()
    client.close()


@pytest.fixture(scope="module")
def both(
    one_node: LocalCluster, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], tuple[Result, Result]]]:
    """A question's result from the index in this process, and from the node."""
    folder = tmp_path_factory.mktemp("quality")
    for name in ("lexicon.bin", "cache"):
        copy = shutil.copytree if (data / name).is_dir() else shutil.copy
        copy(data / name, folder / name)
    library = Library(folder)
    library.ingest([ROOT / "seeds", ROOT / "tests" / "quality"])
    client = ClusterClient(ClusterAddress.parse(one_node.address(next(PREFIXES))))
    names = IndexNames.of(client.address.prefix, analyzer_fingerprint())
    corpus = Corpus(folder / "corpus.db")
    Projector(client, names, corpus).catch_up()
    clustered, embedded = ClusterReader(client, names).current(), library._refresh()

    def ask(question: str) -> tuple[Result, Result]:
        results = [
            replace(search(SearchRequest(question, 10, NOW), state, library._query_analyzer(state)), milliseconds=0.0)
            for state in (embedded, clustered)
        ]
        return results[0], results[1]

    yield ask
    corpus.close()
    client.close()
    library.close()


@pytest.fixture(scope="module")
def meaningful(
    one_node: LocalCluster, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], tuple[Result, Result]]]:
    """As `both`, with an encoder; documents change after they have vectors."""
    folder = tmp_path_factory.mktemp("meaning")
    for name in ("lexicon.bin", "cache"):
        copy = shutil.copytree if (data / name).is_dir() else shutil.copy
        copy(data / name, folder / name)
    address = ClusterAddress.parse(one_node.address(next(PREFIXES)))
    library = Library(folder, encoder=Toy())
    clustered = Library(folder, encoder=Toy(), cluster=address)
    steps: list[Callable[[], object]] = [
        lambda: library.ingest([ROOT / "seeds"]),
        lambda: library.ingest([ROOT / "tests" / "quality" / "冰雪经济.txt"]),
        lambda: library.remove([library.recent(1)[0].id]),
    ]
    for step in steps:
        step()
        library.embed_missing()
        clustered.build_index()

    def ask(question: str) -> tuple[Result, Result]:
        ours, theirs = (one.search(question, 10, now=NOW) for one in (library, clustered))
        return ours, theirs

    yield ask
    clustered.close()
    library.close()


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_answer(both: Callable[[str], tuple[Result, Result]], question: str) -> None:
    ours, theirs = both(question)
    assert [hit.point for hit in theirs.hits] == [hit.point for hit in ours.hits]
    assert [hit.document for hit in theirs.hits] == [hit.document for hit in ours.hits]
    assert [hit.folded for hit in theirs.hits] == [hit.folded for hit in ours.hits]
    assert [hit.matches for hit in theirs.hits] == [hit.matches for hit in ours.hits]
    assert [hit.score for hit in theirs.hits] == pytest.approx([hit.score for hit in ours.hits], rel=1e-6)
    assert (theirs.verdict, theirs.missing, theirs.nowhere) == (ours.verdict, ours.missing, ours.nowhere)
    assert theirs.confidence == pytest.approx(ours.confidence, abs=1e-6)
    assert theirs.reading == ours.reading


@pytest.mark.parametrize(
    "question", ["怀柔科学城有多大", "谁在反对内卷", "R&D intensity outlet:经济日报", "基础研究 -经费"]
)
def test_the_same_answer_by_meaning(meaningful: Callable[[str], tuple[Result, Result]], question: str) -> None:
    ours, theirs = meaningful(question)
    assert [hit.point for hit in theirs.hits] == [hit.point for hit in ours.hits]
    assert [hit.score for hit in theirs.hits] == pytest.approx([hit.score for hit in ours.hits], rel=1e-6)
    assert theirs.verdict == ours.verdict
    assert theirs.confidence == pytest.approx(ours.confidence, abs=1e-6)


def assert_reads_alike(projection: Projection) -> None:
    corpus, there = projection.corpus, projection.documents
    assert there.counts() == corpus.counts()
    assert there.topics() == corpus.topics()
    every = corpus.recent(-1)
    assert there.recent(-1) == every
    for limit, offset, topic in ((2, 0, None), (2, 1, None), (3, 0, "储能"), (3, 0, "nothing")):
        assert there.recent(limit, topic, offset) == corpus.recent(limit, topic, offset)
    for seen, topic in ((0, None), (1, None), (0, "储能"), (99, None)):
        assert there.after(seen, topic) == corpus.after(seen, topic)
    ids = [one.id for one in every] + ["0" * 16]
    assert there.first_seen(ids) == corpus.first_seen(ids)
    assert [there.document(id) for id in ids] == [corpus.document(id) for id in ids]
    points = [point.id for one in every for point in one.points] + ["none"]
    assert there.texts(points) == corpus.texts(points)
    keys = [row.point for row in corpus.rows()] + [10_000]
    assert there.hits(keys) == corpus.hits(keys)
    for wanted in (
        DocumentFilter(topics=("储能",)),
        DocumentFilter(outlets=("经济日报",), after=1),
        DocumentFilter(through=1),
    ):
        assert there.newest(wanted, 5) == corpus.newest(matching(corpus, wanted), 5)


def test_whatever_happens_to_the_corpus_is_followed(projection: Projection) -> None:
    corpus = projection.corpus
    one, two = document("A", "x", "y"), document("B", "z", topic="储能", minutes=1)
    steps: list[Callable[[], object]] = [
        lambda: corpus.add([one, two], analyse),
        lambda: corpus.add([document("A", "x", "changed")], analyse),
        lambda: corpus.add([replace(one, topics=("储能",))], analyse),
        lambda: corpus.add([replace(one, url="https://ce.cn/a")], analyse),
        lambda: corpus.remove([two.id]),
        lambda: corpus.allow_again([two.id]),
        lambda: corpus.add([two, document("C", "w", minutes=2)], analyse),
        lambda: corpus.remove([one.id, two.id]),
    ]
    for step in steps:
        step()
        projection.projector.catch_up()
        assert_reads_alike(projection)


def test_terms_and_sizes_are_followed(projection: Projection) -> None:
    projection.corpus.add([document("A", "x", "y x")], analyse)
    projection.projector.catch_up()
    reader = ClusterReader(projection.client, projection.names)
    first = reader.current()
    assert reader.current() is first
    assert ("x" in first.vocabulary, "new" in first.vocabulary, first.size.points, first.size.text_terms) == (
        True,
        False,
        2,
        3,
    )
    projection.corpus.add([document("B", "new", topic="储能")], analyse)
    projection.projector.catch_up()
    second = reader.current()
    assert ("x" in second.vocabulary, "new" in second.vocabulary, second.size.points) == (True, True, 3)
    assert second.topics == ("储能", "科创")


def test_a_projector_that_was_killed_between_two_batches_writes_nothing_twice(
    projection: Projection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector_module, "PROJECTED_POINTS", 1)
    projection.corpus.add([document(f"T{n}", "x", "y") for n in range(3)], analyse)
    progress: list[int] = []

    def killed(path: str, done: int, total: int) -> None:
        progress.append(done)
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        projection.projector.catch_up(killed)
    index = Generations(projection.client, projection.names).indexes(1)["state"]
    state = find_state(projection.client, index)
    assert state
    assert state.point == 4
    # as if the last state had not been written any more
    projection.client.request("PUT", f"/{index}/_doc/state", replace(state, point=2).document())
    projection.projector.catch_up()
    assert_reads_alike(projection)
    assert progress == [2, 4]


def test_only_one_machine_s_corpus_is_there(projection: Projection, tmp_path: Path) -> None:
    with pytest.raises(NoProjectionError, match="zhidian cluster reindex"):
        read_state(projection.client, projection.names)
    other = Corpus(tmp_path / "other.db")
    projection.projector.ensure_ours()
    projection.projector.catch_up()  # nothing came in here: nothing is made
    assert Generations(projection.client, projection.names).current() is None
    projection.corpus.add([document("A", "x")], analyse)
    projection.projector.catch_up()
    theirs = Projector(projection.client, projection.names, other)
    theirs.catch_up()
    other.add([document("B", "y"), document("C", "z")], analyse)
    for refused in (theirs.catch_up, theirs.ensure_ours):
        with pytest.raises(ForeignCorpusError, match="another machine"):
            refused()
    theirs.reindex()
    assert projection.documents.recent(-1) == other.recent(-1)
    with pytest.raises(ForeignCorpusError):
        projection.projector.catch_up()
    other.close()


def test_a_new_generation_takes_the_place_of_the_old_at_once(projection: Projection) -> None:
    projection.corpus.add([document("A", "x")], analyse)
    projection.projector.catch_up()
    reader = ClusterReader(projection.client, projection.names)
    before, seen = reader.current(), []
    projection.corpus.add([document("B", "y")], analyse)
    projection.projector.reindex(lambda *_: seen.append(projection.documents.counts().documents))
    assert seen == [1]
    assert_reads_alike(projection)
    after = reader.current()
    assert (after.size.points, after.version > before.version, "y" in after.vocabulary) == (2, True, True)
    generations = Generations(projection.client, projection.names)
    assert generations.current() == 2
    found = projection.client.request("GET", f"/{projection.names.prefix}-*")
    assert set(found) == set(generations.indexes(2).values())
    projection.corpus.add([document("C", "z")], analyse)
    projection.projector.catch_up()
    assert_reads_alike(projection)


def test_another_analyser_reads_other_indexes(projection: Projection) -> None:
    projection.corpus.add([document("A", "x")], analyse)
    projection.projector.catch_up()
    later = IndexNames.of(projection.names.prefix, "a later analyser")
    with pytest.raises(NoProjectionError):
        read_state(projection.client, later)
    Projector(projection.client, later, projection.corpus).catch_up()
    assert read_state(projection.client, later).point == read_state(projection.client, projection.names).point


def test_questions_of_many_words_are_taken(projection: Projection) -> None:
    projection.corpus.add([document("A", "x")], analyse)
    projection.projector.catch_up()
    assert clause_limit(projection.client) >= MAX_CLAUSES
    clauses = [{"term": {"text": {"value": f"w{n}", "boost": 0.5}}} for n in range(5_000)]
    query = {"bool": {"should": [*clauses, {"term": {"text": "x"}}]}}
    found = projection.client.search(projection.names.alias("points"), {"query": query})
    assert len(found["hits"]["hits"]) == 1
