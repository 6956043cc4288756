"""Several numpy arrays in one file, mapped into memory where they are read."""

import json
import mmap
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"zhidian\x01"
ALIGNMENT_BYTES = 64  # bytes: a cache line
CHECKSUM_BLOCK_BYTES = 1 << 20  # read at once where a file is checked, so that checking one takes no memory

Arrays = Mapping[str, NDArray[Any]]


class DamagedFileError(Exception):
    """The file is not as it was written; whoever wrote it can write it again."""


def write(path: Path, arrays: Arrays) -> None:
    """Write aside and put in place at once."""
    listed, at = [], 0
    for name, array in arrays.items():
        listed.append((name, array.dtype.str, len(array), at))
        at += array.nbytes + -array.nbytes % ALIGNMENT_BYTES
    checksum = 0
    for block in _blocks(arrays):
        checksum = zlib.crc32(block, checksum)
    head = json.dumps({"arrays": listed, "length": at, "checksum": checksum}).encode()
    start = len(MAGIC) + 8 + len(head)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as file:
            file.write(MAGIC + len(head).to_bytes(4, "little") + zlib.crc32(head).to_bytes(4, "little") + head)
            file.write(bytes(-start % ALIGNMENT_BYTES))
            file.writelines(_blocks(arrays))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def read(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays, read-only and mapped from the file; DamagedError where its checksums say so."""
    try:
        with path.open("rb") as file:
            head, start = _head(file.read(len(MAGIC) + 8), file)
            _check(file, start, head)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise DamagedFileError(f"{path}: {error}") from error
    return {
        name: np.frombuffer(mapped, np.dtype(kind), length, start + at) for name, kind, length, at in head["arrays"]
    }


def _blocks(arrays: Arrays) -> Iterator[memoryview | bytes]:
    for array in arrays.values():
        yield np.ascontiguousarray(array).data.cast("B") if len(array) else b""
        yield bytes(-array.nbytes % ALIGNMENT_BYTES)


def _head(first: bytes, file: Any) -> tuple[dict[str, Any], int]:
    size = int.from_bytes(first[len(MAGIC) : len(MAGIC) + 4], "little")
    if not first.startswith(MAGIC) or size > CHECKSUM_BLOCK_BYTES:
        raise DamagedFileError(f"{file.name} does not begin as an index does")
    head = file.read(size)
    if len(head) < size or zlib.crc32(head) != int.from_bytes(first[-4:], "little"):
        raise DamagedFileError(f"{file.name} has a damaged head")
    start = len(first) + size
    return json.loads(head), start + -start % ALIGNMENT_BYTES


def _check(file: Any, start: int, head: dict[str, Any]) -> None:
    file.seek(start)
    checksum = length = 0
    while block := file.read(CHECKSUM_BLOCK_BYTES):
        checksum = zlib.crc32(block, checksum)
        length += len(block)
    if (length, checksum) != (head["length"], head["checksum"]):
        raise DamagedFileError(f"{file.name} is damaged")
