"""Two commits beside each other: names go in, their trees, their corpora and the ratios of their figures come out."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
TREES = Path(__file__).parent / ".cache" / "trees"
# Makes the corpus and its index in the tree where it runs: both may have other formats there.
PREPARE = """import sys
from pathlib import Path
from benchmarks import texts
from retrieval.library import Library
folder = texts.folder(int(sys.argv[1]))
library = Library(folder)
library.warm()
library.close()
print(folder)"""


def commit_of(ref: str) -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        sys.exit(f"{ref} names no commit of this repository; `git log --oneline` lists them")
    return found.stdout.strip()[:12]


def tree_of(commit: str) -> Path:
    """The files of a commit, written once."""
    tree = TREES / commit
    if not tree.exists():
        TREES.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=TREES))
        with subprocess.Popen(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE) as archive:
            subprocess.run(["tar", "-x", "-C", unfinished], stdin=archive.stdout, check=True)
        if (unfinished / "setup.py").exists():
            _compile_loops(unfinished)
        unfinished.rename(tree)
    return tree


def _compile_loops(tree: Path) -> None:
    """Compiled as an installation does it, and put where an editable one has them."""
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, str(tree)]
        subprocess.run(build, check=True)
        for library in Path(folder).glob("retrieval/runtime/_kernels*"):
            shutil.copy(library, tree / "retrieval" / "runtime")


def corpus_of(tree: Path, points: int) -> Path:
    made = subprocess.run(
        [sys.executable, "-c", PREPARE, str(points)],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if made.returncode:
        sys.exit(f"{tree.name} cannot make its corpus with the packages installed here; compare with a later commit")
    return Path(made.stdout.splitlines()[-1])


def row(name: str, shape: str, old: Sequence[float], new: Sequence[float]) -> None:
    ratios = sorted(after / before for before, after in zip(old, new, strict=True))
    spread = f" ({ratios[0]:.2f} to {ratios[-1]:.2f})" if len(ratios) > 1 else ""
    middle = [shape.format(statistics.median(values)) for values in (old, new)]
    print(f"| {name} | {middle[0]} | {middle[1]} | {statistics.median(ratios):.2f}{spread} |", flush=True)
