"""zhidian digest --dry-run: what would go to whom, and nothing is changed by it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from tests.support.subscriptions import Life, beijing


def zhidian(*arguments: str | Path) -> Result:
    environ = {"TELEGRAM_BOT_TOKEN": "", "ZHIDIAN_DATA": "", "ZHIDIAN_SEEDS": ""}
    return CliRunner(env=environ).invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    life = Life(tmp_path, beijing("2026-07-01T06:00"))
    life.follow()
    life.follow("冰雪经济", chat=-1007, thread=5)
    life.ingest(life.news("甲", "第一件事<有>11项"))
    life.stop()
    return tmp_path


def test_it_says_what_would_go_to_whom_and_changes_nothing(data: Path) -> None:
    for _ in range(2):
        result = zhidian("--data", data, "digest", "--dry-run", "--at", "2026-07-01T07:30")
        assert result.exit_code == 0
        assert "=== 7 · 07-01 Wednesday 07:30 Asia/Shanghai · 原始创新" in result.stdout
        assert "第一件事<有>11项" in result.stdout
        assert "-1007" not in result.stdout  # nothing is new there
    assert zhidian("--data", data, "digest", "--dry-run", "--at", "2026-07-01T07:29").stdout == ""


def test_without_dry_run_it_sends_nothing_and_says_so(data: Path) -> None:
    result = zhidian("--data", data, "digest")
    assert result.exit_code == 2
    assert "zhidian run" in result.stderr
