"""Kernels: what reaches C is what its declaration says."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from retrieval.runtime import kernels
from retrieval.runtime.kernels import Kernel, MissingKernelsError

WEIGH_TEXTS = (
    "double weigh_texts(const int32_t *texts, const double *frequencies, const double *wholes, int64_t size, "
    "const double *length_norms, double k1, double partial, double *scores, _Bool *named);"
)
NUMBERS = st.floats(0, 1e6)


def read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


@given(arrays.arrays(np.float64, st.integers(0, 20), elements=NUMBERS), NUMBERS, st.floats(0, 1))
def test_numbers_and_arrays_arrive(frequencies: np.ndarray, k1: float, partial: float) -> None:
    size, texts = len(frequencies), read_only(np.arange(0, 2 * len(frequencies), 2, dtype=np.int32))
    norms, wholes = np.arange(1.0, 41), np.arange(size, dtype=np.float64) % 2
    scores, named = np.full(size, -1.0), np.zeros(size, np.bool_)
    best = Kernel(WEIGH_TEXTS)(texts, read_only(frequencies), wholes, size, norms, k1, partial, scores, named)
    expected = frequencies * (k1 + 1) / (norms[texts] + frequencies) * np.where(wholes > 0, 1, partial)
    assert scores.tolist() == expected.tolist()
    assert named.tolist() == (wholes > 0).tolist()
    assert best == expected.max(initial=0)


@pytest.mark.parametrize(
    ("scores", "texts", "problem"),
    [
        (np.zeros(4, np.float32), np.zeros(2, np.int32), TypeError),
        (np.zeros(4), np.zeros(2, np.int64), TypeError),
        (np.zeros(4), np.zeros(4, np.int32)[::2], ValueError),
        (read_only(np.zeros(4)), np.zeros(2, np.int32), ValueError),
    ],
    ids=["another type", "another size", "with gaps", "read-only"],
)
def test_what_is_not_as_declared_is_refused(scores: object, texts: object, problem: type[Exception]) -> None:
    ones = np.ones(2)
    with pytest.raises(problem):
        Kernel(WEIGH_TEXTS)(texts, ones, ones, 2, ones, 1.0, 1.0, scores, np.zeros(2, np.bool_))


def test_a_number_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Kernel(WEIGH_TEXTS)(np.zeros(2, np.int32), np.ones(2))


def test_a_library_of_another_source_says_what_to_do() -> None:
    with pytest.raises(MissingKernelsError, match="make install"):
        Kernel("void no_such_function(int64_t size);")(1)


def test_a_missing_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "_kernels")
    kernels._library_path.cache_clear()
    with pytest.raises(MissingKernelsError, match="missing: run `make install`"):
        Kernel(WEIGH_TEXTS)(np.zeros(2, np.int32), np.ones(2))
    kernels._library_path.cache_clear()


def test_declarations_are_those_of_the_source() -> None:
    sources = [path.read_text("utf-8") for path in Path("retrieval").rglob("*.c")]
    written, declared = " ".join(" ".join(sources).split()), 0
    for module in Path("retrieval").rglob("*.py"):
        for call in re.findall(r"Kernel\(\s*((?:\"[^\"]*\"\s*)+)\)", module.read_text("utf-8")):
            declaration = " ".join("".join(re.findall(r'"([^"]*)"', call)).split()).rstrip(";")
            assert f"{declaration} {{" in written, (module, declaration)
            declared += 1
    assert declared
