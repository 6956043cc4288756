"""SIGKILL at random moments of an ingest: both databases whole, `zhidian check` content, nothing acknowledged missing.

python -m benchmarks.ingest_kills [--kills 200] [--data DIR with a dictionary, to save compiling it]
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from retrieval.library import Library
from tests.retrieval.administration.test_maintenance import killed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if options.data:
            shutil.copy(options.data / "lexicon.bin", data)
        library = Library(data)
        library.warm()
        library.close()
        acknowledged, missing = killed(data, options.kills)
    print(f"{options.kills} kills: {acknowledged} documents acknowledged, {missing} missing; every check passed")
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
