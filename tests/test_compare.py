"""What `make bench-compare` says of two commits."""

import pytest

from benchmarks.commits import commit_of, row


def test_a_ratio_is_of_neighbouring_turns(capsys: pytest.CaptureFixture[str]) -> None:
    row("answers a second", "{:.0f}", [100, 10, 50], [200, 30, 50])
    assert capsys.readouterr().out == "| answers a second | 50 | 50 | 2.00 (1.00 to 3.00) |\n"


def test_an_unknown_commit_is_said() -> None:
    with pytest.raises(SystemExit, match="nowhere names no commit"):
        commit_of("nowhere")
