"""What `zhidian doctor` and `zhidian cluster status` say of a cluster that is not as it should be."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from bot.cli.main import main
from bot.doctor import cluster
from bot.doctor.cluster import check_cluster
from bot.settings import Settings
from retrieval.cluster import client
from retrieval.cluster.inspection import ClusterHealth, StuckRecovery
from tests.bot.transport.test_webhook import free

WELL = ClusterHealth("opensearch 2.19.6", "green", 3, True, 8192, True, None, None, 0, (), (), ())


def test_nothing_is_said_where_the_corpus_is_in_the_data_folder(tmp_path: Path) -> None:
    assert not list(check_cluster(Settings(data=tmp_path)))
    result = CliRunner().invoke(main, ["--data", str(tmp_path), "cluster", "status"])
    assert result.exit_code == 1
    assert "ZHIDIAN_CORPUS is not set" in result.output


def test_one_that_cannot_be_reached_is_named_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "READ_SECONDS", 0.2)
    address = SecretStr(f"opensearch+http://bot:hush-hush@{free()}/news")
    [finding] = check_cluster(Settings(data=tmp_path, corpus=address))
    assert (finding.severity, finding.subject) == ("error", "cluster")
    assert "did not answer" in finding.text
    assert "hush-hush" not in f"{finding}"
    assert Settings(corpus=address).secrets() == [address.get_secret_value(), "hush-hush"]


@pytest.mark.parametrize(
    ("version", "severity"),
    [
        ("opensearch 2.19.6", "ok"),
        ("opensearch 3.9.0", "ok"),
        ("opensearch 2.8.0", "error"),
        ("elasticsearch 8.1", "error"),
    ],
)
def test_versions(version: str, severity: str) -> None:
    health = ClusterHealth(version, "green", 3, True, 8192, True, 1, None, 0, (), (), ())
    assert cluster._version(health).severity == severity


@pytest.mark.parametrize(
    ("status", "has_manager", "said"),
    [
        ("green", True, "has its copies"),
        ("yellow", True, "no second copy"),
        ("red", True, "missing"),
        ("red", False, "away"),
    ],
)
def test_health(status: str, has_manager: bool, said: str) -> None:
    health = ClusterHealth("opensearch 2.19.6", status, 3, has_manager, 8192, True, 1, None, 0, (), (), ())
    assert said in cluster._health(health).text


def test_limits_and_troubles_have_a_remedy() -> None:
    assert not [*cluster._limits(WELL), *cluster._troubles(WELL)]
    stuck = StuckRecovery("news-points-1", "node2", 300)
    ill = ClusterHealth(
        "opensearch 2.19.6", "yellow", 3, True, 1024, False, 1, None, 0, ("0ld",), ("news-1",), (stuck,)
    )
    found = [*cluster._limits(ill), *cluster._troubles(ill)]
    assert [one.severity for one in found] == ["error", "error", "error", "warning", "warning"]
    assert all(one.remedy for one in found)
    assert "restart node2" in found[3].remedy
