"""Progress on standard error: a bar on a terminal, one line elsewhere."""

import io

import pytest

from bot.cli.options import compiling_progress
from bot.cli.progress import CLEAR_LINE, ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    progress = compiling_progress()
    for percent in (0, 50, 100):
        progress(percent)
    empty, half, end = terminal.getvalue().split(CLEAR_LINE)[1:]
    assert empty == f"{'░' * 30} 0 % compiling the dictionary"
    assert half == f"{'█' * 15}{'░' * 15} 50 % compiling the dictionary"
    assert end == ""


def test_files_are_counted_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    ProgressBar()("seeds/a.txt", 1, 3)
    assert terminal.getvalue().endswith(" 1/3 a.txt")


@pytest.mark.parametrize(
    ("progress", "total", "line"),
    [
        (ProgressBar(), 1, "reading 1 file …\n"),
        (ProgressBar("reading the meaning of", "point"), 2, "reading the meaning of 2 points …\n"),
        (ProgressBar("compiling the dictionary", ""), 100, "compiling the dictionary …\n"),
        (ProgressBar(), 0, ""),
    ],
)
def test_elsewhere_it_is_one_line(
    progress: ProgressBar, total: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for done in range(total + 1):
        progress("", done, total)
    assert capsys.readouterr().err == line
