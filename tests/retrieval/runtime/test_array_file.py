"""Arrays in files: what is written comes back, and what is damaged is told."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.runtime import array_file
from retrieval.runtime.array_file import ArrayParts, DamagedFileError


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
