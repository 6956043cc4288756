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

ADD_SCORES = "void add_scores(float *totals, const int32_t *texts, const double *scores, int64_t size, double factor);"


def read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


@given(arrays.arrays(np.float64, st.integers(0, 20), elements=st.floats(-1e6, 1e6)), st.floats(-10, 10))
def test_numbers_and_arrays_arrive(scores: np.ndarray, factor: float) -> None:
    totals, texts = np.ones(40, np.float32), read_only(np.arange(0, 2 * len(scores), 2, dtype=np.int32))
    Kernel(ADD_SCORES)(totals, texts, read_only(scores), len(scores), factor)
    expected = np.ones(40, np.float32)
    expected[texts] += scores.astype(np.float32) * np.float32(factor)
    assert totals.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("totals", "texts", "problem"),
    [
        (np.zeros(4), np.zeros(2, np.int32), TypeError),
        (np.zeros(4, np.float32), np.zeros(2, np.int64), TypeError),
        (np.zeros(4, np.float32), np.zeros(4, np.int32)[::2], ValueError),
        (read_only(np.zeros(4, np.float32)), np.zeros(2, np.int32), ValueError),
    ],
    ids=["another type", "another size", "with gaps", "read-only"],
)
def test_what_is_not_as_declared_is_refused(totals: object, texts: object, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        Kernel(ADD_SCORES)(totals, texts, np.ones(2), 2, 1.0)


def test_a_number_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Kernel(ADD_SCORES)(np.zeros(4, np.float32), np.zeros(2, np.int32))


def test_a_library_of_another_source_says_what_to_do() -> None:
    with pytest.raises(MissingKernelsError, match="make install"):
        Kernel("void no_such_function(int64_t size);")(1)


def test_a_missing_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "_kernels")
    kernels._library_path.cache_clear()
    with pytest.raises(MissingKernelsError, match="missing: run `make install`"):
        Kernel(ADD_SCORES)(np.zeros(4, np.float32), np.zeros(2, np.int32), np.ones(2), 2, 1.0)
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
