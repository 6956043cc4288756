"""The process among all that can go wrong, one thing after the other, and the wire's faults all the time."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import troubles
from tests.support.faults import Inquiry, Tally, answered, answers, sorry, tally, unconfirmed
from tests.support.process import PATIENCE, started
from tests.support.telegram import BotApi
from tests.support.troubles import Clock

Kind = str
AHEAD, BEHIND = 100, -7200  # seconds: at more than two minutes ahead a group's messages count as stale


@dataclass
class Mixed:
    """`last`: seconds that a trouble lasts, from and to. A killed process is started anew."""

    api: BotApi
    url: str
    data: Path
    log: Path
    chats: Sequence[int]
    kinds: Sequence[Kind]
    last: tuple[float, float]
    seed: int = 3
    inquiry: Inquiry = field(default_factory=Inquiry)
    killed: set[str] = field(default_factory=set)
    happened: list[Kind] = field(default_factory=list)

    def run(self, rate: float) -> Tally:
        """Each of the kinds happens once, in this order; meanwhile so many questions a second are asked."""
        chance, clock, stop = random.Random(self.seed), Clock(self.log.with_name("clock")), threading.Event()
        asking = threading.Thread(target=self._ask, args=(rate, stop))
        left = list(self.kinds)
        asking.start()
        while True:
            with started(self.data, self.url, self.log, **clock.environment) as process:
                while left and (kind := left.pop(0)) != "killed":
                    self._happen(kind, clock, chance.uniform(*self.last))
                    time.sleep(chance.uniform(*self.last) / 4)
                    self.happened.append(kind)
                    assert process.poll() is None, self.log.read_text("utf-8")
                if not left:
                    stop.set()
                    asking.join()
                    self._settle()
                    break
                process.kill()
            self.happened.append("killed")
            time.sleep(0.1)  # what was written before the end still arrives
            self.killed |= {words[-1] for words in answered(self.api).values()}
        return tally(self.inquiry, self.api, unconfirmed(self.api) | self.killed, self.log)

    def _settle(self) -> None:
        """Until all are answered, or nothing more comes."""
        before = -1
        while before != (there := len(self.api.arrived())):
            before = there
            if self.api.wait_until(lambda: answers(self.api) + sorry(self.api) >= self.inquiry.number, PATIENCE):
                return

    def _ask(self, rate: float, stop: threading.Event) -> None:
        chance = random.Random(self.seed)
        while not stop.wait(chance.expovariate(rate)):
            self.api.deliver(self.inquiry.ask(chance.choice(self.chats)))

    def _happen(self, kind: Kind, clock: Clock, seconds: float) -> None:
        match kind:
            case "swapped":
                troubles.swapped(self.data, len(self.happened))
            case "ahead" | "behind":
                clock.jump(AHEAD if kind == "ahead" else BEHIND)
                time.sleep(seconds)
                clock.jump(0)
            case "full":
                with troubles.full(self.data):
                    time.sleep(seconds)
            case "locked":
                with troubles.locked(self.data):
                    time.sleep(seconds)
            case _:
                raise ValueError(kind)
