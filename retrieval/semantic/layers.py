"""The encoder's arithmetic, one call in C: pieces of texts go in, rows of numbers come out.

All texts' pieces are multiplied together, so that each weight is read and unpacked once for many of them, and what
depends on a piece alone is computed once for each kind of piece. A text's row is the same whatever the others are.
"""

import numpy as np
from numpy.typing import NDArray

from retrieval.runtime.kernels import Kernel
from retrieval.semantic.encoder import Matrix
from retrieval.semantic.weights import BRANCH_SIZE, EMBEDDING_SIZE, HIDDEN_SIZE, ORDERS, EncoderWeights

FEATURES_SIZE = EMBEDDING_SIZE + len(ORDERS) * BRANCH_SIZE
# of a kind of piece, of a piece, and of a text, between the layers
KIND_NUMBERS = (len(ORDERS) + max(ORDERS)) * BRANCH_SIZE
PIECE_NUMBERS = BRANCH_SIZE + FEATURES_SIZE
TEXT_NUMBERS = FEATURES_SIZE + 2 * EMBEDDING_SIZE + 2 * HIDDEN_SIZE

# `embedded` has a row for each kind of piece, `numbers` the kind of each piece, `lengths` how many of these a text has.
_encode_pieces = Kernel(
    "void encode_pieces(const int8_t *matrices, const float *scales, const float *biases, float eps, "
    "const float *embedded, int64_t kinds, const int32_t *numbers, int64_t pieces, const int64_t *lengths, "
    "int64_t texts, float *scratch, float *vectors);"
)


def encode_pieces(
    weights: EncoderWeights, kinds: Matrix, numbers: NDArray[np.int32], lengths: NDArray[np.int64]
) -> Matrix:
    """A row for each text, of as many pieces as `lengths` says; `numbers` are those of the pieces' rows in `kinds`."""
    fits = kinds.shape[1] == EMBEDDING_SIZE and len(numbers) == lengths.sum() and (lengths > 0).all()
    if not fits or (len(numbers) and (numbers.min() < 0 or numbers.max() >= len(kinds))):
        raise ValueError("the sizes of kinds, numbers and lengths do not fit")  # C would read beyond the arrays
    counts = len(kinds), len(numbers), len(lengths)
    scratch = np.empty(np.dot(counts, (KIND_NUMBERS, PIECE_NUMBERS, TEXT_NUMBERS)), np.float32)
    vectors = np.empty((len(lengths), EMBEDDING_SIZE), np.float32)
    _encode_pieces(
        *(weights.matrices, weights.scales, weights.biases, weights.eps, kinds, len(kinds)),
        *(numbers, len(numbers), lengths, len(lengths), scratch, vectors),
    )
    return vectors
