"""The snapshot store: a corpus to its current snapshot, saved in a folder and loaded from there."""

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
from retrieval.runtime.atomic_file import atomic_write
from retrieval.runtime.progress import OnProgress
from retrieval.storage.corpus import Corpus

SNAPSHOT_FORMAT = 3  # raise it when the files' layout changes
MANIFEST = "parts.json"
SAMPLED_ROWS = 16  # of a saved index, compared with the corpus


class SnapshotStore:
    """Safe for threads. A damaged or unwritable folder only costs time: the index is built again."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self._corpus, self._folder = corpus, folder
        self._snapshot: Snapshot | None = None
        self._lock = threading.RLock()
        self._saver: threading.Thread | None = None

    def current(self, progress: OnProgress = lambda *_: None) -> Snapshot:
        """The snapshot of the corpus as it is now; a new one is compacted and saved in the background.

        `progress` counts the points that it lacks so far.
        """
        with self._lock:
            version = self._corpus.version()
            snapshot = self._snapshot
            if snapshot is None:
                saved = load(self._folder, self._corpus, version, progress)
                snapshot = saved or Snapshot.build(self._corpus, version, progress)
            elif snapshot.version != version:
                snapshot = snapshot.refreshed(self._corpus, version, progress)
            if snapshot is not self._snapshot:
                self._snapshot = snapshot
                self._start_saving()
            return snapshot

    def wait_until_saved(self) -> None:
        if saver := self._saver:
            saver.join()

    def _start_saving(self) -> None:
        if self._saver is None or not self._saver.is_alive():
            self._saver = threading.Thread(target=self._compact_and_save, name="index")
            self._saver.start()

    def _compact_and_save(self) -> None:
        while snapshot := self._snapshot:
            compacted = snapshot.compacted()
            save(compacted, self._folder)
            compacted = map_snapshot(compacted, self._folder)
            with self._lock:
                if self._snapshot is snapshot:
                    self._snapshot, self._saver = compacted, None
                    return


def save(snapshot: Snapshot, folder: Path) -> None:
    """Write the segments that are not there yet, then the manifest; does nothing on OSError."""
    with suppress(OSError), _lock(folder):
        for part in snapshot.segments:
            if not (path := _path(folder, part.name)).exists():
                part.save(path)
        content = {
            "format": SNAPSHOT_FORMAT,
            "fingerprint": snapshot.fingerprint,
            "parts": [[part.name, part.seq] for part in snapshot.segments],
        }
        # not durable: a damaged index is made anew
        with atomic_write(folder / MANIFEST, durable=False) as temporary:
            temporary.write_text(json.dumps(content))
        names = {part.name for part in snapshot.segments}
        for path in folder.glob("*.part*"):
            if path.name.partition(".")[0] not in names:
                path.unlink()


def map_snapshot(snapshot: Snapshot, folder: Path) -> Snapshot:
    """With its large segments mapped from disk, as far as they were saved."""
    parts = tuple(_map_segment(part, folder) if part.size > MIN_SEGMENT_TEXTS else part for part in snapshot.segments)
    return snapshot if parts == snapshot.segments else replace(snapshot, segments=parts)


def _map_segment(part: Segment, folder: Path) -> Segment:
    if part.text.texts.flags.owndata:
        with suppress(DamagedFileError):
            return Segment.load(_path(folder, part.name), part.seq)
    return part


def load(folder: Path, corpus: Corpus, version: object, progress: OnProgress = lambda *_: None) -> Snapshot | None:
    """The saved snapshot, refreshed; None if it is damaged or of another corpus or analyser."""
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
        snapshot = Snapshot.refreshed(saved, corpus, version, progress)
        return snapshot if _is_of(snapshot, corpus) else None


def _is_of(snapshot: Snapshot, corpus: Corpus) -> bool:
    """Whether the number of points and the ids of some of them agree."""
    if snapshot.text.size != corpus.counts().points:
        return False
    alive = [
        np.flatnonzero(mask) if mask is not None else np.arange(part.size)
        for part, mask in zip(snapshot.segments, snapshot.alive, strict=True)
    ]
    return all(_same_ids(part, numbers, corpus) for part, numbers in zip(snapshot.segments, alive, strict=True))


def _same_ids(part: Segment, numbers: NDArray[np.intp], corpus: Corpus) -> bool:
    sample = numbers[np.linspace(0, len(numbers) - 1, min(SAMPLED_ROWS, len(numbers)), dtype=np.intp)]
    keys = part.keys[sample].tolist()
    hits = corpus.hits(keys)
    ids: list[int] = part.ids[sample].tolist()
    return [hash_term(hits[key][1].id) for key in keys if key in hits] == ids


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.part"


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One process at a time; OSError if another one is saving, which then saves as much."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
