"""A guest's questions go to the process that searches for the bot."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrieval.model.results import Result
from retrieval.model.search_request import SearchRequest
from retrieval.search_socket import SOCKET_NAME, SharedSearch, serving_guests

NOW = datetime(2025, 8, 20, tzinfo=UTC)


def found(asked: SearchRequest) -> Result:
    if asked.question == "fails":
        raise ValueError("it fails")
    return Result(repr(asked), "none", 0.0, (), 0.0, ())


def test_a_guest_s_question_comes_back_answered(tmp_path: Path) -> None:
    shared = SharedSearch(tmp_path)
    assert not shared.wait(0)
    assert shared.search(SearchRequest("x", 1, NOW)) is None
    with serving_guests(tmp_path, found):
        assert (tmp_path / SOCKET_NAME).stat().st_mode & 0o777 == 0o600
        assert shared.wait(5)
        asked = SearchRequest("你好", 3, NOW, after=2, until=9, shown=1)
        result = shared.search(asked)
        assert result
        assert result.question == repr(asked)
        with pytest.raises(RuntimeError, match="it fails"):
            shared.search(SearchRequest("fails", 1, NOW))
        assert shared.search(SearchRequest("again", 1, NOW))
    assert not (tmp_path / SOCKET_NAME).exists()
    shared.close()


def test_a_socket_that_was_left_behind_is_replaced(tmp_path: Path) -> None:
    (tmp_path / SOCKET_NAME).touch()
    shared = SharedSearch(tmp_path)
    with serving_guests(tmp_path, found):
        assert shared.wait(5)
    shared.close()


def test_where_no_socket_can_be_made_the_process_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    with serving_guests(folder, found):
        assert not SharedSearch(folder).wait(0)
