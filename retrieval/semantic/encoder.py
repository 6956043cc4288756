"""Encoders: texts go in, vectors come out; the interface only."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


class SemanticError(Exception):
    """A problem for the operator: the encoder is required and cannot be used."""


class Encoder(Protocol):
    """Safe for threads."""

    @property
    def name(self) -> str:
        """Different for encoders whose vectors are not comparable."""
        ...

    @property
    def size(self) -> int:
        """The dimension of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Matrix:
        """A row of length 1 for each text in any language; the product of two rows is their similarity.

        A text always has the same vector, whatever it is encoded with. Many at once take half the time.
        """
        ...
