"""Texts as vectors: the seam behind which an encoder stands."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


class SemanticError(Exception):
    """Who runs Zhidian must act: the encoder is wanted and cannot be used."""


class Encoder(Protocol):
    """Safe for threads."""

    @property
    def name(self) -> str:
        """Unlike that of any encoder whose vectors are not comparable with its own."""
        ...

    @property
    def size(self) -> int:
        """Numbers of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Matrix:
        """A row of length 1 for each text, whatever its language; the product of two says how near they are.

        A text alone always has the same vector. Many at once take a fifth of the time, and differ in the last bits.
        """
        ...
