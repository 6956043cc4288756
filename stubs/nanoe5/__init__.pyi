from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

class E5:
    dim: int
    variant: str
    def __init__(self, *, num_threads: int | None = None) -> None: ...
    @overload
    def query(self, texts: str) -> NDArray[np.float32]: ...
    @overload
    def query(self, texts: Sequence[str]) -> NDArray[np.float32]: ...
    @overload
    def passage(self, texts: str) -> NDArray[np.float32]: ...
    @overload
    def passage(self, texts: Sequence[str]) -> NDArray[np.float32]: ...
