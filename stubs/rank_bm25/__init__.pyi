from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

class BM25Okapi:
    k1: float
    b: float
    corpus_size: int
    avgdl: float
    doc_len: Sequence[int] | NDArray[np.int64]
    idf: dict[str, float]
    def __init__(self, corpus: Sequence[Sequence[str]], k1: float = 1.5, b: float = 0.75) -> None: ...
    def _calc_idf(self, nd: dict[str, int]) -> None: ...
    def get_scores(self, query: Sequence[str]) -> NDArray[np.float64]: ...
