"""Which `first_seen` each document has, kept beside the sources: a corpus made from them anew gives the same again.

What is followed is told by these numbers; from the sources alone they would come out in another order wherever a file
came twice, or a document was removed and let in again.
"""

import os
from pathlib import Path

from retrieval.storage.corpus import Corpus

PAGE_LINES = 5_000  # documents in memory at once
TAIL_BYTES = 100  # bytes that hold the last line


class SequenceLog:
    """A file that is only appended to, a number and an id a line; the last line of an id or a number counts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def given(self) -> dict[str, int]:
        """By id."""
        numbers: dict[str, int] = {}
        if self._path.exists():
            for line in self._path.read_text("utf-8").splitlines():
                number, _, id = line.partition("\t")
                if number.isdigit() and id:  # half a line is of a process that was killed
                    numbers[id] = int(number)
        return numbers

    def follow(self, corpus: Corpus) -> None:
        """Append what the corpus has beyond the last number here; to be called after whatever adds to it."""
        last = self._last()
        while found := corpus.numbers(last, PAGE_LINES):
            with self._path.open("a", encoding="utf-8") as file:
                file.write("".join(f"{number}\t{id}\n" for number, id in found))
                file.flush()
                os.fsync(file.fileno())
            last = found[-1][0]

    def _last(self) -> int:
        """0 where the end of the file tells none: then all are written once more."""
        if not self._path.exists():
            return 0
        with self._path.open("rb+") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - TAIL_BYTES))
            tail = file.read()
            if tail and not tail.endswith(b"\n"):
                file.write(b"\n")
                return 0
        number = tail.splitlines()[-1].partition(b"\t")[0] if tail else b""
        return int(number) if number.isdigit() else 0
