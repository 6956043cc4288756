"""The arrow between the packages, and where SQL may stand."""

import ast
import re
from pathlib import Path

import pytest

R = {f"retrieval.{name}" for name in ("model", "runtime", "formats", "language", "storage", "index", "semantic")}
R |= {"retrieval.query", "retrieval.search", "retrieval.administration", "retrieval.evaluation", "retrieval.cluster"}
R |= {"retrieval"}
SEARCHED = {f"retrieval.{name}" for name in ("model", "runtime", "language", "storage", "index")}
# What handlers are made of: everything in bot/ that knows what the bot does, and not how it is started.
SERVICES = {f"bot.{name}" for name in ("render", "question_log", "users", "ingestion", "transport", "digest")}
SERVICES |= {"bot.conversation", "bot.analytics", "bot.delivery", "bot.language_model", "bot.page"}

# package -> the packages it may import; a module that lies beside packages counts as part of the folder it lies in.
MAY_IMPORT: dict[str, set[str]] = {
    "retrieval.model": set(),
    "retrieval.runtime": set(),
    "retrieval.formats": {"retrieval.language", "retrieval.model"},
    "retrieval.language": {"retrieval.runtime"},
    "retrieval.storage": {"retrieval.model", "retrieval.runtime"},
    "retrieval.index": {"retrieval.language", "retrieval.model", "retrieval.storage", "retrieval.runtime"},
    "retrieval.semantic": {"retrieval.index", "retrieval.language", "retrieval.storage", "retrieval.runtime"},
    "retrieval.query": {"retrieval.index", "retrieval.language", "retrieval.model"},
    "retrieval.search": SEARCHED | {"retrieval.query", "retrieval.semantic"},
    "retrieval.cluster": SEARCHED | {"retrieval.query", "retrieval.search", "retrieval.semantic"},
    "retrieval.administration": SEARCHED | {"retrieval.formats", "retrieval.evaluation"},
    "retrieval.evaluation": {"retrieval.language", "retrieval.model", "retrieval.search"},
    "retrieval": R,
    "feeds": {"retrieval", "retrieval.formats", "retrieval.model", "retrieval.storage", "retrieval.runtime"},
    "web.request": {"web", "retrieval.language", "retrieval.model"},
    "web.admission": {"web", "web.request"},
    "web.render": {"web", "web.request", *R},
    "web.site": {"web", "web.request", *R},
    "web.pages": {"web", "web.request", "web.admission", "web.render", "web.site", *R},
    "web": {"web.admission", "web.pages", "web.render", "web.site", *R},
    "bot.render": {"web", "retrieval.language", "retrieval.model", "retrieval.search"},
    "bot.question_log": {"bot.render", "retrieval.storage", "retrieval.runtime"},
    "bot.users": {"bot.render", "retrieval.storage", "retrieval.runtime"},
    "bot.ingestion": {"bot", "feeds", *R},
    "bot.language_model": {
        "bot",
        "bot.render",
        *(f"retrieval.{n}" for n in ("language", "model", "runtime", "storage")),
    },
    "bot.transport": {"bot", "bot.question_log", "bot.render", "retrieval.storage", "retrieval.runtime"},
    "bot.digest": {"bot.users", "bot.question_log", "bot.render", *R},
    "bot.conversation": {"web", "bot.digest", "bot.question_log", "bot.render", *R},
    "bot.analytics": {"bot.digest", "bot.question_log", "bot.render", *R},
    "bot.delivery": {"bot.digest", "bot.transport", "bot.render"},
    "bot.page": {
        "bot.conversation",
        "bot.digest",
        "retrieval",
        "bot.question_log",
        "bot.render",
        "bot.users",
        "web",
        "retrieval.model",
        "retrieval.storage",
    },
    "bot": {"bot.cli", "web", "feeds", *SERVICES, *R},
    "bot.handlers": {"bot", "web", "feeds", *SERVICES, *R},
    "bot.background": {"bot", "feeds", *SERVICES},
    "bot.monitoring": {"bot", "bot.question_log", "bot.transport", "bot.render"},
    "bot.doctor": {"bot", "bot.analytics", "bot.language_model", "bot.render", "bot.transport", "feeds", *R},
    "bot.app": {
        *("bot", "bot.handlers", "bot.background", "bot.monitoring", "bot.question_log", "bot.transport", "bot.users"),
        "bot.render",
        *R,
    },
    "bot.cli": {"bot", "bot.app", "bot.doctor", "bot.monitoring", "feeds", "web", "web.site", *SERVICES, *R},
}
TELEGRAM_FREE = {
    "digest",
    "conversation",
    "analytics",
    "render",
    "users",
    "question_log",
    "ingestion",
    "language_model",
    "page",
}
SQL_MODULES = (
    *("bot/question_log/", "bot/users/", "bot/ingestion/upload_log", "bot/transport/inbox_table", "bot/schema"),
    *("bot/digest/", "bot/analytics/queries", "bot/page/sessions", "feeds/registry"),
    *("bot/language_model/budget", "bot/language_model/translation_store"),
    *("retrieval/storage/", "retrieval/semantic/vector_store", "retrieval/administration/maintenance"),
)
FILES = sorted(path for folder in ("bot", "feeds", "retrieval", "web") for path in Path(folder).rglob("*.py"))
SQL = re.compile(r"\b(?:SELECT\b.+\bFROM|INSERT\s+INTO|UPDATE\b.+\bSET|DELETE\s+FROM|CREATE\s+TABLE)\b", re.DOTALL)


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return names


def modules(path: Path) -> set[str]:
    """Our own modules that a file imports; a package alone counts only where no module of it is meant."""
    ours = {name for name in imported(path) if name.startswith(("bot.", "feeds.", "retrieval.", "web."))}
    return {name for name in ours if Path(*name.split(".")).with_suffix(".py").exists()}


def package(module: str) -> str:
    return module.rpartition(".")[0]


def tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def test_every_package_stands_in_the_table() -> None:
    assert {".".join(path.parts[:-1]) for path in FILES} == MAY_IMPORT.keys()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_the_arrow(path: Path) -> None:
    own = ".".join(path.parts[:-1])
    assert not {package(module) for module in modules(path)} - MAY_IMPORT[own] - {own}
    if path.parts[0] in ("feeds", "retrieval"):
        assert not tops(path) & {"bot", "telegram", "asyncio", "click", "rich"}
    if path.parts[0] == "retrieval":
        assert not tops(path) & {"feeds", "httpx", "httpcore"}
    if path.parts[0] == "web":
        assert not tops(path) & {"bot", "feeds", "telegram"}
    if path.parts[0] == "bot" and path.parts[1] not in ("cli", "page"):
        assert {name for name in modules(path) if name.startswith("web.")} <= {"web.addresses"}
    if path.parts[0] == "bot" and path.parts[1] in TELEGRAM_FREE:
        assert "telegram" not in tops(path)
    if path.parts[:2] == ("bot", "render"):
        assert not tops(path) & {"sqlite3", "sqlite_utils", "asyncio"}


def test_no_package_imports_one_that_imports_it() -> None:
    """Between packages, and between the modules within each."""
    packages = {name: uses - {name} for name, uses in MAY_IMPORT.items()}
    # The two folders that hold both packages and modules are taken apart: their modules are checked one by one.
    graph = {module(path): modules(path) for path in FILES}
    assert_no_cycle(graph)
    assert_no_cycle({name: {u for u in uses if "." in u} for name, uses in packages.items() if "." in name})


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def assert_no_cycle(graph: dict[str, set[str]]) -> None:
    assert graph
    while graph:
        leaves = {name for name, uses in graph.items() if not uses & graph.keys()}
        assert leaves, f"a cycle among {sorted(graph)}"
        graph = {name: uses for name, uses in graph.items() if name not in leaves}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_sql_stands_only_with_its_table(path: Path) -> None:
    if str(path).startswith(SQL_MODULES):
        return
    assert "retrieval.storage.sqlite" not in imported(path)
    assert "sqlite_utils" not in tops(path)
    strings = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
    assert not [text for text in strings if isinstance(text, str) and SQL.search(text)]
