"""The encoder's arithmetic: what C computes is what numpy would, and what does not fit is refused."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.semantic.layers import encode_pieces
from retrieval.semantic.weights import (
    BIASES,
    EMBEDDING_SIZE,
    MATRICES,
    EmbeddingTable,
    EncoderWeights,
    to_blocks,
    to_steps,
)
from retrieval.semantic.weights import BRANCH_SIZE as BRANCH
from retrieval.semantic.weights import HIDDEN_SIZE as HIDDEN

Rows = NDArray[np.float32]
EPS = 0.01
LEFT_CONTEXT = {2: 0, 3: 1, 5: 2}
HEIGHTS = {f"proj{order}": EMBEDDING_SIZE for order in LEFT_CONTEXT}
HEIGHTS |= {f"w{n}_{order}": order * BRANCH for order in LEFT_CONTEXT for n in (1, 2)}
HEIGHTS |= {"cnn_W": EMBEDDING_SIZE + 3 * BRANCH, "d0": EMBEDDING_SIZE, "p1": EMBEDDING_SIZE, "d1": HIDDEN}
HEIGHTS |= {"d2": HIDDEN, "p3": HIDDEN, "d3": EMBEDDING_SIZE}
WIDTHS = dict.fromkeys(BIASES, BRANCH) | {
    "ln_g": HEIGHTS["cnn_W"],
    "ln_b": HEIGHTS["cnn_W"],
    "cnn_b": EMBEDDING_SIZE,
}
chance = np.random.default_rng(3)
MATRIX: Mapping[str, Rows] = {
    name: (chance.standard_normal((HEIGHTS[name], width)) / HEIGHTS[name] ** 0.5).astype(np.float32)
    for name, width in MATRICES.items()
}
BIAS: Mapping[str, Rows] = {name: chance.standard_normal(width).astype(np.float32) for name, width in WIDTHS.items()}
PIECES = chance.standard_normal((9, EMBEDDING_SIZE)).astype(np.float32)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> EncoderWeights:
    table = tmp_path_factory.mktemp("weights") / "table"
    table.touch()
    steps = {name: to_steps(matrix) for name, matrix in MATRIX.items()}
    return EncoderWeights(
        b"",
        np.concatenate([to_blocks(name, matrix) for name, (matrix, _) in steps.items()]),
        np.array([scale for _, scale in steps.values()]),
        np.concatenate([BIAS[name] for name in BIASES]),
        EPS,
        EmbeddingTable(table, PIECES[0], PIECES[0]),
    )


def multiply(rows: Rows, name: str) -> Rows:
    matrix, scale = to_steps(MATRIX[name])
    return np.asarray(rows @ (matrix * scale), np.float32)


def normalize(rows: Rows, gain: Rows, bias: Rows) -> Rows:
    deviation = np.sqrt(rows.var(axis=1, keepdims=True) + EPS)
    return np.asarray((rows - rows.mean(axis=1, keepdims=True)) / deviation * gain + bias, np.float32)


def convolve(rows: Rows, order: int, n: int) -> Rows:
    left = LEFT_CONTEXT[order]
    padded = np.pad(rows, ((left, order - 1 - left), (0, 0)))
    windows = np.stack([padded[at : at + order].ravel() for at in range(len(rows))])
    convolved = np.maximum(BIAS[f"b{n}_{order}"] + multiply(windows, f"w{n}_{order}"), 0) + rows
    return np.asarray(convolved, np.float32)


def plain_encode(pieces: Rows) -> Rows:
    projected = np.concatenate([multiply(pieces, f"proj{n}") + BIAS[f"proj_b{n}"] for n in LEFT_CONTEXT], axis=1)
    gain, bias = (np.concatenate([BIAS[f"{name}{n}"] for n in LEFT_CONTEXT]) for name in ("ln_g", "ln_b"))
    branches = np.split(normalize(projected, gain, bias), 3, axis=1)
    convolved = [convolve(convolve(rows, n, 1), n, 2) for n, rows in zip(LEFT_CONTEXT, branches, strict=True)]
    features = normalize(np.concatenate([pieces, *convolved], axis=1), BIAS["ln_g"], BIAS["ln_b"])
    pooled = (multiply(features, "cnn_W") + BIAS["cnn_b"]).sum(axis=0, keepdims=True) / np.sqrt(len(pieces))
    second = np.maximum(multiply(pooled, "p1") + multiply(np.maximum(multiply(pooled, "d0"), 0), "d1"), 0)
    return np.asarray(multiply(second, "p3") + multiply(np.maximum(multiply(second, "d2"), 0), "d3"), np.float32)


# more pieces than are summed up at once on any processor, and texts shorter than a window
texts = st.lists(st.integers(0, len(PIECES) - 1), min_size=1, max_size=23)


@settings(max_examples=40)
@given(st.lists(texts, min_size=1, max_size=4))
def test_texts_are_encoded_as_numpy_would(weights: EncoderWeights, batch: list[list[int]]) -> None:
    numbers, lengths = np.concatenate(batch).astype(np.int32), np.array([len(text) for text in batch])
    found = encode_pieces(weights, PIECES, numbers, lengths)
    assert np.allclose(found, np.concatenate([plain_encode(PIECES[text]) for text in batch]), atol=1e-3)
    for row, text in zip(found, batch, strict=True):  # the same to the bit, whatever the others are
        alone = encode_pieces(weights, PIECES, np.array(text, np.int32), np.array([len(text)]))
        assert np.array_equal(alone[0], row)


def test_a_matrix_comes_back_from_its_steps() -> None:
    steps = np.array([[-127, 3], [0, 64]], np.int8)
    matrix = steps * np.float32(0.022186654)
    found, scale = to_steps(matrix)
    assert np.array_equal(found, steps)
    assert np.array_equal(found * scale, matrix)


@pytest.mark.parametrize(
    ("kinds", "numbers", "lengths"),
    [
        (PIECES[:, :-1], [0], [1]),
        (PIECES, [0, 1], [1]),
        (PIECES, [0], [1, 0]),
        (PIECES, [-1], [1]),
        (PIECES, [len(PIECES)], [1]),
    ],
)
def test_what_does_not_fit_is_refused(
    weights: EncoderWeights, kinds: Rows, numbers: list[int], lengths: list[int]
) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        encode_pieces(weights, kinds, np.array(numbers, np.int32), np.array(lengths))
