"""The real process under faults: what was answered, doubled, lost, and how fast.

    python -m benchmarks.faults [--kills 100] [--minutes 5]

The last run is a long one, with everything at once: the wire's faults, and one after the other a full disk, a locked
database, a clock that jumps, a corpus that another process changes, a process that is killed.

Prints a line a run; exits with 1 where a question was lost, or doubled without having been in flight.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.transport.http_client import READ_SECONDS
from retrieval.library import Library
from tests.support import faults
from tests.support.faults import Tally
from tests.support.mixed_faults import Mixed
from tests.support.process import copied
from tests.support.telegram import Answer, BotApi, Fate
from tests.support.telegram_http import serving
from tests.support.troubles import FAKETIME, disk

SEEDS = Path(__file__).parent.parent / "seeds"
KINDS = ("full", "locked", "ahead", "behind", "swapped", "killed")
LAST = (4.0, 14.0)  # seconds; a database that is locked for more than ten is given up on
CHATS = [*range(1, 41), *range(-1010, -1000)]  # private ones and groups


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=5, help="of the long run; 0 leaves it out")
    options = parser.parse_args()
    kills: int = options.kills
    everything: Sequence[Fate | Answer] = [*faults.MADE_CLEAR, "lost"]
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        data = stocked(there / "data")

        def run(
            name: str, share: float, kinds: Sequence[Fate | Answer], work: Callable[..., Tally], **how: int
        ) -> bool:
            api = BotApi(fault=faults.some_of_them(share, kinds, seed=11))
            shutil.rmtree(there / "own", ignore_errors=True)
            own, log, began = copied(data, there / "own"), there / "log", time.monotonic()
            chats = CHATS if "kills" not in how else range(1, 51)
            with serving(api) as url:
                tally = work(api, url, own, log, chats, **how)
            took = time.monotonic() - began
            tried, arrived = len(api.sent()), len(api.arrived())
            print(f"{name}: {tally}; {tried} sends, {arrived} arrived; {took:.0f} s", flush=True)
            if tally.doubled:
                print(f"    doubled: {' '.join(tally.doubled)}")
            return (
                not tally.missing
                and len(set(tally.doubled) - tally.in_flight) <= tally.timed_out
                and not tally.disordered
            )

        good = [
            run("no faults", 0, ["closed"], faults.under_faults, each=10),
            run("20 % faults that are clear", 0.2, faults.MADE_CLEAR, faults.under_faults, each=10),
            run("20 % lost answers", 0.2, ["lost"], faults.under_faults, each=10),
            run("40 % of everything", 0.4, everything, faults.under_faults, each=10),
            run(f"{kills} kills", 0, ["closed"], faults.under_kills, kills=kills),
        ]
        good.append(strangers(data, there))
        if options.minutes:
            good.append(long(data, there, options.minutes))
    return 0 if all(good) else 1


def strangers(data: Path, there: Path) -> bool:
    """By invitation only, among polls that are refused, updates that nobody can read, and refusals that fail."""
    api, own = BotApi(), copied(data, there / "invited")
    with serving(api) as url:
        tally, served = faults.under_strangers(api, url, own, there / "invited.log", range(1, 41), each=5)
    print(f"401, 404, 409, unreadable updates, refusals that fail: {tally}; {served} served to strangers", flush=True)
    return not tally.missing and not served and len(set(tally.doubled) - tally.in_flight) <= tally.timed_out


def long(data: Path, there: Path, minutes: float) -> bool:
    """Everything at once, in an order that its seed decides."""
    chance = random.Random(5)
    kinds = [kind for kind in KINDS for _ in range(max(1, round(minutes * 60 / (len(KINDS) * 1.25 * sum(LAST) / 2))))]
    chance.shuffle(kinds)
    polls = faults.some_of_them(0.1, [*faults.MADE_CLEAR, "lost"], seed=11)
    others = faults.some_of_them(0.1, [*faults.MADE_CLEAR, "lost", "lost", "late"], seed=12)
    api = BotApi(
        fault=lambda method, asked: (polls if method == "getUpdates" else others)(method, asked), late=READ_SECONDS + 5
    )
    with disk(there / "disk", 400) as small, serving(api) as url:
        if small is None:
            print("no disk of its own can be mounted here: it is never full")
        if FAKETIME is None:
            print("faketime is not installed here: the clock does not jump")
        left_out = ({"full"} if small is None else set()) | ({"ahead", "behind"} if FAKETIME is None else set())
        own = copied(data, (small or there) / "own")
        mixed = Mixed(api, url, own, there / "long.log", CHATS, [kind for kind in kinds if kind not in left_out], LAST)
        tally = mixed.run(rate=4)
    counts = ", ".join(f"{kind} {count}" for kind, count in sorted(Counter(mixed.happened).items()))
    fates = ", ".join(f"{fate} {count}" for fate, count in sorted(Counter(call.fate for call in api.sent()).items()))
    print(f"everything at once: {tally}\n    happened: {counts}; sends: {fates}")
    print(f"    in flight when an answer of Telegram's was lost or the process killed: {len(tally.in_flight)}")
    print(f"    doubled: {' '.join(tally.doubled)}")
    if odd := sorted(set(tally.doubled) - tally.in_flight):
        print(f"    doubled without having been in flight: {' '.join(odd)}")
    return not tally.missing and not odd


def stocked(data: Path) -> Path:
    library = Library(data)
    library.ingest((SEEDS,))
    library.warm()
    library.close()
    return data


if __name__ == "__main__":
    sys.exit(main())
