"""Another process reads what strangers wrote, and may end of it."""

import os
import time
from collections.abc import Iterator

import pytest

from retrieval.formats.html import page
from retrieval.formats.text_lines import MalformedError
from retrieval.runtime.sandbox import Apart, ApartError
from tests.retrieval.formats.test_html import PARAGRAPHS, URL, html


@pytest.fixture(scope="module")
def hasty() -> Iterator[Apart]:
    apart = Apart(seconds=1.0)
    yield apart
    apart.close()


def test_what_comes_back_is_what_it_returned_or_raised(apart: Apart) -> None:
    assert [point.text for point in apart(page, html().encode(), URL, "t").points] == PARAGRAPHS
    with pytest.raises(MalformedError, match="binary") as refused:
        apart(page, b"%PDF\x00", URL, "t")
    assert refused.value.line == 1


def test_what_takes_too_long_or_too_much_ends_and_the_next_is_read(hasty: Apart) -> None:
    for endless in (lambda: hasty(time.sleep, 60), lambda: hasty(page, b"<p>x</p>" * 300_000, URL, "t")):
        with pytest.raises(ApartError, match="longer"):
            endless()
    with pytest.raises(ApartError, match="memory"):
        hasty(os._exit, 1)
    assert hasty(os.path.basename, "a/b") == "b"


def test_memory_has_an_end(apart: Apart) -> None:
    with pytest.raises(MemoryError):
        apart(bytes, 4 << 30)
