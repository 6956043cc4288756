"""The same corpus, whatever the order and the way in which it came in: the same scores."""

from datetime import datetime
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.index import snapshot as module
from retrieval.index import snapshot_store
from retrieval.index.concept_postings import ConceptPlan
from retrieval.index.segment import CHECKED_LATER, TEXT_POSTINGS, Segment
from retrieval.index.snapshot import Snapshot
from retrieval.index.snapshot_store import MANIFEST, SnapshotStore, load, save, verify
from retrieval.language.lexicon import Alternative
from retrieval.language.neighbours import Neighbours, PresentNeighbours
from retrieval.model.documents import BEIJING, Document, Outlet, Point, document_id, point_id
from retrieval.query.concepts import AnalyzedQuery, Concept
from retrieval.runtime import array_file
from retrieval.runtime.array_file import ArrayFile, DamagedFileError
from retrieval.search.ranker import rank
from retrieval.storage.corpus import Corpus
from retrieval.storage.schema import PointTokens, Tokens
from tests.support.array_files import write_without_block_checksums

WORDS = ["export", "growth", "tariff", "出口", "增长", "=4.2e+10", "7"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=4)
QUESTION = AnalyzedQuery(
    (
        Concept("出口", (Alternative(("出口",), 1.0), Alternative(("export",), 0.7))),
        Concept("增长", (Alternative(("export", "growth"), 0.31), Alternative(("增长",), 1.0))),
        Concept("tariff", (Alternative(("tariff",), 1.0),)),
    ),
    (),
    quantity=True,
)


def document(title: str, *texts: str) -> Document:
    published = datetime(2025, 7, 1, tzinfo=BEIJING)
    id = document_id("经济日报", title, published)
    points = tuple(Point(point_id(id, text), text, "growth", ()) for text in texts)
    return Document(id, title, Outlet("经济日报"), published, ("trade",), None, points)


def analyse(document: Document) -> Tokens:
    return Tokens(
        document.title, tuple(PointTokens(point.text, point.section, "7\nexport") for point in document.points)
    )


def ranked(snapshot: Snapshot, corpus: Corpus) -> list[tuple[str, float]]:
    matched = rank(snapshot, QUESTION)
    keys = snapshot.keys[matched.points].tolist()
    hits = corpus.hits(keys)
    return [(hits[key][1].id, score) for key, score in zip(keys, matched.scores.tolist(), strict=True)]


def all_terms(snapshot: Snapshot) -> list[str]:
    return snapshot.vocabulary.with_prefix("", 255)


def fresh(documents: list[Document]) -> tuple[list[tuple[str, float]], list[str]]:
    corpus = Corpus(None)
    corpus.add(documents, analyse)
    snapshot = Snapshot.build(corpus, None)
    found = ranked(snapshot, corpus), all_terms(snapshot)
    corpus.close()
    return found


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), TEXTS, st.booleans()), min_size=1, max_size=12),
    random=st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_however_it_came_in(steps: list[tuple[int, list[str], bool]], random: Random) -> None:
    corpus = Corpus(None)
    snapshot = Snapshot.build(corpus, None)
    standing: dict[int, Document] = {}
    for number, texts, removed in steps:
        if removed and number in standing:
            corpus.remove([standing.pop(number).id])
        else:
            incoming = document(f"export {number}", *texts)
            if not corpus.add([incoming], analyse).removed:
                standing[number] = incoming
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "MIN_SEGMENT_TEXTS", 3)  # parts of a few points are large already
            patch.setattr(module, "CHUNK_ROWS", 4)
            snapshot = snapshot.refreshed(corpus, None)
        if len(texts) == 1:
            snapshot = snapshot.compacted()
    documents = list(standing.values())
    random.shuffle(documents)
    assert (ranked(snapshot, corpus), all_terms(snapshot)) == fresh(documents)
    assert all(word in snapshot.vocabulary for word in all_terms(snapshot))
    corpus.close()


def test_words_of_removed_texts_are_no_neighbours() -> None:
    neighbours = Neighbours.load()
    everywhere = PresentNeighbours(neighbours, np.ones(len(neighbours.terms), np.bool_))
    near = [term for term, _ in everywhere.of("补贴")]
    removed, kept = document("removed", " ".join(near[::2])), document("kept", " ".join(near[1::2]))
    corpus = Corpus(None)
    corpus.add([removed, kept], analyse)
    snapshot = Snapshot.build(corpus, None)
    corpus.remove([removed.id])
    found = snapshot.refreshed(corpus, None).vocabulary.neighbours_present(neighbours).of("补贴")
    assert [term for term, _ in found] == near[1::2]
    corpus.close()


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path / "corpus.db")
    corpus.add([document("export", "export growth 7", "tariff"), document("出口", "出口 增长")], analyse)
    return corpus


@pytest.fixture
def folder(tmp_path: Path, corpus: Corpus) -> Path:
    save(Snapshot.build(corpus, None), tmp_path / "index")
    return tmp_path / "index"


def test_saved_is_found_again(corpus: Corpus, folder: Path) -> None:
    found = load(folder, corpus, corpus.version())
    assert found
    assert ranked(found, corpus) == ranked(Snapshot.build(corpus, None), corpus)
    assert found.segments[0].text.texts.base is not None  # mapped, not read


def test_saved_catches_up(corpus: Corpus, folder: Path) -> None:
    corpus.add([document("tariff", "tariff growth")], analyse)
    corpus.remove([document("export").id])
    found = load(folder, corpus, corpus.version())
    assert found
    assert ranked(found, corpus) == ranked(Snapshot.build(corpus, None), corpus)


def test_an_index_that_is_slower_to_open_is_written_again(
    corpus: Corpus, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a version that had no checksums of blocks."""
    [path] = folder.glob("*.part")
    write_without_block_checksums(path, array_file.read(path))
    monkeypatch.setattr(snapshot_store, "MIN_SEGMENT_TEXTS", 1)  # so it is mapped once it is written
    archive = SnapshotStore(corpus, folder)
    before = ranked(archive.current(), corpus)
    archive.wait_until_saved()
    assert not ArrayFile(path).is_outdated
    assert not archive.current().segments[0].is_outdated
    assert ranked(archive.current(), corpus) == before
    archive.close()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff" * 5000, None])
@pytest.mark.parametrize("pattern", [MANIFEST, "*.part"])
def test_damage_is_no_more_than_lost_time(corpus: Corpus, folder: Path, pattern: str, content: bytes | None) -> None:
    [file] = folder.glob(pattern)
    file.write_bytes(file.read_bytes()[:50] if content is None else content)
    assert load(folder, corpus, None) is None
    archive = SnapshotStore(corpus, folder)
    assert len(ranked(archive.current(), corpus)) == 3
    archive.wait_until_saved()
    assert load(folder, corpus, None)


def damage(folder: Path, name: str) -> None:
    """Of an array that opening does not read, the first item."""
    [path] = folder.glob("*.part")
    read = ArrayFile(path)
    with path.open("r+b") as file:
        file.seek(read._end + read._places[name].at)
        file.write(b"\xff\xff")


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_file, "BLOCK_BYTES", array_file.ALIGNMENT_BYTES)  # so each array has its own


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", CHECKED_LATER)
def test_damage_that_is_found_later_is_mended_too(corpus: Corpus, folder: Path, name: str) -> None:
    damage(folder, name)
    opened = load(folder, corpus, corpus.version())
    assert opened
    with pytest.raises(DamagedFileError):
        verify(opened, corpus)
    archive = SnapshotStore(corpus, folder)
    archive.current()
    archive.wait_until_verified()
    assert archive.is_empty
    assert len(ranked(archive.current(), corpus)) == 3
    archive.wait_until_saved()
    assert not archive.is_empty
    sound = load(folder, corpus, corpus.version())
    assert sound
    verify(sound, corpus)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", TEXT_POSTINGS)
def test_damaged_postings_are_never_read(corpus: Corpus, folder: Path, name: str) -> None:
    damage(folder, name)
    opened = load(folder, corpus, corpus.version())
    assert opened
    with pytest.raises(DamagedFileError):
        rank(opened, QUESTION)
    with pytest.raises(DamagedFileError):
        Segment.merge(opened.segments, opened.alive, 0)


def test_an_index_of_as_many_points_as_there_are_is_taken(corpus: Corpus, folder: Path) -> None:
    opened = load(folder, corpus, corpus.version())
    assert opened
    verify(opened, corpus)
    with pytest.raises(DamagedFileError, match="has 2 points, and the corpus 3"):
        verify(opened.without(opened.keys[:1].tolist()), corpus)


def test_a_folder_that_cannot_be_written(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    archive = SnapshotStore(corpus, tmp_path / "file" / "index")
    assert len(ranked(archive.current(), corpus)) == 3
    archive.wait_until_saved()


def test_the_index_of_another_corpus_is_not_taken(corpus: Corpus, folder: Path, tmp_path: Path) -> None:
    other = Corpus(tmp_path / "other.db")
    other.add([document("export", "export growth", "tariff"), document("出口", "出口 增长")], analyse)
    assert load(folder, other, None) is None
    other.add([document("more", "growth")], analyse)
    assert load(folder, other, None) is None
    other.close()


def test_the_index_of_another_analyser_is_not_taken(corpus: Corpus, folder: Path) -> None:
    before = Snapshot.build(corpus, None)
    corpus.retokenize("other", lambda document: Tokens("", tuple(PointTokens("x", "", "") for _ in document.points)))
    assert load(folder, corpus, None) is None
    assert all_terms(before.refreshed(corpus, None)) == ["x"]


def test_archive_sees_what_others_bring_in(corpus: Corpus, tmp_path: Path) -> None:
    archive = SnapshotStore(corpus, tmp_path / "index")
    before = archive.current()
    archive.wait_until_saved()
    assert archive.current().segments == before.segments
    other = Corpus(tmp_path / "corpus.db")
    other.add([document("more", "tariff tariff")], analyse)
    other.close()
    assert len(ranked(archive.current(), corpus)) == 4
    archive.wait_until_saved()
    assert len(load(tmp_path / "index", corpus, None).keys) == 4  # type: ignore[union-attr]
    assert len(list((tmp_path / "index").glob("*.part"))) == 1


def test_many_small_parts_become_few() -> None:
    corpus = Corpus(None)
    snapshot = Snapshot.build(corpus, None)
    for n in range(40):
        corpus.add([document(f"export {n}", "growth")], analyse)
        snapshot = snapshot.refreshed(corpus, None)
    assert len(snapshot.segments) == 1
    assert np.array_equal(snapshot.bounds, np.arange(41))
    assert snapshot.text.find_concepts([ConceptPlan.of((Alternative(("growth",), 1.0),))])[0].texts.tolist() == list(
        range(40)
    )
    corpus.close()
