"""Asks an advisory database about every package of constraints.txt: `make audit`.

Where no database answers, or one does not know a package, that is said: silence would read as "nothing known".
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

DATABASES = ("pypi", "osv")  # of pip-audit, in the order in which they are asked
AUDIT_SECONDS = 300
CONSTRAINTS = "constraints.txt"
NOT_CHECKED = "not checked: no advisory database could be reached"


def summarize(dependencies: Iterable[Mapping[str, Any]]) -> tuple[list[str], int]:
    """Lines for the operator, and 1 if an advisory is known; `dependencies` are those of pip-audit's JSON."""
    checked, skipped, lines = 0, [], []
    for one in dependencies:
        if "skip_reason" in one:
            skipped.append(str(one["name"]))
            continue
        checked += 1
        for advisory in one["vulns"]:
            fixed = ", ".join(advisory.get("fix_versions") or ()) or "no version yet"
            lines.append(f"{one['name']} {one['version']}: {advisory['id']}, mended in {fixed}")
    code = int(bool(lines))
    if not checked:
        return [NOT_CHECKED], 0
    lines.append(f"{checked} packages checked, {len(lines)} advisories")
    if skipped:
        lines.append(f"not checked, since the database does not know them: {', '.join(sorted(skipped))}")
    return lines, code


def audit(tool: str, database: str) -> list[Mapping[str, Any]]:
    """Empty where the database cannot be reached, or the tool is not there."""
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "20", "--format", "json"]
    command = [tool, *options, "--vulnerability-service", database, "--requirement", CONSTRAINTS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=AUDIT_SECONDS, check=False)
        found: list[Mapping[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        return []
    return found


def main() -> None:
    if not Path(CONSTRAINTS).exists():
        sys.exit(f"there is no {CONSTRAINTS} here")
    lines, code = [NOT_CHECKED], 0
    for database in DATABASES:
        lines, code = summarize(audit(sys.argv[1], database))
        if lines != [NOT_CHECKED]:
            break
    print("\n".join(lines))
    sys.exit(code)


if __name__ == "__main__":
    main()
