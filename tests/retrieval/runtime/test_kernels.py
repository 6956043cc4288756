"""Kernels: what reaches C is what its declaration says."""

import gc
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.runtime import kernels
from retrieval.runtime.errors import MissingKernelsError
from retrieval.runtime.kernel_sources import digest_sources, find_sources
from retrieval.runtime.kernels import Kernel, require_library

FIND_SPANS = (
    "void find_spans(const uint64_t *terms, const int64_t *starts, int64_t term_count, const uint64_t *wanted, "
    "int64_t wanted_count, int64_t *begins, int64_t *ends);"
)
PREFIXED_STRINGS = (
    "void prefixed_strings(int64_t *bounds, const uint8_t *prefix, int64_t size, const uint8_t *letters, "
    "const int32_t *starts, int64_t count);"
)
PLACE_OF_HASH = "int64_t place_of_hash(uint64_t hash, const uint64_t *hashes, int64_t count);"
HASHES = st.integers(0, 2**64 - 1) | st.integers(0, 99) | st.integers(2**64 - 99, 2**64 - 1)


def read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


@given(st.sets(HASHES, max_size=200), st.lists(HASHES, max_size=9))
def test_numbers_and_arrays_arrive(known: set[int], others: list[int]) -> None:
    hashes, wanted = sorted(known), [*known, *others]
    begins, ends = np.full(len(wanted) + 1, -1), np.full(len(wanted) + 1, -1)
    Kernel(FIND_SPANS)(
        *(read_only(np.array(hashes, np.uint64)), read_only(np.arange(3, 3 * len(hashes) + 4, 3)), len(hashes)),
        *(np.array(wanted, np.uint64), len(wanted), begins, ends),
    )
    places = [3 * hashes.index(one) + 3 if one in known else 0 for one in wanted]
    assert begins.tolist() == [*places, -1]
    assert ends.tolist() == [*(place and place + 3 for place in places), -1]


@pytest.mark.parametrize(
    ("wanted", "begins", "problem"),
    [
        (np.zeros(2), np.zeros(2, np.int64), TypeError),
        (np.zeros(2, np.uint64), np.zeros(2, np.int32), TypeError),
        (np.zeros(4, np.uint64)[::2], np.zeros(2, np.int64), ValueError),
        (np.zeros(2, np.uint64), read_only(np.zeros(2, np.int64)), ValueError),
    ],
    ids=["another type", "another size", "with gaps", "read-only"],
)
def test_what_is_not_as_declared_is_refused(wanted: object, begins: object, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        Kernel(FIND_SPANS)(np.zeros(0, np.uint64), np.zeros(1, np.int64), 0, wanted, 2, begins, np.zeros(2, np.int64))


def test_the_last_arguments_are_given_once() -> None:
    letters, starts, bounds = np.frombuffer(b"abbc", np.uint8), np.array([0, 1, 3, 4], np.int32), np.zeros(2, np.int64)
    ending = Kernel(PREFIXED_STRINGS).ending_with(letters, starts, 3)
    gc.collect()  # the library and the arrays stay
    ending(bounds, letters[1:2], 1)
    assert bounds.tolist() == [1, 2]
    with pytest.raises(TypeError, match="3 arguments"):
        ending(bounds, letters[1:2], 1, letters)
    with pytest.raises(TypeError, match="uint8"):
        Kernel(PREFIXED_STRINGS).ending_with(starts, starts, 3)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=9), st.integers(0, 2**64 - 1))
def test_numbers_alone_are_passed_as_they_are(numbers: list[int], wanted: int) -> None:
    hashes = np.array(sorted(numbers), np.uint64)
    place_of = Kernel(PLACE_OF_HASH).of_numbers(hashes, len(hashes))
    gc.collect()
    assert place_of(wanted) == (sorted(numbers).index(wanted) if wanted in numbers else -1)
    assert [hashes.item(place_of(number)) for number in numbers] == numbers
    with pytest.raises(TypeError):
        place_of(wanted, 1)
    with pytest.raises(OverflowError):
        place_of(-1)


def test_arrays_are_not_passed_as_they_are() -> None:
    with pytest.raises(TypeError, match="first 2 arguments"):
        Kernel(PLACE_OF_HASH).of_numbers(1)


def test_a_number_too_few_is_refused() -> None:
    with pytest.raises(TypeError, match="7 arguments are wanted, and not 2"):
        Kernel(FIND_SPANS)(np.zeros(2, np.uint64), np.ones(2))


def test_a_kernel_keeps_its_library() -> None:
    find, bounds = Kernel(PREFIXED_STRINGS), np.zeros(2, np.int64)
    letters, starts = np.frombuffer(b"abbc", np.uint8), np.array([0, 1, 3, 4], np.int32)
    for _ in range(3):
        find(bounds, letters[1:2], 1, letters, starts, 3)
        gc.collect()
    assert bounds.tolist() == [1, 2]


def test_a_library_of_another_source_says_what_to_do() -> None:
    with pytest.raises(MissingKernelsError, match="make install"):
        Kernel("void no_such_function(int64_t size);")(1)


def test_a_missing_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "_kernels")
    kernels._library_path.cache_clear()
    with pytest.raises(MissingKernelsError, match="missing: run `make install`"):
        Kernel(FIND_SPANS)(np.zeros(2, np.uint64), np.ones(2))
    kernels._library_path.cache_clear()


def test_a_damaged_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / f"_kernels{EXTENSION_SUFFIXES[0]}").touch()
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "_kernels")
    kernels._library_path.cache_clear()
    with pytest.raises(MissingKernelsError, match="delete it and run `make install`"):
        require_library()
    kernels._library_path.cache_clear()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A package with the library and without any sources."""
    (tmp_path / "runtime").mkdir()
    shutil.copy(kernels._library_path(), tmp_path / "runtime")
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "runtime" / "_kernels")
    kernels._library_path.cache_clear()
    yield tmp_path
    kernels._library_path.cache_clear()


def copy_sources(package: Path) -> None:
    for path in find_sources(Path("retrieval")):
        folder = package / path.parent.name
        folder.mkdir(exist_ok=True)
        shutil.copy(path, folder)


def test_a_library_without_sources_is_taken(installed: Path) -> None:
    require_library()


def test_a_library_of_the_sources_beside_it_is_taken(installed: Path) -> None:
    copy_sources(installed)
    require_library()


@pytest.mark.parametrize("name", ["index/postings.c", "index/ascending.h", "index/later.c"])
def test_a_library_older_than_a_source_says_what_to_do(installed: Path, name: str) -> None:
    copy_sources(installed)
    with (installed / name).open("a") as file:
        file.write("/* as another version has it */\n")
    for use in (require_library, lambda: Kernel(FIND_SPANS)(np.zeros(2, np.uint64), np.ones(2))):
        with pytest.raises(MissingKernelsError, match=r"delete it and run `make install`.*other sources"):
            use()


def test_make_compiles_a_library_that_was_deleted(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "setup.py", "constraints.txt"):
        shutil.copy(name, tmp_path)
    library = tmp_path / "retrieval" / "runtime" / f"_kernels{EXTENSION_SUFFIXES[0]}"
    for path in (library, tmp_path / ".venv" / "installed"):
        path.parent.mkdir(parents=True)
        path.touch()
    is_installed = ["make", "--question", "install"]
    assert subprocess.run(is_installed, cwd=tmp_path, check=False).returncode == 0
    library.unlink()
    assert subprocess.run(is_installed, cwd=tmp_path, check=False).returncode == 1


def test_declarations_are_those_of_the_source() -> None:
    sources = [path.read_text("utf-8") for path in Path("retrieval").rglob("*.c")]
    written, declared = " ".join(" ".join(sources).split()), 0
    for module in Path("retrieval").rglob("*.py"):
        for call in re.findall(r"Kernel\(\s*((?:\"[^\"]*\"\s*)+)\)", module.read_text("utf-8")):
            declaration = " ".join("".join(re.findall(r'"([^"]*)"', call)).split()).rstrip(";")
            assert f"{declaration} {{" in written, (module, declaration)
            declared += 1
    assert declared


def test_what_is_compiled_depends_on_each_source_and_header(monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[str] = []
    defined: list[tuple[str, str]] = []

    def extension(_: str, sources: list[str], depends: list[str], define_macros: list[Any], **others: object) -> None:
        known.extend((*sources, *depends))
        defined.extend(define_macros)

    setuptools = SimpleNamespace(Extension=extension, setup=lambda **_: None)
    monkeypatch.setitem(sys.modules, "setuptools", setuptools)
    runpy.run_path("setup.py")
    assert sorted(map(Path, known)) == sorted(Path("retrieval").glob("*/*.[ch]"))
    assert defined == [("SOURCES_DIGEST", f'"{digest_sources(Path("retrieval"))}"')]
