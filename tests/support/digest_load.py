"""Many readers whose digests are due now, and the count of what reached them."""

import random
import time as clock
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from bot.digest.migrations import subscription_migrations
from bot.digest.schedule import Schedule
from bot.digest.subscription import Destination, SubscriptionSpec
from bot.digest.subscription_store import SubscriptionStore
from retrieval.model.documents import BEIJING, Document, Point, document_id, point_id
from retrieval.model.outlets import outlet
from retrieval.storage.corpus import Corpus
from retrieval.storage.schema import PointTokens, Tokens
from retrieval.storage.store import Store
from tests.support.process import PATIENCE, running, started
from tests.support.telegram import BotApi

TOPICS = 20
FIRST = 1_000_000  # the first reader's id


def news(topic: str, number: int, published: datetime) -> Document:
    name = outlet("经济日报")
    title = f"{topic}消息{number}"
    id = document_id(name.name, title, published)
    texts = [f"{topic}{'甲乙丙丁'[n]}项目第{number}期投入{number * 977 + n * 131}亿元" for n in range(4)]
    points = [Point(point_id(id, text), text, "" if n else "Core Viewpoint", (n + 1,)) for n, text in enumerate(texts)]
    return Document(id, title, name, published, (topic,), None, tuple(points))


def stock(data: Path, topics: Iterable[str], each: int = 5) -> None:
    """News of today on each topic, not to be searched: what is followed are topics."""
    corpus = Corpus(data / "corpus.db")
    now = datetime.now(BEIJING).replace(second=0, microsecond=0)
    documents = [news(topic, n, now - timedelta(minutes=n)) for topic in topics for n in range(each)]
    corpus.add(documents, lambda document: Tokens("", tuple(PointTokens("", "", "") for _ in document.points)))
    corpus.close()


def enrol(data: Path, readers: int, mark: int = 0, groups: bool = False) -> list[int]:
    """Readers of one topic each, all due this minute; their chats. With `groups` every tenth is one."""
    now = datetime.now(UTC)
    local = now.astimezone(BEIJING)
    schedule = Schedule("daily", time(local.hour, local.minute), "Asia/Shanghai")
    store = Store(data / "bot.db", subscription_migrations)
    subscriptions = SubscriptionStore(store)
    chats = [-(FIRST + n) if groups and n % 10 == 9 else FIRST + n for n in range(readers)]
    with store.transaction():
        for n, chat in enumerate(chats):
            wanted = SubscriptionSpec(
                Destination(chat), chat if chat > 0 else None, "topic", f"主题{n % TOPICS}", "zh", schedule
            )
            subscriptions.add(wanted, now - timedelta(seconds=1), mark, now)
    store.close()
    return chats


@dataclass
class Count:
    """`missing` reached nobody; `uncertain` are those listed as such, `unlisted` the missing ones that are not."""

    readers: int
    doubled: list[int]
    missing: list[int]
    uncertain: set[int]
    in_flight: list[int]

    @property
    def unlisted(self) -> list[int]:
        return [chat for chat in self.missing if chat not in self.uncertain]

    def __str__(self) -> str:
        return (
            f"{self.readers} readers, {len(self.doubled)} doubled, {len(self.missing)} missing,"
            f" {len(self.unlisted)} of them not listed; {len(self.uncertain)} uncertain in {len(self.in_flight)} kills,"
            f" at most {max(self.in_flight, default=0)} at once"
        )


def states(data: Path, state: str) -> list[int]:
    store = Store(data / "bot.db", subscription_migrations)
    sql = "SELECT d.chat_id FROM messages m JOIN deliveries d ON d.id = m.delivery WHERE m.state = ?"
    found = [row["chat_id"] for row in store.rows(sql, [state])]
    store.close()
    return found


def arrived(api: BotApi) -> Counter[int]:
    return Counter(call.chat for call in api.arrived())


def killed(api: BotApi, url: str, data: Path, log: Path, readers: int, kills: int, seed: int = 7) -> Count:
    """Deliveries to all readers, by a process that is killed so often at random moments of its run."""
    chance = random.Random(seed)
    stock(data, [f"主题{n}" for n in range(TOPICS)])
    chats = enrol(data, readers)
    in_flight = []
    for n in range(kills):
        # What was in flight at a kill is over, too: who waits for it would see the run end before the kills do.
        left = readers - sum(len(states(data, state)) for state in ("sent", "uncertain", "failed", "sending"))
        goal = len(api.arrived()) + min(left, chance.randrange(2 * left // (kills - n) + 1))
        with started(data, url, log) as process:
            api.wait_until(lambda goal=goal: len(api.arrived()) >= goal, PATIENCE)  # type: ignore[misc]
            clock.sleep(chance.uniform(0, 0.05))
            process.kill()
            process.wait()
        clock.sleep(0.1)  # what was written before the end still arrives
        in_flight.append(len(states(data, "sending")))
    with running(data, url, log):
        api.wait_until(lambda: not states(data, "waiting"), PATIENCE + readers / 20)
    there = arrived(api)
    return Count(
        readers,
        [chat for chat in chats if there[chat] > 1],
        [chat for chat in chats if not there[chat]],
        set(states(data, "uncertain")),
        in_flight,
    )
