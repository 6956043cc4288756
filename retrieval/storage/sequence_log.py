"""The `first_seen` numbers in a file beside the sources, so that a rebuilt corpus, and subscriptions, have the same."""

import os
from pathlib import Path

from retrieval.storage.corpus import Corpus

PAGE_LINES = 5_000  # documents in memory at once
TAIL_BYTES = 100  # longer than the last line


class SequenceLog:
    """Only appended to, a number and an id a line; the last line of an id or a number counts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, int]:
        """Numbers by document id."""
        numbers: dict[str, int] = {}
        if self._path.exists():
            for line in self._path.read_text("utf-8").splitlines():
                number, _, id = line.partition("\t")
                if number.isdigit() and id:  # a process that was killed leaves half a line
                    numbers[id] = int(number)
        return numbers

    def append_new(self, corpus: Corpus) -> None:
        """Append what the corpus has beyond the last number here; to be called after whatever adds to it."""
        last = self._last_number()
        while pairs := corpus.ids_by_first_seen(last, PAGE_LINES):
            with self._path.open("a", encoding="utf-8") as file:
                file.write("".join(f"{number}\t{id}\n" for number, id in pairs))
                file.flush()
                os.fsync(file.fileno())
            last = pairs[-1][0]

    def _last_number(self) -> int:
        """0 where the file ends with half a line: then all are written once more."""
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
