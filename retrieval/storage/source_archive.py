"""What came in, kept as it came: the files that a corpus can be made from again."""

import os
import time
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

MAX_NAME_BYTES = 200  # bytes of a source's own name, from its end, that its copy keeps: file systems end at 255
PARTIAL_PREFIX = "."  # begins the name of a copy that is not complete


def keep(path: Path, folder: Path) -> Path:
    """Copy a source into `folder` under the hash of its content and its own name, and on to the disk.

    To be called before `Corpus.add`, so that nothing committed lacks its source. Kept again, it counts as the newest.
    """
    if path.parent.resolve() == folder.resolve():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    content = blake2b(digest_size=8)
    with path.open("rb") as source, NamedTemporaryFile(dir=folder, prefix=PARTIAL_PREFIX, delete=False) as copy:
        while block := source.read(1 << 20):
            content.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    name = os.fsencode(path.name)[-MAX_NAME_BYTES:].decode(errors="ignore")
    kept = folder / f"{content.hexdigest()}-{name}"
    now = time.time_ns()  # `sources` goes by it; a file system's own stamps tell apart no two files in 4 ms
    os.utime(copy.name, ns=(now, now))
    Path(copy.name).replace(kept)
    sync(folder)
    return kept


def keep_written(text: str, name: str, folder: Path) -> Path:
    """As `keep`, of what did not come as a file that could be read again by itself."""
    with TemporaryDirectory() as aside:
        path = Path(aside) / name
        path.write_text(text, "utf-8")
        return keep(path, folder)


def list_sources(folder: Path) -> list[Path]:
    """What was kept, in the order it came in: read again in this order, it makes the same corpus."""
    kept = [path for path in folder.glob("*") if path.is_file() and not path.name.startswith(PARTIAL_PREFIX)]
    return sorted(kept, key=lambda path: (path.stat().st_mtime_ns, path.name))


def sync(folder: Path) -> None:
    """A new name outlives a power cut only once its folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
