"""Digests at scale against a double with Telegram's limits, and what kills do to them.

    .venv/bin/python -m benchmarks.delivery [--readers 10000] [--kills 200]

The double has a token bucket (30 a second, capacity 30) and one message a second a chat; while the digests go out a
question a second comes in. Then the real process is killed so often in the middle of another run.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.digest import trading_calendar
from bot.digest.migrations import subscription_migrations
from bot.digest.outbox import Outbox
from bot.digest.planner import DigestPlanner
from bot.digest.subscription_store import SubscriptionStore
from bot.render.answer import RenderContext
from retrieval.library import Library
from retrieval.model.outlets import document_links
from retrieval.storage.store import Store
from tests.support.digest_load import TOPICS, arrived, enrol, killed, stock
from tests.support.faults import WORD, Inquiry
from tests.support.process import PATIENCE, running
from tests.support.telegram import Answer, BotApi, Fate, refusal
from tests.support.telegram_http import serving

RATE, CAPACITY, CHAT = 30.0, 30.0, 1.0  # messages a second, at once, seconds between two in a chat
WITHIN, REFUSED, ANSWERED, COMPOSED = 1.2, 0.005, 1.0, 20.0  # the bars of the issue
ASKING = 50  # chats that take turns in asking


@dataclass
class Limits:
    """Refuses with 429 what is beyond; counts what it let through and what it refused."""

    tokens: float = CAPACITY
    filled: float = field(default_factory=time.monotonic)
    last: dict[str, float] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def fault(self, method: str, parameters: dict[str, Any]) -> Fate | Answer:
        if not method.startswith("send") or method == "sendChatAction":
            return "taken"
        now, chat = time.monotonic(), str(parameters["chat_id"])
        self.tokens = min(CAPACITY, self.tokens + (now - self.filled) * RATE)
        self.filled = now
        if self.tokens < 1 or now - self.last.get(chat, -CHAT) < CHAT:
            self.counts["refused"] += 1
            return refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        self.tokens -= 1
        self.last[chat] = now
        self.counts["taken"] += 1
        return "taken"


@dataclass
class Watched(BotApi):
    """Knows when each answer arrived, and in which chats anything did."""

    at: dict[str, float] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)

    def call(self, method: str, parameters: dict[str, Any]) -> Answer:
        answer = super().call(method, parameters)
        if method == "sendMessage" and answer[0] == 200:
            self.reached.add(int(parameters["chat_id"]))
            if word := WORD.search(parameters["text"]):
                self.at.setdefault(word[0], time.monotonic())
        return answer


def composing(data: Path, readers: int) -> float:
    """Processor seconds that planning, composing and recording all digests take."""
    enrol(data, readers)
    library, store = Library(data), Store(data / "bot.db", subscription_migrations)
    subscriptions = SubscriptionStore(store)
    outbox = Outbox(store, subscriptions)
    planner = DigestPlanner(
        library,
        subscriptions,
        outbox,
        lambda language, _: RenderContext(language, document_links, datetime.now(UTC).date()),
        trading_calendar.session,
        lambda *_: True,
    )
    started = time.process_time()
    planned = planner.run(datetime.now(UTC))
    took = time.process_time() - started
    store.close()
    library.close()
    assert planned.recorded == readers
    return took


def asking(api: Watched, stop: threading.Event, asked: dict[str, float]) -> None:
    inquiry = Inquiry()
    while not stop.wait(1.0):
        chat = 100 + inquiry.number % ASKING
        update = inquiry.ask(chat)
        asked[inquiry.asked[chat][-1]] = time.monotonic()
        api.deliver(update)


def load(data: Path, log: Path, readers: int) -> list[tuple[str, str, bool]]:
    limits = Limits()
    api = Watched(fault=limits.fault)
    asked: dict[str, float] = {}
    stop = threading.Event()
    thread = threading.Thread(target=asking, args=(api, stop, asked))
    with serving(api) as url, running(data, url, log):
        warm = Inquiry()
        api.deliver(warm.ask(99))
        api.wait_until(lambda: bool(api.at), PATIENCE)  # as a bot is that has been up for longer than a minute
        api.at.clear()
        chats = set(enrol(data, readers))
        api.wait_until(lambda: not chats.isdisjoint(api.reached), PATIENCE)
        started = time.monotonic()
        thread.start()
        for _ in range(readers):
            if api.wait_until(lambda: chats <= api.reached, 0.5) or time.monotonic() - started > readers / 10:
                break
        took = time.monotonic() - started
        stop.set()
        thread.join()
        api.wait_until(lambda: asked.keys() <= api.at.keys(), PATIENCE)
    there = arrived(api)
    waits = sorted(api.at.get(word, float("inf")) - at for word, at in asked.items())
    p95 = waits[int(0.95 * (len(waits) - 1))]
    allowed = WITHIN * (readers + len(waits)) / RATE
    refused = limits.counts["refused"] / limits.counts.total()
    doubled = sum(there[chat] > 1 for chat in chats)
    missing = sum(not there[chat] for chat in chats)
    return [
        ("digests", f"{readers} in {took:.0f} s, allowed {allowed:.0f}", took <= allowed),
        ("doubled, missing", f"{doubled}, {missing}", not doubled and not missing),
        ("429", f"{100 * refused:.2f} % of {limits.counts.total()} calls", refused < REFUSED),
        ("answers", f"{len(waits)}, median {statistics.median(waits):.2f} s, p95 {p95:.2f} s", p95 < ANSWERED),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--data", type=Path, default=None, help="a data folder with a dictionary, to save compiling it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base"
        prepared(base, options.data)
        rows: list[tuple[str, str, bool]] = []

        def fresh(name: str) -> Path:
            return Path(shutil.copytree(base, Path(folder) / name))

        if options.readers:
            took = composing(fresh("composing"), options.readers)
            rows.append(("composing", f"{took:.1f} s of processor time", took < COMPOSED))
            rows += load(fresh("load"), Path(folder) / "load.log", options.readers)
        if options.kills:
            rows.append(kills(fresh("kills"), Path(folder) / "kills.log", options.kills))
        for name, figure, good in rows:
            print(f"{'ok ' if good else 'BAD'}  {name}: {figure}")
    sys.exit(not all(good for _, _, good in rows))


def kills(data: Path, log: Path, count: int) -> tuple[str, str, bool]:
    api = BotApi()
    with serving(api) as url:
        found = killed(api, url, data, log, readers=20 * count, kills=count)
    good = not found.doubled and not found.unlisted and len(found.uncertain) <= sum(found.in_flight)
    return f"{count} kills", str(found), good


def prepared(base: Path, donor: Path | None) -> None:
    """A corpus of today's news and a compiled dictionary."""
    base.mkdir()
    if donor:
        shutil.copy(donor / "lexicon.bin", base)
    library = Library(base)
    library.ingest((Path("seeds"),))
    library.warm()
    library.close()
    stock(base, [f"主题{n}" for n in range(TOPICS)])


if __name__ == "__main__":
    main()
