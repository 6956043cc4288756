"""Two commits under the same load, in turns: `make bench-compare REF=HEAD~20`.

    python -m benchmarks.compare REF [OTHER] [--points 100000] [--pairs 8]

Without OTHER, REF is compared with the working tree. Each commit runs its own code on its own corpus of the same
made-up points. Both bots are up all the time and asked in turns, a few seconds each, so that whatever else the machine
does falls on both; a ratio is that of two neighbouring turns, and the table has the median of all and the extremes.
Trees and corpora stay in benchmarks/.cache: the second run of a commit starts within seconds.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import texts
from benchmarks.commits import commit_of, corpus_of, row, tree_of
from benchmarks.double import Asked, Double
from benchmarks.load import (
    PATIENCE,
    RATE,
    ROOT,
    WARM,
    BenchedBot,
    ProcessorTime,
    answering,
    crowded,
    offered,
    pace,
    questions,
    waits,
)

HERE = "here"
TURN_QUESTIONS = 250  # with CROWD of them open: the same for both, whoever is faster
TURN_SECONDS = 8.0  # of questions as people come


@dataclass
class Side:
    """One commit's bot, and what was measured in its turns."""

    name: str
    bot: BenchedBot
    double: Double
    rates: list[float] = field(default_factory=list)  # answers a second
    costs: list[ProcessorTime] = field(default_factory=list)  # milliseconds of processor time an answer
    answers: list[list[Asked]] = field(default_factory=list)  # as people come

    async def saturate(self) -> None:
        before = self.bot.spent()
        answers = await crowded(self.double, TURN_QUESTIONS, PATIENCE)
        after = self.bot.spent()
        self.rates.append(pace(answers))
        self.costs.append(
            ProcessorTime(*(1000 * (then - first) / len(answers) for first, then in zip(before, after, strict=True)))
        )

    async def walk_in(self, seed: int) -> None:
        self.answers.append(await offered(self.double, RATE, TURN_SECONDS, evenly=False, seed=seed))


async def measured(names: Sequence[str], trees: Sequence[Path], corpora: Sequence[Path], pairs: int) -> list[Side]:
    asked = questions()
    async with AsyncExitStack() as stack:
        sides = []
        for name, tree, corpus in zip(names, trees, corpora, strict=True):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=texts.CACHE)))
            data = Path(shutil.copytree(corpus, folder / "data", ignore=shutil.ignore_patterns("tokens.txt")))
            double = Double(asked)
            bot = await stack.enter_async_context(answering(double, data, folder / "log", tree))
            sides.append(Side(name, bot, double))
            if not await crowded(double, WARM, PATIENCE) or double.outstanding:
                sys.exit(f"{name} does not answer:\n{(folder / 'log').read_text('utf-8')[-3000:]}")
            double.unasked = 0  # a bot that is still starting says so
        for pair in range(pairs):
            turns = sides if pair % 2 else sides[::-1]
            for side in turns:
                await side.saturate()
            for side in turns:
                await side.walk_in(seed=pair)
            print(f"pair {pair + 1} of {pairs}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
        report(*sides)
        return sides


def report(old: Side, new: Side) -> None:
    print(f"| | {old.name} | {new.name} | ratio, median of the pairs (least to most) |\n|---|---|---|---|")
    row("answers a second, 64 waiting", "{:.0f}", old.rates, new.rates)
    for name, part in (
        ("both processes", sum),
        ("answering", lambda cost: cost[0]),
        ("searching", lambda cost: cost[1]),
    ):
        costs = [[part(cost) for cost in side.costs] for side in (old, new)]
        row(f"processor time an answer, {name}, ms", "{:.2f}", *costs)
    for name, which in (("p50", 0), ("p95", 1)):
        times = [[waits(answers)[which] for answers in side.answers] for side in (old, new)]
        row(f"{RATE:.0f} a second as people come, {name}, ms", "{:.0f}", *times)
    for name, which in (("resident", 0), ("without mapped files", 1)):
        sizes = [[side.bot.memory()[which]] for side in (old, new)]
        row(f"memory of both processes, {name}, MB", "{:.0f}", *sizes)
    left = [f"{side.double.outstanding}; {side.double.unasked}" for side in (old, new)]
    print(f"| not answered; answered unasked | {left[0]} | {left[1]} | |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ref", help="a commit, such as HEAD~20")
    parser.add_argument("other", nargs="?", help="another commit in place of the working tree")
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=8)
    options = parser.parse_args()
    commits = [commit_of(options.ref)] + ([commit_of(options.other)] if options.other else [])
    trees = [tree_of(commit) for commit in commits] + ([] if options.other else [ROOT])
    names = [commit[:7] for commit in commits] + ([] if options.other else [HERE])
    corpora = [corpus_of(tree, options.points) for tree in trees]
    sides = asyncio.run(measured(names, trees, corpora, options.pairs))
    return int(any(side.double.outstanding or side.double.unasked for side in sides))


if __name__ == "__main__":
    sys.exit(main())
