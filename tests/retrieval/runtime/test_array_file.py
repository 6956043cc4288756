"""Arrays in files: what is written comes back, and what is damaged is told."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.runtime import array_file
from retrieval.runtime.array_file import BLOCK_BYTES, HEADER_START, MAGIC, ArrayFile, ArrayParts, DamagedFileError
from tests.support.array_files import write_without_block_checksums

SEVERAL_BLOCKS = 5 * BLOCK_BYTES // 8


def test_arrays_come_back_mapped(tmp_path: Path) -> None:
    arrays: dict[str, np.ndarray] = {
        "numbers": np.arange(5),
        "none": np.zeros(0, np.uint8),
        "halves": np.arange(100, dtype=np.float16),
        "flags": np.array([True, False]),
    }
    array_file.write(tmp_path / "file", arrays)
    read = array_file.read(tmp_path / "file")
    assert list(read) == list(arrays)
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        assert np.array_equal(read[name], array)
        assert not read[name].flags.writeable


def test_an_array_may_come_in_parts(tmp_path: Path) -> None:
    whole = np.arange(70, dtype=np.float32).reshape(-1, 2)
    parts = ArrayParts(whole.dtype, whole.size, (whole[at : at + 9] for at in range(0, 35, 9)))
    array_file.write(tmp_path / "parts", {"rows": parts, "next": np.arange(3)})
    array_file.write(tmp_path / "whole", {"rows": whole.ravel(), "next": np.arange(3)})
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()


@pytest.mark.parametrize("at", [0, 9, 30, -1])
def test_a_damaged_file_is_told(at: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    array_file.write(path, {"numbers": np.arange(50)})
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFileError):
        array_file.read(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError):
        array_file.read(tmp_path / "file")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "file"
    array_file.write(path, {"small": np.arange(50), "large": np.arange(SEVERAL_BLOCKS), "more": np.arange(70)})
    return path


def test_what_is_left_for_later_comes_back_too(large: Path) -> None:
    file = ArrayFile(large, ["large"])
    assert list(file.arrays) == ["small", "large", "more"]
    assert not file.is_checked
    file.check("large", 5, SEVERAL_BLOCKS)
    file.check_all()
    assert file.is_checked
    assert np.array_equal(file.arrays["large"], np.arange(SEVERAL_BLOCKS))


@given(data=st.data())
def test_no_damaged_item_passes_its_check(
    large: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(large.read_bytes())
    at = data.draw(
        st.one_of(
            st.integers(0, 600), st.integers(0, len(content) - 1), st.integers(len(content) - 60, len(content) - 1)
        )
    )
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content)
    begin = data.draw(st.integers(0, SEVERAL_BLOCKS))
    end = data.draw(st.integers(begin, SEVERAL_BLOCKS))
    try:
        file = ArrayFile(path, ["large"])
        file.check("large", begin, end)
    except DamagedFileError:
        return
    assert np.array_equal(file.arrays["large"][begin:end], np.arange(begin, end))
    assert np.array_equal(file.arrays["small"], np.arange(50))
    if not len(MAGIC) <= at < HEADER_START:  # the checksum of the whole, which is not read here
        with pytest.raises(DamagedFileError):
            file.check_all()


@pytest.mark.parametrize("length", [0, 5, 12, 100, 700, BLOCK_BYTES, 3 * BLOCK_BYTES])
def test_a_file_that_ends_early_is_told_at_once(length: int, large: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(large.read_bytes()[:length])
    with pytest.raises(DamagedFileError):
        ArrayFile(tmp_path / "file", ["large"])


def test_a_check_can_be_ended_early(large: Path) -> None:
    file = ArrayFile(large, ["large"])
    file.check_all(lambda: True)
    assert not file.is_checked


def test_a_file_without_checksums_of_blocks_is_read_as_a_whole(tmp_path: Path) -> None:
    numbers, path = np.arange(8), tmp_path / "file"
    write_without_block_checksums(path, {"numbers": numbers})
    file = ArrayFile(path, ["numbers"])
    assert file.is_checked
    assert file.is_outdated
    file.check("numbers", 0, 8)
    assert np.array_equal(file.arrays["numbers"], numbers)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedFileError):
        ArrayFile(path, ["numbers"])


def test_any_other_byte_of_the_header_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    array_file.write(path, {"small": np.arange(5), "large": np.arange(9, dtype=np.int32)})
    content = path.read_bytes()
    for at in (*range(len(MAGIC)), *range(HEADER_START, content.index(b"]]") + 2)):
        for byte in {*b"09,-e]\xff"} - {content[at]}:
            path.write_bytes(content[:at] + bytes([byte]) + content[at + 1 :])
            with pytest.raises(DamagedFileError):
                ArrayFile(path, ["large"])


def test_a_block_that_the_disk_does_not_give_is_told(large: Path) -> None:
    file = ArrayFile(large, ["large"])
    file._file = -1  # as a disk that fails once the file is open
    with pytest.raises(DamagedFileError, match="Bad file descriptor"):
        file.check_all()
