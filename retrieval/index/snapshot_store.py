"""The snapshot store: a corpus to its current snapshot, saved in a folder and loaded from there."""

import fcntl
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
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
# after each megabyte that is read in the background: the first questions need the disk and the processor more
VERIFIER_PAUSE_SECONDS = 0.005

logger = logging.getLogger(__name__)


class SnapshotStore:
    """Safe for threads. A damaged or unwritable folder only costs time: the index is built again."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self._corpus, self._folder = corpus, folder
        self._snapshot: Snapshot | None = None
        self._lock = threading.RLock()
        self._saver: threading.Thread | None = None
        self._closing = threading.Event()
        self._is_damaged = False
        self._verifier: threading.Thread | None = None

    def close(self) -> None:
        """Save what is not saved yet, and leave unchecked what is not checked yet."""
        self._closing.set()
        self.wait_until_saved()
        self.wait_until_verified()

    def discard(self, damaged: Snapshot, damage: DamagedFileError) -> None:
        """Have `current` build the index again, unless it has nothing of the damaged one any more: several questions
        may find the same damage."""
        with self._lock:
            if self._snapshot and not self._snapshot.names.isdisjoint(damaged.names):
                logger.warning("the index is made anew: %s", damage)
                self._snapshot, self._is_damaged = None, True

    @property
    def is_empty(self) -> bool:
        """Whether `current` has to load or build one."""
        return self._snapshot is None

    def current(self, progress: OnProgress = lambda *_: None) -> Snapshot:
        """The snapshot of the corpus as it is now; a new one is compacted and saved in the background.

        `progress` counts the points that it lacks so far.
        """
        with self._lock:
            version = self._corpus.version()
            snapshot = self._snapshot
            if snapshot is None:
                saved = None if self._is_damaged else load(self._folder, self._corpus, version, progress)
                self._start_verifying(saved)
                snapshot = saved or Snapshot.build(self._corpus, version, progress)
            elif snapshot.version != version:
                try:
                    snapshot = snapshot.refreshed(self._corpus, version, progress)
                except DamagedFileError as damage:
                    self.discard(snapshot, damage)
                    snapshot = Snapshot.build(self._corpus, version, progress)
            if snapshot is not self._snapshot:
                self._snapshot = snapshot
                self._start_saving()
            return snapshot

    def wait_until_saved(self) -> None:
        if saver := self._saver:
            saver.join()

    def wait_until_verified(self) -> None:
        if verifier := self._verifier:
            verifier.join()

    def _start_verifying(self, saved: Snapshot | None) -> None:
        if saved:
            self._verifier = threading.Thread(target=self._verify, args=[saved], name="verify", daemon=True)
            self._verifier.start()

    def _verify(self, saved: Snapshot) -> None:
        try:
            verify(saved, self._corpus, partial(self._closing.wait, VERIFIER_PAUSE_SECONDS))
        except DamagedFileError as damage:
            self.discard(saved, damage)

    def _start_saving(self) -> None:
        if self._saver is None or not self._saver.is_alive():
            self._saver = threading.Thread(target=self._compact_and_save, name="index")
            self._saver.start()

    def _compact_and_save(self) -> None:
        while True:
            snapshot = self._snapshot
            saved = self._saved(snapshot) if snapshot else None
            with self._lock:
                if self._snapshot is snapshot:
                    self._snapshot, self._saver = saved, None
                    return

    def _saved(self, snapshot: Snapshot) -> Snapshot | None:
        """None if the files that it came from turn out to be damaged."""
        try:
            compacted = snapshot.compacted()
        except DamagedFileError as damage:
            self.discard(snapshot, damage)
            return None
        save(compacted, self._folder)
        return map_snapshot(compacted, self._folder)


def save(snapshot: Snapshot, folder: Path) -> None:
    """Write the segments that are not there yet, or outdated, then the manifest; does nothing on OSError."""
    with suppress(OSError), _lock(folder):
        for part in snapshot.segments:
            if part.is_outdated or not _path(folder, part.name).exists():
                part.save(_path(folder, part.name))
        content = {
            "format": SNAPSHOT_FORMAT,
            "fingerprint": snapshot.fingerprint,
            "parts": [[part.name, part.seq] for part in snapshot.segments],
        }
        # not durable: a damaged index is made anew
        with atomic_write(folder / MANIFEST, durable=False) as temporary:
            temporary.write_text(json.dumps(content))
        for path in folder.glob("*.part*"):
            if path.name.partition(".")[0] not in snapshot.names:
                path.unlink()


def map_snapshot(snapshot: Snapshot, folder: Path) -> Snapshot:
    """With its large segments mapped from disk, as far as they were saved."""
    parts = tuple(_map_segment(part, folder) if part.size > MIN_SEGMENT_TEXTS else part for part in snapshot.segments)
    return snapshot if parts == snapshot.segments else replace(snapshot, segments=parts)


def _map_segment(part: Segment, folder: Path) -> Segment:
    if part.is_outdated or part.text.texts.flags.owndata:
        with suppress(DamagedFileError):
            return Segment.load(_path(folder, part.name), part.seq)
    return part


def load(folder: Path, corpus: Corpus, version: object, progress: OnProgress = lambda *_: None) -> Snapshot | None:
    """The saved snapshot, refreshed; None if it is seen to be damaged or of another corpus or analyser.

    Little of it is read: `verify` is for the rest.
    """
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


def verify(snapshot: Snapshot, corpus: Corpus, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Read the files that it came from, up to when `is_stopped` says so, and count the corpus's points if that is
    still at the snapshot's version; DamagedFileError if they are damaged or of another corpus."""
    for part in snapshot.segments:
        part.check(is_stopped)
    with corpus.snapshot():
        is_same = not is_stopped() and corpus.version() == snapshot.version
        if is_same and snapshot.text.size != (points := corpus.counts().points):
            raise DamagedFileError(f"the index has {snapshot.text.size} points, and the corpus {points}")


def _is_of(snapshot: Snapshot, corpus: Corpus) -> bool:
    """Whether the ids of some points agree."""
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
