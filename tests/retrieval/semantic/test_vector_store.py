"""The points' vectors: made once each, the same whatever the order; what stands out by them."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.model.documents import Document
from retrieval.semantic.embedding_worker import BATCH_POINTS, EmbeddingWorker, embed_missing
from retrieval.semantic.score_normalization import FIXED_POINT_SCALE
from retrieval.semantic.vector_index import MAX_NEAREST, MAX_ROUGH, VECTOR_COLUMNS, QuerySimilarity, VectorIndex
from retrieval.semantic.vector_index_file import SAVE_GROWTH, SavedVectorIndex, load, save
from retrieval.semantic.vector_store import HUB_NEIGHBORS, PointVector, VectorStore, generic_questions, hubness
from retrieval.storage.corpus import Corpus
from tests.support.documents import analyse, document
from tests.support.encoder import SIZE, Toy

THINGS = ["mail", "birds", "steel", "寒武纪 芯片 流片", "rice", "letters", "水稻 种植 面积", "loans", "鸽子 送 信件"]


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    corpus = Corpus(tmp_path / "corpus.db")
    yield corpus
    corpus.close()


@pytest.fixture
def vectors(corpus: Corpus, tmp_path: Path) -> Iterator[VectorStore]:
    vectors = VectorStore(tmp_path / "corpus.db", Toy())
    yield vectors
    vectors.close()


def toy(vectors: VectorStore) -> Toy:
    assert isinstance(vectors.encoder, Toy)
    return vectors.encoder


def stories(count: int, seed: int = 0) -> list[Document]:
    chance = random.Random(seed)
    return [
        document(f"T{n}", *(f"{' '.join(chance.sample(THINGS, 3))} {n} {m}" for m in range(4)), minutes=n)
        for n in range(count)
    ]


def same(one: VectorIndex, other: VectorIndex) -> bool:
    columns = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in VECTOR_COLUMNS)
    spreads = all(
        a.count == b.count and np.array_equal(a.total, b.total) and np.array_equal(a.products, b.products)
        for a, b in zip(one.spreads, other.spreads, strict=True)
    )
    planes = np.array_equal(one.planes.codes, other.planes.codes) and np.array_equal(
        one.planes.offsets, other.planes.offsets
    )
    rows = np.arange(len(one.keys))
    return columns and spreads and planes and np.array_equal(one.halves(rows), other.halves(rows))


def test_each_point_is_encoded_once_with_its_title_and_heading(corpus: Corpus, vectors: VectorStore) -> None:
    corpus.add([document("A", "x", "y")], analyse)
    told: list[tuple[str, int, int]] = []
    assert embed_missing(vectors, lambda *progress: told.append(progress)) == 2
    assert told == [("", 0, 2), ("", 2, 2)]
    assert sorted(toy(vectors).asked) == ["A  x", "A  y"]  # 'Group 0' says nothing
    corpus.add([document("A", "x", "z")], analyse)
    corpus.add([document("A", "x", "z", topic="储能")], analyse)  # fresh keys, nothing new to encode
    assert embed_missing(vectors) == 1
    assert toy(vectors).asked[2:] == ["A  z"]
    assert embed_missing(vectors) == vectors.missing() == 0


def test_another_encoder_makes_its_own_and_never_reads_the_others(corpus: Corpus, vectors: VectorStore) -> None:
    corpus.add(stories(3), analyse)
    embed_missing(vectors)
    with_other = VectorStore(vectors.path, Toy("toy 2"))
    assert with_other.missing() == 12
    assert len(VectorIndex.none(with_other).refreshed().keys) == 0
    assert len(VectorIndex.none(vectors).refreshed().keys) == 12
    embed_missing(with_other)
    assert vectors.missing() == 12
    assert len(VectorIndex.none(with_other).refreshed().keys) == 12
    with_other.close()


def test_standing_is_the_distance_from_the_mean_in_the_points_language(corpus: Corpus, vectors: VectorStore) -> None:
    corpus.add(stories(40), analyse)
    embed_missing(vectors)
    meaning = VectorIndex.none(vectors).refreshed()
    [question] = toy(vectors).encode(["pigeons deliver letters"])
    halves = meaning.halves(np.arange(len(meaning.keys)))
    cosines = halves.astype(np.float64) @ question
    hubs = hubness(halves.astype(np.float32), vectors.generic_vectors())
    found = meaning.to("pigeons deliver letters").similarity(meaning.keys)
    assert 10 < meaning.chinese.sum() < 150
    for products, standing in ((cosines, found.standing), (cosines - hubs, found.corrected)):
        for mask in (meaning.chinese, ~meaning.chinese):
            spread = products[mask]
            expected = (spread - spread.mean()) / spread.std() / np.sqrt(2 * np.log(len(spread)))
            assert np.allclose(standing[mask], expected, atol=5e-3)


def test_a_question_is_encoded_once(corpus: Corpus, vectors: VectorStore) -> None:
    corpus.add(stories(3), analyse)
    embed_missing(vectors)
    toy(vectors).asked.clear()
    meaning = VectorIndex.none(vectors).refreshed()
    first = meaning.to("birds").similarity(meaning.keys)
    corpus.add([document("New", "x")], analyse)
    again = meaning.refreshed().to("birds").similarity(meaning.keys)
    assert toy(vectors).asked == ["birds"]
    assert np.array_equal(first.standing, again.standing)


def test_hubness_is_the_mean_of_the_highest_cosines_with_generic_questions() -> None:
    chance = np.random.default_rng(3)
    generic_vectors, points = chance.standard_normal((30, SIZE)), chance.standard_normal((4, SIZE))
    expected = [np.mean(sorted(generic_vectors @ point)[-HUB_NEIGHBORS:]) for point in points]
    assert np.allclose(hubness(points.astype(np.float32), generic_vectors.astype(np.float32)), expected, atol=1e-4)


def test_generic_questions_are_in_both_languages_and_stand_in_no_set_that_is_measured() -> None:
    asked = [question for question in generic_questions() if any("一" <= letter <= "鿿" for letter in question)]
    assert len(set(generic_questions())) == len(generic_questions()) >= 400
    assert len(asked) * 2 == len(generic_questions())
    sets = list(Path("tests/quality").rglob("*.tsv"))
    measured = {line.split("\t")[1] for path in sets for line in path.read_text("utf-8").splitlines() if "\t" in line}
    assert len(measured) > 400
    assert not measured & set(generic_questions())


def test_catching_up_comes_to_what_building_anew_does(corpus: Corpus, vectors: VectorStore) -> None:
    chance = random.Random(1)
    meaning = VectorIndex.none(vectors)
    everything = stories(30)
    for step in range(12):
        corpus.add(chance.sample(everything, 5), analyse)
        corpus.add(stories(30, seed=step)[step : step + 2], analyse)  # revisions
        if step % 3 == 0:
            corpus.remove([everything[chance.randrange(30)].id])
        if step % 2:
            embed_missing(vectors)
        meaning = meaning.refreshed()
        assert meaning.refreshed() is meaning
        assert same(meaning, VectorIndex.none(vectors).refreshed())


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_ingestion_changes_no_standing(seed: int, tmp_path: Path) -> None:
    def standings(documents: list[Document], name: str) -> dict[str, float]:
        corpus = Corpus(tmp_path / name)
        vectors = VectorStore(tmp_path / name, Toy())
        for one in documents:
            corpus.add([one], analyse)
            embed_missing(vectors)
        meaning = VectorIndex.none(vectors).refreshed()
        nearness = meaning.to("birds carry mail")
        keys = nearness.nearest()
        found = corpus.hits(keys.tolist())
        told = {
            found[key][1].id: z
            for key, z in zip(keys.tolist(), nearness.similarity(keys).standing.tolist(), strict=True)
        }
        vectors.close()
        corpus.close()
        return told

    documents = stories(12, seed)
    assert standings(documents, "a.db") == standings(documents[::-1], "b.db")


def test_points_without_a_vector_stand_at_0(corpus: Corpus, vectors: VectorStore) -> None:
    corpus.add(stories(5), analyse)
    embed_missing(vectors)
    corpus.add([document("New", "birds carry mail", minutes=99)], analyse)
    nearness = VectorIndex.none(vectors).refreshed().to("birds")
    standing = nearness.similarity(np.array([1, 20, 21, 400], np.int64)).standing
    assert standing[0] != 0
    assert standing[1] != 0
    assert standing[2:].tolist() == [0, 0]
    assert 21 not in nearness.nearest()


def test_few_points_or_points_all_alike_do_not_stand_out(corpus: Corpus, vectors: VectorStore) -> None:
    assert VectorIndex.none(vectors).refreshed().to("x").nearest().tolist() == []
    corpus.add([document("A", "x", "y")], analyse)
    embed_missing(vectors)
    assert VectorIndex.none(vectors).refreshed().to("x").similarity(np.array([1, 2])).standing.tolist() == [0, 0]
    corpus.add([document("B", *["z"] * 9)], analyse)
    corpus.remove([document("A").id])
    embed_missing(vectors)
    assert not VectorIndex.none(vectors).refreshed().to("z").similarity(np.arange(3, 12)).standing.any()


def test_of_many_points_the_nearest_are_found_in_each_language(vectors: VectorStore) -> None:
    chance = np.random.default_rng(7)
    size, near = MAX_ROUGH + 500, 40
    [question] = toy(vectors).encode(["birds carry mail"])
    matrix = chance.standard_normal((2 * size, SIZE)) / SIZE**0.5
    matrix[::size] = matrix[1 :: size // near] = question  # some of each language
    halves = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float16)
    page = [PointVector(n + 1, str(n), n + 1, n >= size, 0.0, row.tobytes()) for n, row in enumerate(halves)]
    meaning = VectorIndex.none(vectors).page(page)
    nearest = meaning.to("birds carry mail").nearest()
    assert len(nearest) == 2 * MAX_NEAREST
    planted = np.flatnonzero(halves @ question > 0.9) + 1
    assert np.isin(planted, nearest).all()
    assert (planted <= size).sum() > near / 2 < (planted > size).sum()
    odd = meaning.to("birds carry mail").nearest(meaning.keys[::2])
    assert len(odd) == 2 * MAX_NEAREST
    assert (odd % 2 == 1).all()


def test_only_points_among_those_allowed_are_found(corpus: Corpus, vectors: VectorStore) -> None:
    corpus.add(stories(60), analyse)
    embed_missing(vectors)
    nearness = VectorIndex.none(vectors).refreshed().to("birds")
    assert nearness.nearest(np.array([3, 5, 999])).tolist() == [3, 5]


def test_what_was_saved_is_recalled_and_caught_up(corpus: Corpus, vectors: VectorStore, tmp_path: Path) -> None:
    saved = tmp_path / "index" / "meaning"
    corpus.add(stories(20), analyse)
    embed_missing(vectors)
    assert save(VectorIndex.none(vectors).refreshed(), saved)
    corpus.add(stories(25)[20:], analyse)
    corpus.remove([stories(1)[0].id])
    embed_missing(vectors)
    assert len(load(vectors, saved).keys) == 80
    caught_up = load(vectors, saved).refreshed()
    assert same(caught_up, VectorIndex.none(vectors).refreshed())
    assert save(caught_up, saved)
    assert same(load(vectors, saved), caught_up)
    other = VectorStore(vectors.path, Toy("toy 2"))
    assert len(load(other, saved).keys) == 0
    other.close()
    saved.write_bytes(saved.read_bytes()[:-100])
    assert len(load(vectors, saved).keys) == 0


def test_a_large_index_is_saved_and_mapped_as_it_grows(
    corpus: Corpus, vectors: VectorStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.semantic.vector_index_file.MIN_SAVED_VECTORS", 50)
    path, index = tmp_path / "index" / "meaning", SavedVectorIndex(tmp_path / "index" / "meaning")

    def refreshed_with(documents: list[Document]) -> VectorIndex:
        corpus.add(documents, analyse)
        embed_missing(vectors)
        found = index.refresh(vectors)
        assert same(found, VectorIndex.none(vectors).refreshed())
        return found

    assert len(refreshed_with(stories(12)).keys) == 48
    assert not path.exists()  # not worth it yet
    grown = [len(refreshed_with(stories(12 + n)).keys) for n in range(1, 10)]
    assert grown == list(range(52, 88, 4))
    if index._saver:
        index._saver.join()
    mapped = index.refresh(vectors)
    assert not mapped.rows.saved.flags.writeable
    assert len(mapped.rows.saved) >= (1 - 2 * SAVE_GROWTH) * len(mapped.keys)
    assert same(mapped, VectorIndex.none(vectors).refreshed())
    fresh = SavedVectorIndex(path).refresh(vectors)
    assert not fresh.rows.saved.flags.writeable
    assert same(fresh, mapped)


def test_vectors_that_went_are_dropped_though_as_many_came(
    corpus: Corpus, vectors: VectorStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.semantic.vector_index_file.MIN_SAVED_VECTORS", 50)
    index, documents = SavedVectorIndex(tmp_path / "meaning"), stories(40)
    corpus.add(documents[:20], analyse)
    for old, new in zip(documents, documents[20:], strict=False):
        embed_missing(vectors)
        index.refresh(vectors)
        if index._saver:
            index._saver.join()
        corpus.remove([old.id])
        corpus.add([new], analyse)
    embed_missing(vectors)
    found = index.refresh(vectors)
    assert len(found.keys) == 80
    assert len(found.rows) <= (1 + 2 * SAVE_GROWTH) * 80
    assert same(found, VectorIndex.none(vectors).refreshed())


def test_a_first_index_is_mapped_at_once(
    corpus: Corpus, vectors: VectorStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.semantic.vector_index_file.MIN_SAVED_VECTORS", 50)
    corpus.add(stories(20), analyse)
    embed_missing(vectors)
    found = SavedVectorIndex(tmp_path / "meaning").refresh(vectors)
    assert len(found.rows.saved) == len(found.keys) == 80
    (tmp_path / "file").write_text("")
    unsaved = SavedVectorIndex(tmp_path / "file" / "meaning").refresh(vectors)
    assert same(unsaved, found)


def test_what_was_saved_of_another_corpus_is_not_believed(corpus: Corpus, vectors: VectorStore, tmp_path: Path) -> None:
    saved = tmp_path / "meaning"
    corpus.add(stories(20), analyse)
    embed_missing(vectors)
    save(VectorIndex.none(vectors).refreshed(), saved)
    elsewhere = Corpus(tmp_path / "other.db")
    elsewhere.add(stories(20, seed=9), analyse)
    others = VectorStore(tmp_path / "other.db", Toy())
    embed_missing(others)
    assert len(load(others, saved).keys) == 0
    others.close()
    elsewhere.close()


def test_missing_vectors_are_made_in_the_background(corpus: Corpus, vectors: VectorStore) -> None:
    filling = EmbeddingWorker(lambda: VectorStore(vectors.path, Toy()))
    corpus.add(stories(BATCH_POINTS // 4 + 1), analyse)
    filling.wake()
    deadline = time.monotonic() + 20
    while vectors.missing() and time.monotonic() < deadline:
        time.sleep(0.01)
    filling.close()
    assert vectors.missing() == 0


def test_the_background_ends_at_once_and_survives_what_fails(
    corpus: Corpus, vectors: VectorStore, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Toy):
        def encode(self, texts: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
            raise OSError("no memory")

    corpus.add(stories(2), analyse)
    filling = EmbeddingWorker(lambda: VectorStore(vectors.path, Broken()))
    filling.wake()
    deadline = time.monotonic() + 20
    while "could not be made" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    filling.close()
    assert "no memory" in caplog.text
    assert vectors.missing() == 8


def test_products_are_counted_in_whole_numbers(corpus: Corpus, vectors: VectorStore) -> None:
    corpus.add(stories(5), analyse)
    embed_missing(vectors)
    meaning = VectorIndex.none(vectors).refreshed()
    for spread in meaning.spreads:
        assert np.array_equal(spread.products, np.rint(spread.products))
        assert np.isclose(np.trace(spread.products[:-1, :-1]), spread.count * FIXED_POINT_SCALE**2, rtol=0.01)
    assert isinstance(meaning.to("x"), QuerySimilarity)


def test_what_is_new_is_found_without_walking_through_all_points(corpus: Corpus, vectors: VectorStore) -> None:
    def steps() -> int:
        """Hundreds of steps of SQLite's machine to read the vectors of one new document."""
        with vectors.state() as seen:
            pass
        corpus.add(stories(1, seed=corpus.counts().documents + 7), analyse)
        embed_missing(vectors)
        counted = []
        vectors._db.conn.set_progress_handler(lambda: counted.append(1), 100)
        assert sum(map(len, vectors.since(seen))) >= 4
        vectors._db.conn.set_progress_handler(None, 0)
        return len(counted)

    few = steps()
    corpus.add(stories(300), analyse)
    embed_missing(vectors)
    assert steps() <= 2 * few + 5
