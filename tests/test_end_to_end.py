"""The real process against the HTTP double of the Bot API."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.telegram import TOKEN, BotApi, Updates, serving

# The processes run in the data folder: a developer's own .env must not start a real bot from here.
PATIENCE = 60  # seconds before a hanging process fails the test; usually it takes two
ZHIDIAN = [sys.executable, "-m", "bot"]


def environment(**extra: str) -> dict[str, str]:
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("ZHIDIAN_", "TELEGRAM_"))}
    return keep | {"TELEGRAM_BOT_TOKEN": ""} | extra


@contextmanager
def running(data: Path, api_url: str, log: Path) -> Iterator[None]:
    """The bot from its start to a SIGTERM, which it must obey with exit code 0."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*ZHIDIAN, "run", "--data", str(data)],
            cwd=data,
            env=environment(TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=api_url),
            stderr=stream,
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert code == 0, log.read_text()
    assert TOKEN not in log.read_text()


def test_a_private_question_and_a_group_ask_are_answered(data: Path, tmp_path: Path) -> None:
    api, updates = BotApi(), Updates()
    api.deliver(updates.private("怀柔科学城面积多大?"))
    api.deliver(updates.group("/ask R&D intensity of Beijing", language="en"))
    with serving(api) as url, running(data, url, tmp_path / "log"):
        messages = api.wait_for(2, PATIENCE)
    private, group = messages
    assert "100.9" in private.text
    assert private.parameters["chat_id"] == "7"
    assert "reply_parameters" not in private.parameters
    assert "2023" in group.text or "R&D" in group.text
    assert group.parameters["chat_id"] == "-1007"
    assert group.parameters["reply_parameters"]["message_id"] == 2
    assert not api.updates or api.updates[-1]["update_id"] == 9002


def test_a_wrong_token_is_one_line_without_the_token(data: Path) -> None:
    wrong = "987654:not-this-one"
    with serving(BotApi()) as url:
        done = subprocess.run(
            [*ZHIDIAN, "--data", str(data), "run"],
            cwd=data,
            env=environment(TELEGRAM_BOT_TOKEN=wrong, TELEGRAM_API_URL=url),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("Error: TELEGRAM_BOT_TOKEN")
    assert wrong not in done.stdout + done.stderr


def test_without_a_token_a_pipe_is_answered(data: Path) -> None:
    done = subprocess.run(
        [*ZHIDIAN, "run"],
        cwd=data,
        env=environment(ZHIDIAN_DATA=str(data)),
        input="怀柔科学城面积多大?\n".encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert "100.9" in done.stdout.decode()
    assert "经济日报" in done.stdout.decode() or "http" in done.stdout.decode()
    assert done.stderr == b""


def test_a_closed_pipe_ends_quietly(data: Path) -> None:
    process = subprocess.Popen(
        [*ZHIDIAN, "--data", str(data), "search", "--json", "-"],
        cwd=data,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(b"Beijing\n")
    process.stdin.flush()
    assert process.stdout.readline().startswith(b'{"question": "Beijing"')  # a line comes before the next is asked
    process.stdout.close()
    process.stdin.write(b"Beijing\n" * 3)
    process.stdin.close()
    assert process.wait(PATIENCE) == 141
    assert process.stderr.read() == b""
    process.stderr.close()
