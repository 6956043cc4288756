"""The snapshot of a corpus that questions are answered from: kept up to date, and on disk in a folder of its own."""

import fcntl
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.index.segment import Segment
from retrieval.index.snapshot import MIN_SEGMENT_TEXTS, Snapshot
from retrieval.language.term_hash import hash_term
from retrieval.runtime.array_file import DamagedFileError
from retrieval.storage.corpus import Corpus

SNAPSHOT_FORMAT = 1  # raised whenever what is saved is laid out in another way
MANIFEST = "parts.json"
SAMPLED_ROWS = 16  # points by which a saved index is told to be of this corpus


class SnapshotStore:
    """Safe for threads. What was saved and cannot be used is made anew; a folder that cannot be written costs."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self._corpus, self._folder = corpus, folder
        self._snapshot: Snapshot | None = None
        self._lock = threading.RLock()
        self._keeper: threading.Thread | None = None

    def current(self) -> Snapshot:
        """The snapshot of the corpus as it is now; a new one is tidied and saved in the background."""
        with self._lock:
            version = self._corpus.version()
            snapshot = self._snapshot
            if snapshot is None:
                snapshot = load(self._folder, self._corpus, version) or Snapshot.build(self._corpus, version)
            elif snapshot.version != version:
                snapshot = snapshot.refreshed(self._corpus, version)
            if snapshot is not self._snapshot:
                self._snapshot = snapshot
                self._keep()
            return snapshot

    def close(self) -> None:
        """Waits until the snapshot is saved."""
        if self._keeper:
            self._keeper.join()

    def _keep(self) -> None:
        if self._keeper is None or not self._keeper.is_alive():
            self._keeper = threading.Thread(target=self._tidy, name="index")
            self._keeper.start()

    def _tidy(self) -> None:
        while snapshot := self._snapshot:
            tidied = snapshot.compacted()
            save(tidied, self._folder)
            tidied = map_snapshot(tidied, self._folder)
            with self._lock:
                if self._snapshot is snapshot:
                    self._snapshot, self._keeper = tidied, None
                    return


def save(snapshot: Snapshot, folder: Path) -> None:
    """Write the parts that are not there yet, then the list of them; where that cannot be done, do nothing."""
    with suppress(OSError), _alone(folder):
        listed = folder / MANIFEST
        for part in snapshot.segments:
            if not (path := _path(folder, part.name)).exists():
                part.save(path)
        content = {
            "format": SNAPSHOT_FORMAT,
            "fingerprint": snapshot.fingerprint,
            "parts": [[part.name, part.seq] for part in snapshot.segments],
        }
        aside = folder / f"{MANIFEST}.aside"
        aside.write_text(json.dumps(content))
        aside.replace(listed)
        names = {part.name for part in snapshot.segments}
        for path in folder.glob("*.part*"):
            if path.name.partition(".")[0] not in names:
                path.unlink()


def map_snapshot(snapshot: Snapshot, folder: Path) -> Snapshot:
    """The same with its large parts on disk rather than in memory, as far as they were saved."""
    parts = tuple(_map_segments(part, folder) if part.size > MIN_SEGMENT_TEXTS else part for part in snapshot.segments)
    return snapshot if parts == snapshot.segments else replace(snapshot, segments=parts)


def _map_segments(part: Segment, folder: Path) -> Segment:
    if part.text.texts.flags.owndata:
        with suppress(DamagedFileError):
            return Segment.load(_path(folder, part.name), part.seq)
    return part


def load(folder: Path, corpus: Corpus, version: object) -> Snapshot | None:
    """What was saved, caught up with the corpus; None where it is damaged or of another corpus or analyser."""
    try:
        content = json.loads((folder / MANIFEST).read_text())
        if content["format"] != SNAPSHOT_FORMAT:
            return None
        parts = tuple(Segment.load(_path(folder, name), seq) for name, seq in content["parts"])
        seq = min((part.seq for part in parts), default=0)
        saved = Snapshot(None, content["fingerprint"], seq, parts, (None,) * len(parts))
    except (DamagedFileError, OSError, ValueError, KeyError, TypeError):
        return None
    with corpus.snapshot():
        if corpus.fingerprint() != saved.fingerprint:
            return None
        snapshot = Snapshot.refreshed(saved, corpus, version)
        return snapshot if _is_of(snapshot, corpus) else None


def _is_of(snapshot: Snapshot, corpus: Corpus) -> bool:
    """Whether it has as many points as the corpus, and those that are looked at are the same by their ids."""
    if snapshot.text.size != corpus.counts().points:
        return False
    there = [
        np.flatnonzero(mask) if mask is not None else np.arange(part.size)
        for part, mask in zip(snapshot.segments, snapshot.alive, strict=True)
    ]
    return all(_same(part, numbers, corpus) for part, numbers in zip(snapshot.segments, there, strict=True))


def _same(part: Segment, numbers: NDArray[np.intp], corpus: Corpus) -> bool:
    chosen = numbers[np.linspace(0, len(numbers) - 1, min(SAMPLED_ROWS, len(numbers)), dtype=np.intp)]
    keys = part.keys[chosen].tolist()
    there = corpus.hits(keys)
    ids: list[int] = part.ids[chosen].tolist()
    return [hash_term(there[key][1].id) for key in keys if key in there] == ids


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.part"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time; OSError where another one is at it, which then saves as much."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
