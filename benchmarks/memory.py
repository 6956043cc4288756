"""Memory of the running bot's two processes with everything on, and what they map: `python -m benchmarks.memory`.

    python -m benchmarks.memory [--points 100000] [--questions 800] [--data FOLDER]

Memory of one's own is what the system cannot take back. What is mapped lies in files; the system drops it where it
needs the room, and what both processes map is there once.
"""

import argparse
import asyncio
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks import texts
from benchmarks.double import Double
from benchmarks.load import answering, crowded, questions
from retrieval.semantic.loader import load_encoder

PATIENCE_SECONDS = 600.0  # until all questions are answered
PAGE_KINDS = {"Rss": "mapped", "Anonymous": "own"}
MIN_NAMED_MB = 0.5  # of a file; smaller ones are one line


def usage(pid: str) -> tuple[float, Counter[str]]:
    """MB of a process: its own, and what it has of each mapped file."""
    own, mapped, name = 0, Counter[str](), ""
    for line in Path(f"/proc/{pid}/smaps").read_text("utf-8").splitlines():
        if head := re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)", line):
            name = named(head[1])
            continue
        field, _, value = line.partition(":")
        if field in PAGE_KINDS:
            size = int(value.split()[0])
            own += size if field == "Anonymous" else 0
            mapped[name] += size if field == "Rss" else -size
    return own / 1024, Counter({file: size / 1024 for file, size in mapped.items() if size})


def named(path: str) -> str:
    """A mapped file as a reader knows it: those of Python and its packages are one."""
    if path.endswith(".part"):
        return "index: postings and columns"
    if "/index/meaning" in path:
        return "index: vectors"
    if re.search(r"\.so\b|\.so\.|/python|/bin/|^\[|locale|gconv", path) or not path:
        return "program and libraries"
    return Path(path).name


def table(sizes: dict[str, tuple[float, Counter[str]]]) -> str:
    every: Counter[str] = Counter()
    for _, mapped in sizes.values():
        every |= mapped
    rows = [("own memory", [own for own, _ in sizes.values()], sum(own for own, _ in sizes.values()))]
    for file, most in every.most_common():
        if most >= MIN_NAMED_MB:
            rows.append((f"mapped: {file}", [mapped[file] for _, mapped in sizes.values()], most))
    lines = ["| MB | " + " | ".join(sizes) + " | both |", "|---" * (len(sizes) + 2) + "|"]
    lines += [f"| {name} | {' | '.join(f'{one:.0f}' for one in each)} | {both:.0f} |" for name, each, both in rows]
    return "\n".join(lines)


async def measured(data: Path, count: int) -> str:
    double = Double(questions())
    with tempfile.TemporaryDirectory() as folder:
        async with answering(double, data, Path(folder) / "log", semantic="on") as bot:
            await crowded(double, count, PATIENCE_SECONDS)
            first, *others = bot.pids()
            names = ["answering", *(f"searching {n}" for n in range(1, len(others) + 1))]
            sizes = {name: usage(pid) for name, pid in zip(names, [first, *others], strict=True)}
    return f"{len(double.ended)} questions answered\n\n{table(sizes)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=800)
    parser.add_argument("--data", type=Path, help="a data folder with vectors, in place of a made-up one")
    asked = parser.parse_args()
    encoder = None if asked.data else load_encoder("on", texts.CACHE)
    made = texts.folder_with_vectors(asked.points, encoder) if encoder else asked.data
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(made, data)
        print(asyncio.run(measured(data, asked.questions)))


if __name__ == "__main__":
    main()
