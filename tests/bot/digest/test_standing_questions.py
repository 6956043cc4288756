"""Tell me when: what was not there is asked for, the bell tapped, and the answer arrives; what is merely near never."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.digest.subscription import ANSWERS_A_DAY
from tests.conftest import ROOT
from tests.support.subscriptions import Life, beijing

PAIRS = [
    tuple(line.split("\t"))
    for line in Path("tests/bot/digest/standing.tsv").read_text("utf-8").splitlines()
    if line[0] != "#"
]
BELL = Path("tests/bot/digest/bell.tsv").read_text("utf-8").splitlines()


class Asking(Life):
    """With words to search by."""

    def learn(self, *points: str, at: datetime | None = None, topic: str = "见闻") -> None:
        file = self.folder / f"{abs(hash(points))}.jsonl"
        documents = [
            {
                "title": f"Report {abs(hash(point)) % 10_000}",
                "outlet": "经济日报",
                "published": (at or self.now).isoformat(timespec="minutes"),
                "topic": topic,
                "points": [{"section": "", "text": point}],
            }
            for point in points
        ]
        file.write_text("\n".join(map(json.dumps, documents)), "utf-8")
        assert not self.library.ingest((file,)).refused


@pytest.fixture
def life(fresh: Path) -> Iterator[Asking]:
    life = Asking(fresh, beijing("2026-07-01T10:00"))
    life.library.ingest((ROOT / "seeds", ROOT / "tests" / "quality"))
    yield life
    life.stop()


async def test_twenty_questions_are_answered_once_and_by_nothing_that_is_merely_near(life: Asking) -> None:
    assert len(PAIRS) == 20
    too_early, near, missed = [], [], []
    for number, (question, answer, other) in enumerate(PAIRS):
        if life.library.search(question, now=life.now).verdict == "answer":
            too_early.append(question)
        life.follow(question, chat=100 + number, kind="question", at_once=True, reply_to=500 + number)
        life.now += timedelta(minutes=1)
        life.learn(other)
        near += [(question, call.text) for call in await life.tick()]
        life.learn(answer)
        arrived = await life.tick()
        if [call.chat for call in arrived] != [100 + number]:
            missed.append((question, [(call.chat, call.text) for call in arrived]))
        else:
            [call] = arrived
            assert call.parameters["reply_parameters"]["message_id"] == 500 + number
            assert answer[:40] in call.text
            assert "🔔" in call.text
        assert not await life.tick()
    assert not too_early
    assert not near
    assert not missed


async def test_no_wording_is_silent_and_no_neighbour_rings(life: Asking) -> None:
    wordings: dict[str, int] = {}
    silent, near = [], []
    subjects = [line.removeprefix("= ").split("\t") for line in BELL if line.startswith("= ")]
    blocks = "\n".join(line for line in BELL if line[0] != "#").split("= ")[1:]
    assert len(subjects) == 6
    for (_, news, neighbour), block in zip(subjects, blocks, strict=True):
        asked = [line for line in block.splitlines()[1:] if line]
        assert len(asked) == 12
        for wording in asked:
            chat = wordings.setdefault(wording, 1000 + len(wordings))
            life.follow(wording, chat=chat, kind="question", at_once=True)
        life.learn(neighbour)
        near += [(neighbour, call.text) for call in await life.tick()]
        life.learn(news)
        rung = {call.chat for call in await life.tick()}
        silent += [wording for wording in asked if wordings[wording] not in rung]
        life.now += timedelta(minutes=5)
    assert not near
    assert not silent


async def test_at_most_so_many_a_day_and_none_at_night_the_rest_is_in_the_digest(life: Asking) -> None:
    life.follow("demagnetization of magnetic shields", kind="question", at_once=True, reply_to=5)
    for n in range(ANSWERS_A_DAY + 2):
        life.learn(
            f"The demagnetization of magnetic shields was sped up: laboratory {n} cut {n + 50} hours to {n + 3} minutes"
        )
        life.now += timedelta(minutes=30)
        assert len(await life.tick()) == (n < ANSWERS_A_DAY)
    life.now = beijing("2026-07-01T23:00")
    life.learn("Demagnetization of magnetic shields in Wuhan: a shield of 900 kilograms took 77 seconds")
    assert not await life.tick()
    [(at, digest)] = await life.until(beijing("2026-07-02T20:00"))
    assert at == beijing("2026-07-02T07:30")
    assert "77 seconds" in digest.text
    for n in (ANSWERS_A_DAY, ANSWERS_A_DAY + 1):
        assert f"laboratory {n} " in digest.text
    assert "laboratory 0 " not in digest.text


async def test_a_daily_standing_search_brings_what_answers_and_nothing_else(life: Asking) -> None:
    life.follow("demagnetization of magnetic shields", kind="question")
    life.learn("A Hefei laboratory opened a new hall for superconducting magnets this spring")
    assert not await life.until(beijing("2026-07-02T12:00"))
    life.learn(
        "The demagnetization of magnetic shields was sped up: a laboratory cut the time from hours to 8 minutes",
        "Pigs got cheaper",
    )
    [(_, digest)] = await life.until(beijing("2026-07-03T12:00"))
    assert "8 minutes" in digest.text
    assert "Pigs" not in digest.text
    assert "新摘要 1 篇" in digest.text


async def test_an_answer_that_was_in_flight_at_a_kill_is_not_repeated(life: Asking) -> None:
    life.follow("demagnetization of magnetic shields", kind="question", at_once=True)
    life.learn("The demagnetization of magnetic shields now takes 8 minutes")
    await life.delivery.plan()
    [message] = life.outbox.ready(life.now, 10)
    life.outbox.claim(message.id, life.now)
    await life.restart()
    assert not await life.until(beijing("2026-07-03T12:00"))
    assert [trouble.state for trouble in life.outbox.problems(beijing("2026-07-01T00:00"))] == ["uncertain"]
