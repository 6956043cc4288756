"""The real process under faults: what was answered, doubled, lost, and how fast.

    python -m benchmarks.faults [--kills 100]

Prints a line a run; exits with 1 where a question was lost, or doubled without having been in flight.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from retrieval.library import Library
from tests import faults
from tests.faults import Tally
from tests.process import copied
from tests.telegram import Answer, BotApi, Fate
from tests.telegram_http import serving

SEEDS = Path(__file__).parent.parent / "seeds"
CHATS = [*range(1, 41), *range(-1010, -1000)]  # private ones and groups


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    kills: int = parser.parse_args().kills
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
    return 0 if all(good) else 1


def stocked(data: Path) -> Path:
    library = Library(data)
    library.ingest((SEEDS,))
    library.warm()
    library.close()
    return data


if __name__ == "__main__":
    sys.exit(main())
