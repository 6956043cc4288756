"""Questions from many chats while much goes wrong, and the count of what became of them."""

import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bot.users.access_list import AccessList
from tests.support.process import PATIENCE, running, started
from tests.support.telegram import Answer, BotApi, Fate, Updates, refusal

WORD = re.compile(r"xqz[bcdfghjklm]+")
SORRY = "Something went wrong"
DIGITS = "bcdfghjklm"
OPERATOR = 99

MADE_CLEAR: Sequence[Fate | Answer] = (
    refusal(429, "Too Many Requests: retry after 1", retry_after=1),
    refusal(500, "Internal Server Error"),
    refusal(502, "Bad Gateway"),
    "closed",
)


@dataclass
class Inquiry:
    """Every question holds a word that occurs nowhere else, and the bot's answer names it."""

    asked: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    _updates: Updates = field(default_factory=Updates)
    _count: int = 0

    def ask(self, chat: int) -> dict[str, Any]:
        self._count += 1
        word = "xqz" + "".join(DIGITS[int(digit)] for digit in f"{self._count:05}")
        self.asked[chat].append(word)
        if chat < 0:
            person = {"id": 10_000 + self._count, "is_bot": False, "first_name": "李"}
            group = {"id": chat, "type": "supergroup", "title": "群"}
            return self._updates.group(f"/ask What is {word}?", language="en", chat=group, **{"from": person})
        # Minutes apart, as nobody is to ask too many in one.
        date = int(time.time()) - 90_000 + 60 * len(self.asked[chat])
        extra: dict[str, Any] = {"from": {"id": chat, "is_bot": False, "first_name": "李", "language_code": "en"}}
        private: dict[str, Any] = {"id": chat, "type": "private", "first_name": "李"}
        return self._updates.private(f"What is {word}?", chat=private, date=date, **extra)

    @property
    def number(self) -> int:
        return self._count


def answered(api: BotApi) -> dict[int, list[str]]:
    """The words that arrived in each chat, in that order."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for call in api.arrived():
        if word := WORD.search(call.parameters["text"]):
            found[call.chat].append(word[0])
    return found


def answers(api: BotApi) -> int:
    """Different questions that were answered."""
    return sum(len(set(words)) for words in answered(api).values())


def sorry(api: BotApi) -> int:
    """Apologies that arrived."""
    return sum(SORRY in call.parameters["text"] for call in api.arrived())


@dataclass
class Tally:
    """What a run ended with. `doubled` are words, and `in_flight` those that may be."""

    asked: int
    missing: list[str]
    doubled: list[str]
    disordered: list[int]
    in_flight: set[str]
    other: int  # messages that answer nothing, such as apologies
    apologised: list[str]
    timed_out: int  # requests that the bot gave up on by itself: on a machine that stands still, they may be doubled

    @property
    def once(self) -> int:
        return self.asked - len(self.missing) - len(self.apologised) - len(set(self.doubled))

    def __str__(self) -> str:
        doubled = f"{len(self.doubled)} doubled, {len(set(self.doubled) - self.in_flight)} of them not in flight"
        return (
            f"{self.asked} asked, {self.once} answered once, {len(self.apologised)} apologised, {doubled},"
            f" {len(self.missing)} lost, {len(self.disordered)} chats out of order, {self.other} other messages,"
            f" {self.timed_out} timed out"
        )


def tally(inquiry: Inquiry, api: BotApi, in_flight: set[str], log: Path) -> Tally:
    there = answered(api)
    counts = Counter(word for words in there.values() for word in words)
    asked = [word for words in inquiry.asked.values() for word in words]
    apologies = Counter(call.chat for call in api.arrived() if SORRY in call.parameters["text"])
    unanswered = {chat: [word for word in words if not counts[word]] for chat, words in inquiry.asked.items()}
    return Tally(
        asked=len(asked),
        missing=[word for chat, words in unanswered.items() for word in words[apologies[chat] :]],
        apologised=[word for chat, words in unanswered.items() for word in words[: apologies[chat]]],
        doubled=sorted((counts - Counter(asked)).elements()),
        disordered=[
            chat
            for chat, words in inquiry.asked.items()
            if chat > 0  # in a group nobody waits for another member's answer
            and list(dict.fromkeys(there.get(chat, []))) != [word for word in words if counts[word]]
        ],
        in_flight=in_flight,
        other=sum(not WORD.search(call.parameters["text"]) for call in api.arrived()),
        timed_out=log.read_text("utf-8").count("Timed out TimeoutError("),
    )


def some_of_them(share: float, faults: Sequence[Fate | Answer], seed: int) -> Any:
    chance = random.Random(seed)

    def fault(_method: str, _parameters: dict[str, Any]) -> Fate | Answer:
        return chance.choice(faults) if chance.random() < share else "taken"

    return fault


def under_faults(
    api: BotApi, url: str, data: Path, log: Path, chats: Sequence[int], each: int, patience: float = 2 * PATIENCE
) -> Tally:
    """All ask at once, `each` so many questions; the double does whatever its `fault` says."""
    inquiry = Inquiry()
    api.deliver(*(inquiry.ask(chat) for _ in range(each) for chat in chats))
    with running(data, url, log):
        api.wait_until(lambda: answers(api) >= inquiry.number, patience)
    return tally(inquiry, api, unconfirmed(api), log)


def unconfirmed(api: BotApi) -> set[str]:
    """What arrived without the bot's being told."""
    lost = (WORD.search(call.parameters["text"]) for call in api.sent() if call.fate in {"lost", "late"})
    return {found[0] for found in lost if found}


def under_kills(api: BotApi, url: str, data: Path, log: Path, chats: Sequence[int], kills: int, seed: int = 7) -> Tally:
    """Each life of the process gets a question from every chat, and ends at a random moment of its work, or before."""
    chance = random.Random(seed)
    inquiry = Inquiry()
    in_flight: set[str] = set()
    for _ in range(kills):
        before = len(api.arrived())
        api.deliver(*(inquiry.ask(chat) for chat in chats))
        with started(data, url, log) as process:
            if chance.random() < 0.1:
                time.sleep(chance.uniform(0, 2))
            else:
                goal = before + chance.randrange(len(chats) + 1)
                api.wait_until(lambda goal=goal: len(api.arrived()) >= goal, PATIENCE)  # type: ignore[misc]
                time.sleep(chance.uniform(0, 0.1))
            process.kill()
        time.sleep(0.1)  # what was written before the end still arrives
        in_flight |= {words[-1] for words in answered(api).values()}
    backlog = inquiry.number - answers(api)
    with running(data, url, log):
        api.wait_until(lambda: answers(api) >= inquiry.number, PATIENCE + backlog / 5)
    return tally(inquiry, api, in_flight, log)


REFUSED_POLLS: Sequence[Fate | Answer] = (
    refusal(401, "Unauthorized"),
    refusal(404, "Not Found"),
    refusal(409, "Conflict: terminated by other getUpdates request"),
    *MADE_CLEAR,
)
REFUSED_REFUSALS: Sequence[Fate | Answer] = (
    refusal(400, "Bad Request: TOPIC_CLOSED"),
    refusal(403, "Forbidden: bot was blocked by the user"),
    refusal(429, "Too Many Requests", retry_after=3600),
    "lost",
)


def under_strangers(
    api: BotApi, url: str, data: Path, log: Path, chats: Sequence[int], each: int, seed: int = 5
) -> tuple[Tally, int]:
    """Members ask, and as many strangers, between updates that nobody can read; polls and refusals fail.

    Returns what became of the members' questions, and how many strangers were served.
    """
    members, strangers = list(chats), [chat + 100_000 for chat in chats]
    access = AccessList(data / "bot.db", "invite", {OPERATOR})
    for chat in members:
        access.allow_chat(chat, "member", OPERATOR)
    access.close()
    chance, inquiry, intruders = random.Random(seed), Inquiry(), Inquiry()

    def fault(method: str, parameters: dict[str, Any]) -> Fate | Answer:
        if method == "getUpdates":
            return chance.choice(REFUSED_POLLS) if chance.random() < 0.1 else "taken"
        to_stranger = int(parameters.get("chat_id", 0)) in strangers
        kinds = REFUSED_REFUSALS if to_stranger else MADE_CLEAR
        share = 0.7 if to_stranger else 0.2
        return chance.choice(kinds) if method == "sendMessage" and chance.random() < share else "taken"

    api.fault = fault
    numbers = count(1)
    for _ in range(each):
        for member, stranger in zip(members, strangers, strict=True):
            broken = {"message": {"message_id": 1, "date": "?"}}
            for update in (inquiry.ask(member), broken, intruders.ask(stranger)):
                api.deliver(update | {"update_id": next(numbers)})
    with running(data, url, log, ZHIDIAN_ACCESS="invite", ZHIDIAN_ADMINS=str(OPERATOR)):
        api.wait_until(lambda: sum(len(set(answered(api)[chat])) for chat in members) >= inquiry.number, 3 * PATIENCE)
    served = sum(len(words) for chat, words in answered(api).items() if chat in strangers)
    mine = BotApi(calls=[call for call in api.calls if int(call.parameters.get("chat_id", 0)) in members])
    return tally(inquiry, mine, unconfirmed(mine), log), served
