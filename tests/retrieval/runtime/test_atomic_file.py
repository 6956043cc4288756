"""A file or folder is replaced completely or not at all."""

from pathlib import Path

import pytest

from retrieval.runtime.atomic_file import atomic_write


def fail_half_way(path: Path, *, durable: bool) -> None:
    with atomic_write(path, durable=durable) as temporary:
        temporary.write_text("half")
        raise ValueError("half")


def fail_in_a_folder(path: Path) -> None:
    with atomic_write(path, durable=False) as temporary:
        temporary.mkdir()
        (temporary / "a").write_text("a")
        raise ValueError("half")


@pytest.mark.parametrize("durable", [True, False])
def test_the_old_file_stays_until_the_new_one_is_complete(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(ValueError, match="half"):
        fail_half_way(path, durable=durable)
    assert [one.read_text() for one in tmp_path.iterdir()] == ["old"]
    with atomic_write(path, durable=durable) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert [one.read_text() for one in tmp_path.iterdir()] == ["new"]


def test_a_folder_is_complete_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    with pytest.raises(ValueError, match="half"):
        fail_in_a_folder(path)
    assert list(tmp_path.iterdir()) == []
    with atomic_write(path, durable=True) as temporary:
        temporary.mkdir()
        (temporary / "a").write_text("a")
    assert [one.name for one in path.iterdir()] == ["a"]
