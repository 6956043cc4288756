"""Ids of removed documents in a file beside the sources, so that a rebuilt corpus leaves them out again."""

from collections.abc import Iterable
from pathlib import Path

from retrieval.runtime.atomic_file import atomic_write


class Removals:
    """One id a line. To be written before the corpus is, so that no removal is ever forgotten."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ids(self) -> list[str]:
        return self._path.read_text("utf-8").split() if self._path.exists() else []

    def add(self, ids: Iterable[str]) -> None:
        self._write([*self.ids(), *ids])

    def discard(self, ids: Iterable[str]) -> None:
        gone = set(ids)
        self._write(id for id in self.ids() if id not in gone)

    def _write(self, ids: Iterable[str]) -> None:
        # durable: nothing else knows what the operator removed
        with atomic_write(self._path, durable=True) as temporary:
            temporary.write_text("".join(f"{id}\n" for id in dict.fromkeys(ids)), "utf-8")
