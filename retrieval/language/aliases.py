"""The operator's own glossary, DATA/aliases.tsv: names of one thing a line, in either language."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.language.tokenizer import normalize

NAME_SEPARATOR = re.compile(r"\t|\s=\s|＝|=")


@dataclass(frozen=True, slots=True)
class Alias:
    """A name found in a text from `start` to `end`, and all the names of that thing; normalised."""

    start: int
    end: int
    names: tuple[str, ...]


class Aliases:
    """A file that is not there, or not UTF-8, holds no aliases."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._names: dict[str, tuple[str, ...]] = {}
        self._pattern: re.Pattern[str] | None = None

    def version(self) -> object:
        """Another value once the file has changed."""
        self._refresh()
        return self._stamp

    def find(self, text: str) -> Iterator[Alias]:
        """The names in a normalised text, the longest where they overlap, in order."""
        self._refresh()
        if self._pattern:
            for match in self._pattern.finditer(text):
                yield Alias(match.start(), match.end(), self._names[match.group()])

    def add(self, line: str) -> tuple[str, ...]:
        """Append a line to the file, in force at once; its names, or none where it has not two of them."""
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
        """Take out the lines that have this name, in force at once; the names of each."""
        try:
            lines = self._path.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
        gone = [line for line in lines if normalize(name).strip() in parse(line)]
        if gone:
            aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            aside.write_text("".join(f"{line}\n" for line in lines if line not in gone), "utf-8")
            aside.replace(self._path)
        return [parse(line) for line in gone]

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._stamp:
                return
            lines = self._path.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            stamp, lines = (0, 0), []
        names: dict[str, tuple[str, ...]] = {}
        for line in lines:
            for name in (together := parse(line)):
                names[name] = tuple(dict.fromkeys((*names.get(name, ()), *together)))
        written = sorted(names, key=lambda name: (-len(name), name))
        # a name in Latin letters is a whole word, one in Chinese stands anywhere
        patterns = [
            rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name) for name in written
        ]
        self._names, self._pattern = names, re.compile("|".join(patterns)) if patterns else None
        self._stamp = stamp


def parse(line: str) -> tuple[str, ...]:
    """The normalised names of one line, tab- or '='-separated; none where there are not two, or after a #."""
    if line.lstrip().startswith("#"):
        return ()
    found = tuple(dict.fromkeys(name for part in NAME_SEPARATOR.split(line) if (name := normalize(part).strip())))
    return found if len(found) > 1 else ()
