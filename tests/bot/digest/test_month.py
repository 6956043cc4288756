"""Thirty days with restarts, kills, refusals and readers who change their minds: nothing twice, nothing lost."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from bot.digest.schedule import SCHEDULE_DAYS, Schedule
from tests.support.subscriptions import Life, beijing
from tests.support.telegram import Answer, Fate, refusal

START = beijing("2026-03-01T05:00")  # clocks change in New York on the 8th, in Berlin on the 29th
ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
)
TOPICS = ("原始创新", "冰雪经济", "数据要素")


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    life = Life(tmp_path, START)
    yield life
    life.stop()


def schedule(chance: random.Random) -> Schedule:
    hour = time(chance.choice([0, 2, 7, 12, 18, 23]), chance.choice([0, 30, 59]))
    return Schedule(chance.choice(("daily", "daily", *SCHEDULE_DAYS)), hour, chance.choice(ZONES))


@pytest.mark.parametrize("seed", range(3))
async def test_a_month(life: Life, seed: int) -> None:
    chance = random.Random(seed)
    readers = {chat: life.follow(chance.choice(TOPICS), chat, schedule(chance)).id for chat in range(10, 22)}
    told: defaultdict[int, list[int]] = defaultdict(list)
    dates: defaultdict[int, list[date]] = defaultdict(list)
    published: defaultdict[str, list[int]] = defaultdict(list)
    refused = [refusal(500, "Internal Server Error"), refusal(502, "Bad Gateway")]

    def fault(_: str, __: object) -> Fate | Answer:
        return chance.choice(refused) if chance.random() < 0.2 else "taken"

    life.api.fault = fault
    number = 0
    while life.now < START + timedelta(days=30):
        for _ in range(chance.randrange(3)):
            number += 1
            topic = chance.choice(TOPICS)
            published[topic].append(number)
            life.ingest(life.news(f"第{number}篇", f"编号{number * 7919}的工程投入{number * 104729}亿元", topic=topic))
        if chance.random() < 0.2:
            await killed(life, chance)
        if chance.random() < 0.2:
            change(life, readers[chance.choice(list(readers))], schedule(chance))
        before = len(life.api.calls)
        sent = await life.until(life.now + timedelta(hours=chance.randrange(1, 30)))
        assert len(life.api.calls) - before == len(sent)
    life.api.fault = lambda *_: "taken"
    await life.until(life.now + timedelta(days=9))  # the weekly ones, too
    for call in life.api.arrived():
        told[call.chat] += [n for n in range(1, number + 1) if f"编号{n * 7919}的" in call.text]
        dates[call.chat].append(date.fromisoformat(call.text[:10]))
    assert len(life.api.arrived()) > 50
    assert len(life.api.sent()) > len(life.api.arrived())
    uncertain = {trouble.chat for trouble in life.outbox.problems(START) if trouble.state == "uncertain"}
    for chat, id in readers.items():
        one = life.subscriptions.get(id)
        assert one
        wanted = published[one.spec.subject]
        assert not [n for n, times in Counter(told[chat]).items() if times > 1]
        assert set(told[chat]) <= set(wanted)
        assert len(dates[chat]) == len(set(dates[chat]))
        if chat not in uncertain:
            assert sorted(told[chat]) == wanted


async def killed(life: Life, chance: random.Random) -> None:
    """In the middle of a send: before it reached Telegram, or after."""
    await life.delivery.plan()
    for message in life.outbox.ready(life.now, 1):
        life.outbox.claim(message.id, life.now)
        if chance.random() < 0.5:
            life.api.call("sendMessage", {"chat_id": message.place.chat, "text": message.html, "parse_mode": "HTML"})
    await life.restart()


def change(life: Life, id: int, wanted: Schedule) -> None:
    one = life.subscriptions.get(id)
    assert one
    moved = replace(one, spec=replace(one.spec, schedule=wanted))
    life.subscriptions.reschedule(id, wanted, life.planner.next_of(moved, life.now), life.now)
