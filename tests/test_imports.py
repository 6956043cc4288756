"""The arrows between the layers, and where SQL may stand."""

import ast
import re
from pathlib import Path

import pytest

FILES = sorted(path for folder in ("bot", "feeds", "retrieval") for path in Path(folder).rglob("*.py"))
OWN_A_TABLE = {
    *("corpus", "schema", "rows", "aside", "vectors", "upkeep", "lexicon", "dictionary"),
    *("journal", "questions", "database", "feeds", "uploads", "people", "access", "inbox", "migrating", "tables"),
    *("vitals", "ledger", "subscriptions", "wishes", "outbox", "parcels", "chapters", "deliveries"),
}
SQL = re.compile(r"\b(?:SELECT\b.+\bFROM|INSERT\s+INTO|UPDATE\b.+\bSET|DELETE\s+FROM|CREATE\s+TABLE)\b", re.DOTALL)


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return names


def tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def test_there_is_something_to_check() -> None:
    assert {Path("bot/app.py"), Path("retrieval/library.py")} <= set(FILES)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_arrows(path: Path) -> None:
    if path.parts[0] in ("feeds", "retrieval"):
        assert not tops(path) & {"bot", "telegram", "asyncio", "click", "rich"}
    if path.parts[0] == "retrieval":
        assert not tops(path) & {"feeds", "httpx", "httpcore"}
    if path.stem in {"answers", "markup", "lines", "catalogue"}:
        assert not tops(path) & {"telegram", "sqlite3", "sqlite_utils", "asyncio"}
    if path.stem in {"replies", "terminal", "journal"}:
        assert not tops(path) & {"telegram", "asyncio"}
    if path.stem == "asking":
        assert not imported(path) & {"retrieval.library", "sqlite3", "sqlite_utils"}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_sql_stands_only_with_its_table(path: Path) -> None:
    if path.stem in OWN_A_TABLE:
        return
    assert "retrieval.sqlite" not in imported(path)
    assert path.stem == "sqlite" or "sqlite_utils" not in tops(path)
    strings = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
    assert not [text for text in strings if isinstance(text, str) and SQL.search(text)]


def test_no_cycles() -> None:
    graph = {
        ".".join(path.with_suffix("").parts): {
            name for name in imported(path) if name.startswith(("bot.", "feeds.", "retrieval."))
        }
        for path in FILES
    }
    graph = {module: uses & graph.keys() for module, uses in graph.items()}
    while graph:
        leaves = {module for module, uses in graph.items() if not uses & graph.keys()}
        assert leaves, f"a cycle among {sorted(graph)}"
        graph = {module: uses for module, uses in graph.items() if module not in leaves}
