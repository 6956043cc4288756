"""The ingested files as they came: a file or text goes in, a copy is kept, and the corpus can be rebuilt from all."""

import hashlib
import os
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from retrieval.runtime.atomic_file import atomic_write

MAX_NAME_BYTES = 200  # of a source's own name, from its end, that its copy keeps: file systems end at 255


def archive_file(path: Path, folder: Path) -> Path:
    """Copy a source into `folder` under the hash of its content and its own name.

    To be called before `Corpus.add`, so that nothing committed lacks its source. Archived again, it counts as the
    newest.
    """
    if path.parent.resolve() == folder.resolve():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as source:
        content = hashlib.file_digest(source, lambda: hashlib.blake2b(digest_size=8)).hexdigest()
    name = os.fsencode(path.name)[-MAX_NAME_BYTES:].decode(errors="ignore")
    kept = folder / f"{content}-{name}"
    # durable: the corpus that is committed next can be made again from nothing else
    with atomic_write(kept, durable=True) as temporary:
        shutil.copyfile(path, temporary)
        temporary.chmod(0o600)  # what operators sent in is not for other users of the machine
        now = time.time_ns()  # `list_sources` sorts by it; a file system's own stamps do not tell files in 4 ms apart
        os.utime(temporary, ns=(now, now))
    return kept


def archive_text(text: str, name: str, folder: Path) -> Path:
    """As `archive_file`, for what did not come as a file."""
    with TemporaryDirectory() as temporary:
        path = Path(temporary) / name
        path.write_text(text, "utf-8")
        return archive_file(path, folder)


def list_sources(folder: Path) -> list[Path]:
    """The kept files, oldest first; read again in this order, they make the same corpus."""
    kept = [path for path in folder.glob("*") if path.is_file() and not path.name.startswith(".")]
    return sorted(kept, key=lambda path: (path.stat().st_mtime_ns, path.name))
