"""Commands that ask, over a folder that this user may read and no more."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.process import PATIENCE, copied, environment

# root passes over permissions, but for these rights
BOUND_BY_PERMISSIONS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def zhidian(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bot", *arguments]
    if os.geteuid() == 0:
        command = [*BOUND_BY_PERMISSIONS, *command]
    return subprocess.run(
        command,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def unwritable(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("NOT TESTED: root without setpriv may write everywhere")
    folder = copied(data, tmp_path_factory.mktemp("unwritable") / "data")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("search", "how large is Huairou Science City"), "Huairou"),
        (("search", "--explain", "怀柔科学城有多大"), "confidence"),
        (("stats",), "0 questions"),
        (("topic", "list"), ""),
    ],
)
def test_a_question_is_answered_from_a_copy(unwritable: Path, command: tuple[str, ...], said: str) -> None:
    done = zhidian(*command, "--data", str(unwritable))
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert done.stderr.startswith(f"nothing can be written to {unwritable}: this is answered from a copy of it")
    assert not list(unwritable.glob(".probe-*"))


def test_json_stays_json(unwritable: Path) -> None:
    done = zhidian("search", "--json", "怀柔科学城有多大", "--data", str(unwritable))
    assert json.loads(done.stdout)["points"], done.stderr


def test_what_changes_something_says_that_it_cannot(unwritable: Path) -> None:
    done = zhidian("remove", "--yes", "0123456789abcdef", "--data", str(unwritable))
    assert done.returncode == 1
    [*_, last] = done.stderr.splitlines()
    assert last.startswith("Error: ")
    assert str(unwritable) in last
