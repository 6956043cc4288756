"""The sources of the kernels: a digest tells whether a library was compiled from them.

setup.py runs this file by its path, so it imports nothing of ours. `python retrieval/runtime/kernel_sources.py` prints
the digest.
"""

from hashlib import sha256
from pathlib import Path


def find_sources(package: Path) -> list[Path]:
    """Files in C and their headers, of all folders of the package."""
    return sorted(path for pattern in ("*/*.c", "*/*.h") for path in package.glob(pattern))


def digest_sources(package: Path) -> str:
    """'' without any."""
    digest, sources = sha256(), find_sources(package)
    for path in sources:
        digest.update(f"{path.relative_to(package).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest() if sources else ""


if __name__ == "__main__":
    print(digest_sources(Path(__file__).parents[1]))  # noqa: T201
