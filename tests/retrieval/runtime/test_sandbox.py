"""Another process reads what strangers wrote, and may end of it."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from retrieval.formats.html import MAX_PAGE_BYTES, parse_page
from retrieval.formats.text_lines import MalformedError
from retrieval.runtime.sandbox import MAX_MEMORY_BYTES, Sandbox, SandboxError
from tests.retrieval.formats.test_html import PARAGRAPHS, URL, html


@pytest.fixture(scope="module")
def hasty() -> Iterator[Sandbox]:
    sandbox = Sandbox(seconds=1.0)
    yield sandbox
    sandbox.close()


def test_what_comes_back_is_what_it_returned_or_raised(sandbox: Sandbox) -> None:
    assert [point.text for point in sandbox(parse_page, html().encode(), URL, "t").points] == PARAGRAPHS
    with pytest.raises(MalformedError, match="binary") as refused:
        sandbox(parse_page, b"%PDF\x00", URL, "t")
    assert refused.value.line == 1


def test_what_takes_too_long_or_too_much_ends_and_the_next_is_read(hasty: Sandbox) -> None:
    for endless in (lambda: hasty(time.sleep, 60), lambda: hasty(parse_page, b"<p>x</p>" * 300_000, URL, "t")):
        with pytest.raises(SandboxError, match="slow"):
            endless()
    with pytest.raises(SandboxError, match="memory"):
        hasty(os._exit, 1)
    assert hasty(os.path.basename, "a/b") == "b"


def test_memory_has_an_end(sandbox: Sandbox) -> None:
    for size in (4 << 30, MAX_MEMORY_BYTES):
        with pytest.raises(SandboxError, match="memory"):
            sandbox(bytes, size)
    assert MAX_MEMORY_BYTES <= 512 << 20


def test_the_largest_page_fits_into_the_memory(sandbox: Sandbox) -> None:
    body, script = html().encode(), b"<script>%s</script>"
    large = body + script % (b"x" * (MAX_PAGE_BYTES - len(body) - len(script)))
    assert [point.text for point in sandbox(parse_page, large, URL, "t").points] == PARAGRAPHS


def test_closing_ends_what_takes_long() -> None:
    sandbox = Sandbox(seconds=600.0)
    errors: list[str] = []

    def call() -> None:
        try:
            sandbox(time.sleep, 600)
        except SandboxError as error:
            errors.append(error.kind)

    thread = threading.Thread(target=call)
    thread.start()
    time.sleep(2)  # the process is starting, or sleeps: both end
    sandbox.close()
    thread.join(30)
    assert not thread.is_alive()
    assert errors == ["stopping"]
