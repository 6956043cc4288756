"""What the operator removed, kept beside the sources: a corpus made from them anew leaves it out again."""

import os
from collections.abc import Iterable
from pathlib import Path

from retrieval.storage.source_archive import sync


class Removals:
    """A file of document ids, one a line; written before the corpus is, so that nothing removed is ever forgotten."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ids(self) -> list[str]:
        return self._path.read_text("utf-8").split() if self._path.exists() else []

    def add(self, ids: Iterable[str]) -> None:
        self._write([*self.ids(), *ids])

    def discard(self, ids: Iterable[str]) -> None:
        gone = set(ids)
        self._write([id for id in self.ids() if id not in gone])

    def _write(self, ids: Iterable[str]) -> None:
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with aside.open("w", encoding="utf-8") as file:
            file.writelines(f"{id}\n" for id in dict.fromkeys(ids))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._path)
        sync(self._path.parent)
