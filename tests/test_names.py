"""One name, one meaning: classes and constants, over the whole repository; and the length of files."""

import ast
from collections import defaultdict
from pathlib import Path

FOLDERS = ("bot", "feeds", "retrieval", "web")
CODE = sorted(path for folder in FOLDERS for path in Path(folder).rglob("*.py"))
ALL = CODE + sorted(
    path
    for folder in ("tests", "benchmarks", "docs")
    for path in Path(folder).rglob("*.py")
    if ".cache" not in path.parts  # trees of other commits
)
MAX_FILE_LINES = 300


def test_no_class_is_defined_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in ALL:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path))
    assert len(places) > 200
    assert not {name: paths for name, paths in places.items() if len(paths) > 1}


def test_a_constant_s_name_means_one_thing() -> None:
    values: dict[str, dict[str, str]] = defaultdict(dict)
    for path in CODE:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
                values[node.targets[0].id][str(path)] = ast.unparse(node.value)
    values.pop("T")  # a TypeVar is of its own file
    assert len(values) > 300
    assert not {name: found for name, found in values.items() if len(set(found.values())) > 1}


def test_no_file_is_long() -> None:
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in CODE}
    assert max(lengths.values()) > 100
    assert not {path: lines for path, lines in lengths.items() if lines > MAX_FILE_LINES}
