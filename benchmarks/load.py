"""The real process under load: `make bench-load`.

    python -m benchmarks.load [--memory 20000]

100,000 made-up points, the double of the Bot API in this process, the bot in another; Telegram's limits are taken
away, for what is measured is what they are to be compared with. Every phase ends by a count and by a time.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np

from benchmarks import texts
from benchmarks.double import Asked, Double, listening
from benchmarks.speed import structured
from retrieval.semantic.mode import Mode
from tests.support.process import environment
from tests.support.telegram import TOKEN

ROOT = Path(__file__).parent.parent
POINTS = 100_000
QUESTIONS = 2_000  # different ones in English; the Chinese ones are those of tests/quality
WARM = 300  # questions before anything is measured
RATE, STEADY = 30.0, 40.0  # questions a second, which is Telegram's own limit, and for how many seconds
STEPS, EACH = (50, 100, 150, 200, 225, 250, 275, 300), 8.0  # questions a second, for so many seconds each
CROWD = 64  # who wait for an answer at any moment while the most a second is looked for
SUSTAINED = 20.0  # seconds
LONGEST = 300.0  # seconds that memory is looked at
WITHIN, AT_LEAST, FLAT = 50.0, 250.0, 0.05  # the bars: milliseconds, answers a second, growth of memory
PATIENCE = 60.0  # seconds until what was asked last must be answered

Row = tuple[str, str, str]


def serve(data: Path, semantic: Mode) -> None:
    """The bot as `zhidian run` has it, but for Telegram's limits."""
    from bot.app.run import run_bot
    from bot.schema import upgrade
    from bot.settings import Settings
    from bot.transport.send_scheduler import UNLIMITED
    from retrieval.library import Library
    from retrieval.search_process import SearchProcess

    settings = Settings.load(data)
    upgrade(settings.data)
    with closing(SearchProcess(data, semantic)) as search_process, closing(Library(data)) as library:
        library.search_in(search_process)
        run_bot(settings, library, UNLIMITED)


def questions() -> list[str]:
    """English and Chinese ones in turn."""
    kept = texts.CACHE / "load.json"
    if not kept.exists():
        kept.write_text(json.dumps(texts.plain(QUESTIONS, texts.languages(), seed=2)), "utf-8")
    english, chinese = json.loads(kept.read_text("utf-8")), structured()
    return [one for n, plain in enumerate(english) for one in (plain, chinese[n % len(chinese)])]


class MemoryUse(NamedTuple):
    """MB of both processes. What both have mapped counts twice in `resident`, and not at all in `own`."""

    resident: float
    own: float


class ProcessorTime(NamedTuple):
    """Processor time."""

    answering: float
    searching: float


class BenchedBot:
    """Its processes, looked at from outside: the one that answers and the one that searches."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def memory(self) -> MemoryUse:
        statuses = [Path(f"/proc/{pid}/status").read_text("utf-8") for pid in self.pids()]
        return MemoryUse(
            *(sum(_kilobytes(status, name) for status in statuses) / 1024 for name in ("VmRSS", "RssAnon"))
        )

    def spent(self) -> ProcessorTime:
        """In seconds."""
        answering, *others = map(_processor_seconds, self.pids())
        return ProcessorTime(answering, sum(others))

    def pids(self) -> list[str]:
        """The one that answers first."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return [str(self.pid), *(child for task in tasks for child in (task / "children").read_text().split())]


def _kilobytes(status: str, name: str) -> int:
    return int(status.split(f"{name}:")[1].split(maxsplit=1)[0])


def _processor_seconds(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def answering(double: Double, data: Path, log: Path, tree: Path = ROOT, semantic: Mode = "off") -> Any:
    """The bot of the files in `tree`, which may be those of another commit."""
    extra = {"TELEGRAM_BOT_TOKEN": TOKEN, "ZHIDIAN_SEMANTIC": semantic, "PYTHONPATH": str(tree)}
    async with listening(double) as url:
        with log.open("wb") as stream:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.load", "serve", str(data), *(["on"] if semantic == "on" else [])),
                cwd=tree,
                env=environment(TELEGRAM_API_URL=url, **extra),
                stderr=stream,
            )
        try:
            yield BenchedBot(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                process.kill()
                await process.wait()


async def settled(double: Double, most: int = 0) -> bool:
    """Whether no more than `most` questions are left open in time."""
    deadline = time.monotonic() + PATIENCE
    while double.outstanding > most:
        if time.monotonic() > deadline:
            return False
        double.steps.clear()
        try:
            await asyncio.wait_for(double.steps.wait(), 1)
        except TimeoutError:
            continue
    return True


async def crowded(double: Double, count: int, seconds: float) -> list[Asked]:
    """`count` questions, or as many as there is time for; CROWD of them are open at any moment."""
    before, until = len(double.ended), time.monotonic() + seconds
    for _ in range(count):
        if not await settled(double, CROWD - 1) or time.monotonic() > until:
            break
        double.ask()
    await settled(double)
    return double.ended[before:]


async def offered(double: Double, rate: float, seconds: float, *, evenly: bool = True, seed: int = 5) -> list[Asked]:
    """Questions at a rate, whether they are answered or not; `evenly`, or as people come, by chance."""
    before, chance = len(double.ended), random.Random(seed)
    began = at = time.monotonic()
    while at < began + seconds:
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        double.ask()
        at += 1 / rate if evenly else chance.expovariate(rate)
    await settled(double)
    return double.ended[before:]


def waits(answers: Sequence[Asked]) -> tuple[float, float, float]:
    """p50, p95 and p99 in ms, from when the bot was given the question."""
    p50, p95, p99 = np.percentile([1000 * (one.answered - one.given) for one in answers], [50, 95, 99])
    return float(p50), float(p95), float(p99)


def held(answers: Sequence[Asked]) -> float:
    """p95 in ms from when a question was there until the bot asked for it."""
    return float(np.percentile([1000 * (one.given - one.there) for one in answers], 95))


def pace(answers: Sequence[Asked]) -> float:
    """Answers a second, the first and the last tenth left out."""
    times = sorted(one.answered for one in answers)
    tenth = len(times) // 10
    middle = times[tenth : len(times) - tenth]
    return (len(middle) - 1) / (middle[-1] - middle[0])


async def alone() -> float:
    """Calls a second that the double takes by itself, from one client with 16 connections.

    As forms, which the bot no longer sends, and all of them checked: the figure compares machines.
    """
    double = Double([""], checked=1)
    text = (
        f'<b>{"点" * 40}</b> {"word " * 60}\n<a href="https://example.org/x">title</a>\n经济日报 · 2025-01-01\n\n' * 3
    )
    body = f"chat_id=1&text={quote(text)}&parse_mode=HTML".encode()
    head = f"POST /bot{TOKEN}/sendMessage HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n"
    request = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    count = 0

    async def client(url: str) -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2].split("/")[0]))
        until = time.monotonic() + 2
        while time.monotonic() < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            count += 1
        writer.close()

    async with listening(double) as url:
        await asyncio.gather(*(client(url) for _ in range(16)))
    return count / 2


async def steady(double: Double) -> AsyncIterator[Row]:
    for name, evenly in (("one after the other", True), ("as people come", False)):
        answers = await offered(double, RATE, STEADY, evenly=evenly)
        p50, p95, p99 = waits(answers)
        figure = f"p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f} ms; held back before {held(answers):.0f} ms (p95)"
        wanted = bar(p95 <= WITHIN, f"p95 {WITHIN:.0f} ms")
        yield f"{RATE:.0f} a second, {name}: {len(answers)}", figure, wanted


async def saturation(double: Double, bot: BenchedBot) -> AsyncIterator[Row]:
    spent = bot.spent()
    answers = await crowded(double, int(10 * AT_LEAST * SUSTAINED), SUSTAINED)
    milliseconds = 1000 * (sum(bot.spent()) - sum(spent)) / len(answers)
    rate = pace(answers)
    yield (
        f"{CROWD} wait at any moment: {len(answers)}",
        f"{rate:.0f} answers a second, {milliseconds:.1f} ms of processor time each",
        bar(rate >= AT_LEAST, f"{AT_LEAST:.0f} a second"),
    )
    for step in STEPS:
        answers = await offered(double, step, EACH)
        p50, p95, _ = waits(answers)
        reached = len(answers) / (max(one.answered for one in answers) - min(one.there for one in answers))
        yield f"{step} a second offered", f"{reached:.0f} answered, p50 {p50:.0f}, p95 {p95:.0f} ms", ""
        if reached < 0.85 * step:
            break


async def memory(double: Double, bot: BenchedBot, count: int) -> AsyncIterator[Row]:
    """Beyond those that were asked before, which are its warming up; fewer than `count` where the time is over."""
    until = time.monotonic() + LONGEST
    sizes, asked = [bot.memory().resident], 0
    for _ in range(10):
        asked += len(await crowded(double, count // 10, max(0.0, until - time.monotonic())))
        sizes.append(bot.memory().resident)
    growth = max(sizes) / sizes[0] - 1
    told = f"{sizes[0]:.0f} MB, at most {max(sizes):.0f}, at the end {sizes[-1]:.0f} MB ({100 * growth:+.1f} %)"
    yield f"memory over {asked:,} questions", told, bar(growth <= FLAT, f"{100 * FLAT:.0f} %")


def bar(reached: bool, wanted: str) -> str:
    return f"{wanted}: {'reached' if reached else 'NOT REACHED'}"


async def measured(data: Path, log: Path, count: int) -> AsyncIterator[Row]:
    double = Double(questions())
    yield "the double alone", f"{await alone():.0f} calls a second", ""
    async with answering(double, data, log) as bot:
        await crowded(double, WARM, PATIENCE)
        double.unasked = 0  # a bot that is still starting says so
        for phase in (steady(double), saturation(double, bot), memory(double, bot, count)):
            async for row in phase:
                yield row
        left = double.outstanding
    yield "not answered; answered unasked", f"{left}; {double.unasked}", bar(not left | double.unasked, "0; 0")


async def told(rows: AsyncIterator[Row]) -> bool:
    """Prints each when it is known; whether all bars were reached."""
    print("| | measured | bar | load |\n|---|---|---|---|")
    good = True
    async for row in rows:
        print(f"| {' | '.join(row)} | {os.getloadavg()[0]:.1f} |", flush=True)
        good &= "NOT" not in row[2]
    return good


def main() -> int:
    if len(sys.argv) > 2 and sys.argv[1] == "serve":
        serve(Path(sys.argv[2]), "on" if sys.argv[3:] == ["on"] else "off")
        return 0
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", type=int, default=20_000, help="questions over which memory is looked at")
    options = parser.parse_args()
    made = texts.folder(POINTS)
    with tempfile.TemporaryDirectory(dir=texts.CACHE) as folder:
        data = Path(shutil.copytree(made, Path(folder) / "data", ignore=shutil.ignore_patterns("tokens.txt")))
        return 0 if asyncio.run(told(measured(data, Path(folder) / "log", options.memory))) else 1


if __name__ == "__main__":
    sys.exit(main())
