"""What searches that the page answers from its cache cost: the bot's latency alone and beside 200 of them a second.

    .venv/bin/python -m benchmarks.page_cache

The page is a process, asked over HTTP on connections that stay open, as nginx does. In turns of one run it prints the
ratio of the bot's medians, how much of a processor the page took, and how many of its answers came.
"""

import http.client
import itertools
import os
import statistics
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from benchmarks.page_search import BOT_A_SECOND, ROOT, ask_for, questions
from retrieval.library import Library
from retrieval.search_process import SearchProcess

CACHED_A_SECOND, VISITORS = 200, 8
CACHE_ROUNDS, CACHE_ROUND_SECONDS = 6, 4.0
ASKED_AGAIN = 20  # different searches, again and again
START_TRIES, TRY_SECONDS = 300, 0.2
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Visitor:
    """One connection that asks so often a second; every other answer is one that the browser has already (304)."""

    def __init__(self, place: str, paths: list[str]) -> None:
        self._connection = http.client.HTTPConnection(place, timeout=30)
        self._paths, self.statuses, self.milliseconds = itertools.cycle(paths), list[int](), list[float]()
        self._tags: dict[str, str] = {}

    def visit(self, number: int, path: str) -> None:
        # of many addresses, as the proxy tells them: one may ask only four times a second
        headers = {"X-Forwarded-For": f"10.{number % 250}.{number // 250 % 250}.{id(self) % 250}"}
        if number % 2 and path in self._tags:
            headers["If-None-Match"] = self._tags[path]
        begun = time.perf_counter()
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        answer.read()
        self.milliseconds.append((time.perf_counter() - begun) * 1000)
        self.statuses.append(answer.status)
        self._tags[path] = answer.headers.get("ETag", "")

    def visit_for(self, a_second: float, seconds: float) -> None:
        started = time.perf_counter()
        for number in range(int(a_second * seconds)):
            time.sleep(max(0.0, started + number / a_second - time.perf_counter()))
            self.visit(len(self.statuses), next(self._paths))


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def wait_until_served(place: str) -> None:
    for _ in range(START_TRIES):
        try:
            http.client.HTTPConnection(place, timeout=30).request("GET", "/robots.txt")
        except OSError:
            time.sleep(TRY_SECONDS)
        else:
            return
    sys.exit(f"the page does not answer at {place}")


def main() -> None:
    place = "127.0.0.1:18317"
    with TemporaryDirectory() as folder:
        data = Path(folder)
        with closing(Library(data)) as library:
            library.ingest((ROOT / "seeds", ROOT / "tests" / "quality"))
            titles = [document.title for document in library.recent(-1)]
        asked, paths = questions(titles), [f"/search?q={quote(title)}" for title in titles[:ASKED_AGAIN]]
        with closing(SearchProcess(data, "off")) as bot:
            bot.warm()
            command = [sys.executable, "-m", "bot", "web", "--data", folder, "--beside", "bot"]
            environment = os.environ | {"ZHIDIAN_WEB": place, "ZHIDIAN_SEMANTIC": "off"}
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
            ) as page:
                wait_until_served(place)
                visitors = [Visitor(place, paths) for _ in range(VISITORS)]
                for number, path in enumerate(paths):
                    visitors[number % VISITORS].visit(number, path)
                alone, beside, took = [], [], 0.0
                ask_for(bot, asked, BOT_A_SECOND, CACHE_ROUND_SECONDS)
                for _ in range(CACHE_ROUNDS):
                    alone += ask_for(bot, asked, BOT_A_SECOND, CACHE_ROUND_SECONDS)
                    each = CACHED_A_SECOND / VISITORS, CACHE_ROUND_SECONDS
                    threads = [threading.Thread(target=one.visit_for, args=each) for one in visitors]
                    before = processor_seconds(page.pid)
                    for thread in threads:
                        thread.start()
                    beside += ask_for(bot, asked, BOT_A_SECOND, CACHE_ROUND_SECONDS)
                    for thread in threads:
                        thread.join()
                    took += processor_seconds(page.pid) - before
                page.stdin.close()  # type: ignore[union-attr]
    quiet, busy = statistics.median(alone), statistics.median(beside)
    milliseconds = [one for visitor in visitors for one in visitor.milliseconds]
    statuses = [one for visitor in visitors for one in visitor.statuses]
    print(f"the bot's search: {quiet:.1f} ms alone, {busy:.1f} ms beside, ratio {busy / quiet:.2f}")
    share = took / (CACHE_ROUNDS * CACHE_ROUND_SECONDS)
    each_took = took / (CACHE_ROUNDS * CACHE_ROUND_SECONDS * CACHED_A_SECOND) * 1000
    print(f"the page: {share:.2f} of a processor, {each_took:.2f} ms of it an answer")
    print(f"its answers: {statistics.median(milliseconds):.1f} ms at the median, {len(statuses)} of them:")
    print(", ".join(f"{statuses.count(status)} with {status}" for status in sorted(set(statuses))))


if __name__ == "__main__":
    main()
