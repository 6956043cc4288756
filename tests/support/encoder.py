"""An encoder for tests, so small that one can tell what it finds: words that mean the same have one vector."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from retrieval.semantic.encoder import Matrix, Vector

SIZE = 100  # no multiple of 64, so that the last word of a plane is not full
SAME = {"wuggles": "zorblins", "gimble": "frobnicate", "鸽子": "birds", "letters": "mail", "信件": "mail"}


class Toy:
    """A text's vector is the sum of its words'; `asked` is what it was given, in order."""

    def __init__(self, name: str = "toy 1") -> None:
        self.name = name
        self.asked: list[str] = []

    def passages(self, texts: Sequence[str]) -> Matrix:
        self.asked += texts
        return np.stack([self._vector(text) for text in texts])

    def question(self, text: str) -> Vector:
        self.asked.append(text)
        return self._vector(text)

    def _vector(self, text: str) -> Vector:
        words = [SAME.get(word, word) for word in text.lower().replace(".", "").split()] or ["nothing"]
        vector = np.ones(SIZE) * 2 + np.sum([self._word(word) for word in words], axis=0)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)

    def _word(self, word: str) -> Vector:
        seed = int.from_bytes(blake2b(f"{self.name} {word}".encode(), digest_size=4).digest(), "big")
        return np.random.default_rng(seed).standard_normal(SIZE).astype(np.float32)
