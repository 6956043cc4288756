"""Aliases, the operator's glossary DATA/aliases.tsv: a text to the names in it and their other names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.language.tokenizer import normalize
from retrieval.runtime.atomic_file import atomic_write

NAME_SEPARATOR = re.compile(r"\t|\s=\s|＝|=")


@dataclass(frozen=True, slots=True)
class Alias:
    """Characters `start` to `end` of a text are one of `names`, all normalised."""

    start: int
    end: int
    names: tuple[str, ...]


class Aliases:
    """A missing file, or one that is not UTF-8, has no aliases; a changed one is read again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._names: dict[str, tuple[str, ...]] = {}
        self._spelt: dict[str, str] = {}  # by normalised name, as the operator wrote it
        self._pattern: re.Pattern[str] | None = None

    def version(self) -> object:
        """Changes with the file."""
        self._refresh()
        return self._stamp

    def find(self, text: str) -> Iterator[Alias]:
        """The names in a normalised text, in order; where some overlap, the longest."""
        self._refresh()
        if self._pattern:
            for match in self._pattern.finditer(text):
                yield Alias(match.start(), match.end(), self._names[match.group()])

    def names(self, name: str) -> tuple[str, ...]:
        """All names of what `name` names, as the operator wrote them; none if it has no line."""
        self._refresh()
        return tuple(self._spelt[other] for other in self._names.get(normalize(name).strip(), ()))

    def add(self, line: str) -> tuple[str, ...]:
        """Append a line, in force at once; returns its names, none if there are not two."""
        written = " ".join(line.split()) if "\t" not in line else line.strip().replace("\n", " ")
        self._refresh()
        names = parse(written)
        if names and not set(names) <= set(self._names.get(names[0], ())):
            before = self._path.read_bytes() if self._path.exists() else b""
            end = b"" if not before or before.endswith(b"\n") else b"\n"
            with self._path.open("ab") as file:
                file.write(end + written.encode("utf-8", "replace") + b"\n")
        return names

    def remove(self, name: str) -> list[tuple[str, ...]]:
        """Remove the lines with this name, in force at once; returns the names of each."""
        try:
            lines = self._path.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
        removed = [line for line in lines if normalize(name).strip() in parse(line)]
        if removed:
            # durable: the operator wrote these lines, and nothing else has them
            with atomic_write(self._path, durable=True) as temporary:
                temporary.write_text("".join(f"{line}\n" for line in lines if line not in removed), "utf-8")
        return [parse(line) for line in removed]

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
        except OSError:
            stamp = (0, 0)
        if stamp == self._stamp:
            return
        try:
            lines = self._path.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            stamp, lines = (0, 0), []
        names: dict[str, tuple[str, ...]] = {}
        spelt: dict[str, str] = {}
        for line in lines:
            for part in NAME_SEPARATOR.split(line):
                spelt.setdefault(normalize(part).strip(), part.strip())
            for name in (together := parse(line)):
                names[name] = tuple(dict.fromkeys((*names.get(name, ()), *together)))
        written = sorted(names, key=lambda name: (-len(name), name))
        # a name in Latin letters must be a whole word, a Chinese one not
        patterns = [
            rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name) for name in written
        ]
        self._names, self._pattern = names, re.compile("|".join(patterns)) if patterns else None
        self._spelt, self._stamp = spelt, stamp


def parse(line: str) -> tuple[str, ...]:
    """The normalised names of one line, tab- or '='-separated; none if there are not two, or after a #."""
    if line.lstrip().startswith("#"):
        return ()
    names = tuple(dict.fromkeys(name for part in NAME_SEPARATOR.split(line) if (name := normalize(part).strip())))
    return names if len(names) > 1 else ()
