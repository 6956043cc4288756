"""The page as a process: alone, beside the terminal, beside the bot; under a thousand connections."""

import asyncio
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.bot.transport.test_webhook import free
from tests.support.process import PATIENCE, ZHIDIAN, copied, environment, running
from tests.support.telegram import BotApi
from tests.support.telegram_http import serving

CONNECTIONS = 1_000


def wait_for(url: str) -> httpx.Response:
    deadline = time.monotonic() + 2 * PATIENCE
    while True:
        try:
            return httpx.get(url, timeout=PATIENCE)
        except httpx.TransportError:
            assert time.monotonic() < deadline, f"nothing answers at {url}"
            time.sleep(0.1)


@contextmanager
def page_process(data: Path, place: str, **extra: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [*ZHIDIAN, "web", "--data", str(data)], cwd=data, env=environment(ZHIDIAN_WEB=place, **extra)
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(PATIENCE) in (0, -signal.SIGTERM)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def page(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    own, place = copied(data, tmp_path_factory.mktemp("page") / "data"), free()
    with page_process(own, place):
        wait_for(f"http://{place}/robots.txt")
        yield place, own


def test_the_page_alone_answers_and_logs_searches_without_addresses(page: tuple[str, Path]) -> None:
    place, data = page
    found = httpx.get(f"http://{place}/search", params={"q": "怀柔科学城面积多大?"}, timeout=PATIENCE)
    assert "100.9 square kilometers" in found.text
    httpx.get(f"http://{place}/search", params={"q": "怀柔", "part": "1"}, timeout=PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while not (logged := _logged(data)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert logged == [("web", None, None, "怀柔科学城面积多大?")]


def _logged(data: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "bot.db")) as db:
        return db.execute("SELECT place, user_id, chat_id, text FROM questions").fetchall()


def test_ten_megabytes_of_query_are_refused(page: tuple[str, Path]) -> None:
    host, port = page[0].split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        with suppress(ConnectionError):  # it may be closed before all of it was sent
            connection.sendall(b"GET /search?q=" + b"x" * 10_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            answer = connection.recv(100)
        except ConnectionError:
            answer = b""
    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert httpx.get(f"http://{page[0]}/robots.txt", timeout=PATIENCE).status_code == 200


def test_a_thousand_connections_are_answered_and_the_page_lives(page: tuple[str, Path]) -> None:
    host, port = page[0].split(":")

    async def one(n: int) -> bytes:
        try:
            reader, writer = await asyncio.open_connection(host, int(port))
            # of as many addresses, as a proxy on this machine would tell
            forwarded = f"X-Forwarded-For: 10.{n % 250}.{n // 250}.1"
            writer.write(f"GET / HTTP/1.1\r\nHost: x\r\n{forwarded}\r\nConnection: close\r\n\r\n".encode())
            answer = await reader.read()
            writer.close()
        except ConnectionError:
            return b""
        return answer[:12]

    async def all_at_once() -> list[bytes]:
        return await asyncio.gather(*(one(n) for n in range(CONNECTIONS)))

    answers = asyncio.run(all_at_once())
    assert set(answers) <= {b"HTTP/1.1 200", b"HTTP/1.1 503", b""}
    assert answers.count(b"HTTP/1.1 200") > 100
    assert httpx.get(f"http://{page[0]}/robots.txt", timeout=PATIENCE).status_code == 200


def test_one_address_is_limited(page: tuple[str, Path]) -> None:
    # Many at once: a slow machine would earn new requests faster than it sends them one by one.
    with (
        httpx.Client(timeout=PATIENCE, headers={"X-Forwarded-For": "192.0.2.7"}) as client,
        ThreadPoolExecutor(16) as pool,
    ):
        answers = list(pool.map(lambda _: client.get(f"http://{page[0]}/robots.txt"), range(400)))
    assert answers[0].status_code == 200
    assert 429 in {answer.status_code for answer in answers}
    assert httpx.get(f"http://{page[0]}/robots.txt", timeout=PATIENCE).status_code == 200


def test_an_address_that_is_taken_is_one_line(page: tuple[str, Path], data: Path, tmp_path: Path) -> None:
    own = copied(data, tmp_path / "data")
    done = subprocess.run(
        [*ZHIDIAN, "web", "--data", str(own)],
        cwd=own,
        env=environment(ZHIDIAN_WEB=page[0]),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("Error: ZHIDIAN_WEB: nothing can listen on")


def test_the_terminal_says_where_the_page_is_and_ends_it(data: Path, tmp_path: Path) -> None:
    own, place = copied(data, tmp_path / "data"), free()
    with subprocess.Popen(
        [*ZHIDIAN, "run", "--data", str(own)],
        cwd=own,
        env=environment(ZHIDIAN_WEB=place),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as terminal:
        assert "100.9" in wait_for(f"http://{place}/search?q=怀柔科学城面积多大").text
        _, errors = terminal.communicate(timeout=PATIENCE)
    assert f"http://{place}" in errors.decode()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{place}/", timeout=PATIENCE)


def test_beside_the_bot_the_page_asks_its_searching_process(data: Path, tmp_path: Path) -> None:
    own, place, log = copied(data, tmp_path / "data"), free(), tmp_path / "log"
    with serving(BotApi()) as api_url, running(own, api_url, log, ZHIDIAN_WEB=place, ZHIDIAN_SEMANTIC="off"):
        assert "100.9" in wait_for(f"http://{place}/search?q=怀柔科学城面积多大").text
        children = subprocess.run(["pgrep", "-fc", f"search_server {own}"], capture_output=True, text=True, check=False)
        assert children.stdout.strip() == "1"
        deadline = time.monotonic() + PATIENCE  # the bot has to hear its name from Telegram first
        while "https://t.me/" not in wait_for(f"http://{place}/t/原始创新").text:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{place}/", timeout=PATIENCE)
