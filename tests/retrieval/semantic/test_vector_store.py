"""The points' vectors: made once each, the same whatever the order; what stands out by them."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.model.documents import Document
from retrieval.semantic.embedding_worker import BATCH, Filling, fill
from retrieval.semantic.quantization import Planes
from retrieval.semantic.score_normalization import WHOLE
from retrieval.semantic.vector_index import COLUMNS, Meaning, Nearness
from retrieval.semantic.vector_index_file import FEW, recalled, remember
from retrieval.semantic.vector_store import COMMON, Vectors
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
def vectors(corpus: Corpus, tmp_path: Path) -> Iterator[Vectors]:
    vectors = Vectors(tmp_path / "corpus.db", Toy())
    yield vectors
    vectors.close()


def toy(vectors: Vectors) -> Toy:
    assert isinstance(vectors.encoder, Toy)
    return vectors.encoder


def stories(count: int, seed: int = 0) -> list[Document]:
    chance = random.Random(seed)
    return [
        document(f"T{n}", *(f"{' '.join(chance.sample(THINGS, 3))} {n} {m}" for m in range(4)), minutes=n)
        for n in range(count)
    ]


def same(one: Meaning, other: Meaning) -> bool:
    columns = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in COLUMNS)
    spreads = all(
        a.count == b.count and np.array_equal(a.total, b.total) and np.array_equal(a.products, b.products)
        for a, b in zip(one.spreads, other.spreads, strict=True)
    )
    planes = np.array_equal(one.planes.codes, other.planes.codes) and np.array_equal(
        one.planes.offsets, other.planes.offsets
    )
    return columns and spreads and planes


def test_each_point_is_encoded_once_with_its_title_and_heading(corpus: Corpus, vectors: Vectors) -> None:
    corpus.add([document("A", "x", "y")], analyse)
    told: list[tuple[str, int, int]] = []
    assert fill(vectors, lambda *progress: told.append(progress)) == 2
    assert told == [("", 0, 2), ("", 2, 2)]
    assert sorted(toy(vectors).asked) == ["A  x", "A  y"]  # 'Group 0' says nothing
    corpus.add([document("A", "x", "z")], analyse)
    corpus.add([document("A", "x", "z", topic="储能")], analyse)  # fresh keys, nothing new to encode
    assert fill(vectors) == 1
    assert toy(vectors).asked[2:] == ["A  z"]
    assert fill(vectors) == vectors.missing() == 0


def test_another_encoder_makes_its_own_and_never_reads_the_others(corpus: Corpus, vectors: Vectors) -> None:
    corpus.add(stories(3), analyse)
    fill(vectors)
    with_other = Vectors(vectors.path, Toy("toy 2"))
    assert with_other.missing() == 12
    assert len(Meaning.none(with_other).caught_up().keys) == 0
    assert len(Meaning.none(vectors).caught_up().keys) == 12
    fill(with_other)
    assert vectors.missing() == 12
    assert len(Meaning.none(with_other).caught_up().keys) == 12
    with_other.close()


def test_standing_is_the_distance_from_the_mean_in_the_points_language(corpus: Corpus, vectors: Vectors) -> None:
    corpus.add(stories(40), analyse)
    fill(vectors)
    meaning = Meaning.none(vectors).caught_up()
    question = toy(vectors).question("pigeons deliver letters")
    read = vectors.read(meaning.numbers.tolist())
    halves = np.stack([np.frombuffer(read[number], np.float16) for number in meaning.numbers.tolist()])
    cosines = halves.astype(np.float64) @ question
    standing = meaning.to("pigeons deliver letters").standing(meaning.keys)
    assert 10 < meaning.chinese.sum() < 150
    for mask in (meaning.chinese, ~meaning.chinese):
        spread = cosines[mask]
        expected = (spread - spread.mean()) / spread.std() / np.sqrt(2 * np.log(len(spread)))
        assert np.allclose(standing[mask], expected, atol=2e-3)


def test_catching_up_comes_to_what_building_anew_does(corpus: Corpus, vectors: Vectors) -> None:
    chance = random.Random(1)
    meaning = Meaning.none(vectors)
    everything = stories(30)
    for step in range(12):
        corpus.add(chance.sample(everything, 5), analyse)
        corpus.add(stories(30, seed=step)[step : step + 2], analyse)  # revisions
        if step % 3 == 0:
            corpus.remove([everything[chance.randrange(30)].id])
        if step % 2:
            fill(vectors)
        meaning = meaning.caught_up()
        assert meaning.caught_up() is meaning
        assert same(meaning, Meaning.none(vectors).caught_up())


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_ingestion_changes_no_standing(seed: int, tmp_path: Path) -> None:
    def standings(documents: list[Document], name: str) -> dict[str, float]:
        corpus = Corpus(tmp_path / name)
        vectors = Vectors(tmp_path / name, Toy())
        for one in documents:
            corpus.add([one], analyse)
            fill(vectors)
        meaning = Meaning.none(vectors).caught_up()
        nearness = meaning.to("birds carry mail")
        keys = nearness.nearest()
        found = corpus.hits(keys.tolist())
        told = {found[key][1].id: z for key, z in zip(keys.tolist(), nearness.standing(keys).tolist(), strict=True)}
        vectors.close()
        corpus.close()
        return told

    documents = stories(12, seed)
    assert standings(documents, "a.db") == standings(documents[::-1], "b.db")


def test_points_without_a_vector_stand_at_0(corpus: Corpus, vectors: Vectors) -> None:
    corpus.add(stories(5), analyse)
    fill(vectors)
    corpus.add([document("New", "birds carry mail", minutes=99)], analyse)
    nearness = Meaning.none(vectors).caught_up().to("birds")
    standing = nearness.standing(np.array([1, 20, 21, 400], np.int64))
    assert standing[0] != 0
    assert standing[1] != 0
    assert standing[2:].tolist() == [0, 0]
    assert 21 not in nearness.nearest()


def test_few_points_or_points_all_alike_do_not_stand_out(corpus: Corpus, vectors: Vectors) -> None:
    assert Meaning.none(vectors).caught_up().to("x").nearest().tolist() == []
    corpus.add([document("A", "x", "y")], analyse)
    fill(vectors)
    assert Meaning.none(vectors).caught_up().to("x").standing(np.array([1, 2])).tolist() == [0, 0]
    corpus.add([document("B", *["z"] * 9)], analyse)
    corpus.remove([document("A").id])
    fill(vectors)
    assert not Meaning.none(vectors).caught_up().to("z").standing(np.arange(3, 12)).any()


def test_the_coarse_pass_finds_the_nearest() -> None:
    chance = np.random.default_rng(5)
    centre = np.full((1, SIZE), 0.08, np.float32)
    matrix = (centre + chance.standard_normal((20_000, SIZE)) * 0.06).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    question = (matrix[:1] + chance.standard_normal((1, SIZE)) * 0.03).astype(np.float32)
    exact = np.argsort(-(matrix @ question[0]))[:20]
    rough = np.argsort(-Planes.of(matrix, centre).products(question, centre))
    assert rough[0] == exact[0] == 0
    assert np.isin(exact, rough[:150]).mean() > 0.9


def test_only_points_among_those_allowed_are_found(corpus: Corpus, vectors: Vectors) -> None:
    corpus.add(stories(60), analyse)
    fill(vectors)
    nearness = Meaning.none(vectors).caught_up().to("birds")
    assert nearness.nearest(np.array([3, 5, 999])).tolist() == [3, 5]


def test_what_was_saved_is_recalled_and_caught_up(
    corpus: Corpus, vectors: Vectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tmp_path / "index" / "meaning"
    corpus.add(stories(20), analyse)
    fill(vectors)
    meaning = Meaning.none(vectors).caught_up()
    assert remember(meaning, saved, 0) == 0  # not worth it yet
    assert not saved.exists()
    monkeypatch.setattr("retrieval.remembered.FEW", 50)
    assert remember(meaning, saved, 0) == 80 < FEW
    corpus.add(stories(25)[20:], analyse)
    corpus.remove([stories(1)[0].id])
    fill(vectors)
    assert len(recalled(vectors, saved).keys) == 80
    assert same(recalled(vectors, saved).caught_up(), Meaning.none(vectors).caught_up())
    other = Vectors(vectors.path, Toy("toy 2"))
    assert len(recalled(other, saved).keys) == 0
    other.close()
    saved.write_bytes(saved.read_bytes()[:-100])
    assert len(recalled(vectors, saved).keys) == 0


def test_what_was_saved_of_another_corpus_is_not_believed(
    corpus: Corpus, vectors: Vectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.remembered.FEW", 50)
    saved = tmp_path / "meaning"
    corpus.add(stories(20), analyse)
    fill(vectors)
    remember(Meaning.none(vectors).caught_up(), saved, 0)
    elsewhere = Corpus(tmp_path / "other.db")
    elsewhere.add(stories(20, seed=9), analyse)
    others = Vectors(tmp_path / "other.db", Toy())
    fill(others)
    assert len(recalled(others, saved).keys) == 0
    others.close()
    elsewhere.close()


def test_missing_vectors_are_made_in_the_background(corpus: Corpus, vectors: Vectors) -> None:
    filling = Filling(Vectors(vectors.path, Toy()))
    corpus.add(stories(BATCH // 4 + 1), analyse)
    filling.wake()
    deadline = time.monotonic() + 20
    while vectors.missing() and time.monotonic() < deadline:
        time.sleep(0.01)
    filling.close()
    assert vectors.missing() == 0


def test_the_background_ends_at_once_and_survives_what_fails(
    corpus: Corpus, vectors: Vectors, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Toy):
        def passages(self, texts: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
            raise OSError("no memory")

    corpus.add(stories(2), analyse)
    filling = Filling(Vectors(vectors.path, Broken()))
    filling.wake()
    deadline = time.monotonic() + 20
    while "could not be made" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    filling.close()
    assert "no memory" in caplog.text
    assert vectors.missing() == 8


def test_the_centre_is_made_once(corpus: Corpus, vectors: Vectors) -> None:
    first = vectors.centre()
    assert toy(vectors).asked == list(COMMON)
    other = Vectors(vectors.path, Toy())
    assert np.array_equal(other.centre(), first)
    assert toy(other).asked == []
    other.close()


def test_products_are_counted_in_whole_numbers(corpus: Corpus, vectors: Vectors) -> None:
    corpus.add(stories(5), analyse)
    fill(vectors)
    meaning = Meaning.none(vectors).caught_up()
    for spread in meaning.spreads:
        assert np.array_equal(spread.products, np.rint(spread.products))
        assert np.isclose(np.trace(spread.products), spread.count * WHOLE**2, rtol=0.01)
    assert isinstance(meaning.to("x"), Nearness)
