"""What is installed: pinned, with hashes, and asked about."""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.advisories import NOT_CHECKED, audit, summarize

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def pins(path: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in PIN.findall(Path(path).read_text("utf-8"))}


def closure(names: Iterable[str]) -> set[str]:
    """The packages with all that they need here, without extras."""
    found: set[str] = set()
    queue = [Requirement(name) for name in names]
    while queue:
        one = queue.pop()
        name = canonicalize_name(one.name)
        extras = ["", *one.extras]
        try:
            needed = [Requirement(line) for line in requires(one.name) or ()]
        except PackageNotFoundError:
            continue
        queue += [
            other
            for other in needed
            if (not other.marker or any(other.marker.evaluate({"extra": extra}) for extra in extras))
            and canonicalize_name(other.name) not in found
        ]
        found.add(name)
    return found


def test_every_package_of_the_bot_is_locked_with_its_hashes() -> None:
    constraints, locked = pins("constraints.txt"), pins("requirements.lock")
    needed = closure(["zhidian"]) - {"zhidian", "pip"}  # sqlite-utils asks for pip
    assert len(needed) > 40
    assert needed <= locked.keys()
    assert {name: version for name, version in locked.items() if name in constraints} == {
        name: constraints[name] for name in locked if name in constraints
    }
    assert needed <= constraints.keys()
    entries = re.split(r"\n(?=[A-Za-z0-9])", Path("requirements.lock").read_text("utf-8").strip())
    assert all(HASH.search(entry) for entry in entries[1:])  # the first is a comment


@pytest.mark.parametrize("path", ["constraints.txt", "requirements.lock"])
def test_no_host_is_named(path: str) -> None:
    text = Path(path).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"(?i)index-url|find-links|trusted-host", text)


def test_an_advisory_is_told_with_what_mends_it() -> None:
    known = {"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["1.1"]}, {"id": "X-2"}]}
    clean, skipped = {"name": "b", "version": "2", "vulns": []}, {"name": "c", "skip_reason": "not found"}
    lines, code = summarize([known, clean, skipped])
    assert code == 1
    assert lines == [
        "a 1: X-1, mended in 1.1",
        "a 1: X-2, mended in no version yet",
        "2 packages checked, 2 advisories",
        "not checked, since the database does not know them: c",
    ]
    assert summarize([clean]) == (["1 packages checked, 0 advisories"], 0)


def test_where_nothing_was_checked_that_is_said(tmp_path: Path) -> None:
    assert summarize([{"name": "c", "skip_reason": "not found"}]) == ([NOT_CHECKED], 0)
    assert summarize(audit(str(tmp_path / "no-such-tool"), "osv")) == ([NOT_CHECKED], 0)
    silent = tmp_path / "fails"
    silent.write_text("#!/bin/sh\necho 'cannot reach it' >&2\nexit 1\n", "utf-8")
    silent.chmod(0o700)
    assert summarize(audit(str(silent), "osv")) == ([NOT_CHECKED], 0)
