"""Which files of what was named are read."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from retrieval.exports import offered


def files(paths: Sequence[Path], topic: str) -> tuple[list[Path], int]:
    """The files to read, in order, and how many others stand beside them."""
    found = [file for path in paths for file in _below(path)]
    taken = [file for file in dict.fromkeys(found) if file in paths or offered(file, topic)]
    return taken, len(set(found)) - len(taken)


def _below(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file() and not _hidden(file.relative_to(path)))
    else:
        yield path


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
