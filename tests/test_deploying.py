"""What the image, compose and systemd are told, as far as it can be checked where none of them runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from bot.app.lifecycle import STOP_GRACE_SECONDS
from bot.monitoring.metrics import Metrics, MetricsServer
from bot.settings import Settings
from bot.transport.heartbeat import WATCHDOG_EXIT_CODE
from tests.conftest import ROOT
from tests.support.process import PATIENCE

Instruction = tuple[str, str]


def instructions() -> list[Instruction]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def said(word: str) -> str:
    """The last instruction of a kind is the one in force."""
    return [rest for found, rest in instructions() if found == word][-1]


def test_what_is_copied_is_there_and_nothing_else_is_sent_to_the_builder() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {
        name for word, rest in instructions() if word == "COPY" and "--from" not in rest for name in rest.split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
    assert "*" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def test_nobody_in_particular_runs_it_and_signals_reach_it() -> None:
    assert said("USER").split(":")[0] not in {"root", "0"}
    assert json.loads(said("ENTRYPOINT")) == ["zhidian"]  # no shell between it and SIGTERM
    assert json.loads(said("CMD")) == ["run"]
    assert said("VOLUME") == "/data"
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert len(set(bases)) == 1, "what was built for one Python runs on another"
    assert "/" not in bases[0]


class Health:
    """As much of the metrics as /healthz asks for."""

    def __init__(self) -> None:
        self.well = False

    def health(self) -> tuple[bool, dict[str, Any]]:
        return self.well, {}


@pytest.fixture
def exposed() -> Iterator[tuple[Health, int]]:
    health = Health()
    server = MetricsServer(cast(Metrics, SimpleNamespace(health=health.health)), "127.0.0.1", 0)
    yield health, server.port
    server.close()


def test_the_health_check_is_what_healthz_says(exposed: tuple[Health, int]) -> None:
    health, port = exposed
    command = json.loads(said("HEALTHCHECK").partition("CMD")[2])
    assert command[0] == "python"

    def code(port: int) -> int:
        environ = os.environ | {"ZHIDIAN_METRICS": f"127.0.0.1:{port}"}
        return subprocess.run(
            [sys.executable, *command[1:]], env=environ, capture_output=True, timeout=PATIENCE, check=False
        ).returncode

    assert code(port) == 1
    health.well = True
    assert code(port) == 0
    assert code(9) == 1


def test_the_image_s_settings_are_settings() -> None:
    named = dict(re.findall(r"(ZHIDIAN_\w+)=(\S+)", said("ENV")))
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    assert named.keys() <= known
    assert named["ZHIDIAN_DATA"] == said("VOLUME")


def test_compose_gives_it_nothing_but_its_data() -> None:
    [service] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"].values()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == [f"data:{said('VOLUME')}"]
    assert service["environment"]["ZHIDIAN_DATA"] == said("VOLUME")
    assert service["tmpfs"] == ["/tmp"]
    assert service["restart"] == "unless-stopped"  # after any exit code, ENDED too, and after a reboot
    assert int(service["stop_grace_period"].removesuffix("s")) > 2 * STOP_GRACE_SECONDS
    assert "ports" not in service
    assert "privileged" not in service


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (ROOT / "deploy" / "zhidian.service").read_text("utf-8").splitlines():
        if re.match(r"\w+=", line):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_the_unit_starts_it_anew_and_waits_for_it() -> None:
    found = unit()
    assert found["Restart"] == ["on-failure"]
    assert WATCHDOG_EXIT_CODE != 0
    assert str(WATCHDOG_EXIT_CODE) not in found.get("SuccessExitStatus", []) + found.get("RestartPreventExitStatus", [])
    assert int(found["TimeoutStopSec"][0].removesuffix("s")) > 2 * STOP_GRACE_SECONDS
    assert found["Environment"] == [f"ZHIDIAN_DATA=/var/lib/{found['StateDirectory'][0]}"]
    assert found["ProtectSystem"] == ["strict"]
    assert found["User"] != ["root"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="NOT TESTED: the unit; apt-get install systemd")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """With a program and a file that are there: that they are, it looks at, too."""
    text = (ROOT / "deploy" / "zhidian.service").read_text("utf-8")
    path = tmp_path / "zhidian.service"
    path.write_text(text.replace("/opt/zhidian/.venv/bin/zhidian", sys.executable), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", path],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_page_and_the_files_it_copies_name_the_same_places() -> None:
    section = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    copied = re.findall(r"(?:cp|640) (\S+) ", section)
    assert {"deploy/zhidian.service", "deploy/nginx.conf", ".env.example"} <= set(copied)
    assert all((ROOT / name).exists() for name in copied)
    found = unit()
    assert f"git clone ADDRESS-OF-THIS-REPOSITORY {found['WorkingDirectory'][0]}\n" in section
    assert f"useradd --system --user-group {found['User'][0]}\n" in section
    assert f"--data /var/lib/{found['StateDirectory'][0]}\n" in section
    block = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    page = (ROOT / "deploy" / "nginx-page.conf").read_text("utf-8")
    for name in re.findall(r"s/([^/]+)/YOUR-", section):
        assert name in block + page
    assert f"ZHIDIAN_WEB={re.findall(r'proxy_pass http://(.+);', page)[0]}" in section
    listen = Settings.model_fields["webhook_listen"].default
    assert f"proxy_pass http://{listen};" in block
