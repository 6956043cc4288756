"""The picture in the README shows what the bot answers."""

from pathlib import Path

from docs import picture
from retrieval.library import Library


async def test_the_picture_shows_what_is_answered(library: Library, tmp_path: Path) -> None:
    assert await picture.conversation(library, tmp_path) == picture.PAGE.read_text("utf-8"), "`make picture` draws it"


def test_the_pictures_are_of_that_page() -> None:
    for path in picture.PICTURES.values():
        assert b"Source\0" + picture.signature().encode() in path.read_bytes(), f"`make picture` draws {path} anew"
        assert path.stat().st_size < 200_000
