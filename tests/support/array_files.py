"""Array files as earlier versions wrote them."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from retrieval.runtime.array_file import ALIGNMENT_BYTES, BEGIN, MAGIC


def write_without_block_checksums(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    layout, body = [], b""
    for name, array in arrays.items():
        layout.append((name, array.dtype.str, array.size, len(body)))
        body += array.tobytes()
        body += bytes(-len(body) % ALIGNMENT_BYTES)
    text = json.dumps(layout).encode()
    text += b" " * (-(BEGIN + len(text)) % ALIGNMENT_BYTES)
    content = len(text).to_bytes(4, "little") + text + body
    path.write_bytes(MAGIC + zlib.crc32(content).to_bytes(4, "little") + content)
