"""Both languages have every text, with the same variables, and the code asks for no other."""

import ast
from pathlib import Path
from typing import get_args

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Junk, Message, VariableReference
from fluent.syntax.visitor import Visitor

from bot.digest.schedule import SCHEDULE_DAYS, TRADING_DAYS, WEEKDAY_CODES
from bot.digest.subscription import PauseReason
from bot.render.i18n import LANGUAGES, Language, language_of, read_catalogue, reader_language, say_in
from bot.render.time_zones import ZONE_NAMES
from bot.transport.command_menu import MENUS
from retrieval.formats.reader import WHOLE_FILE_PROBLEMS

# Texts that the code asks for by a name it puts together, such as say(f"command-{name}"): all that may come of it.
FAMILIES = {
    "command-": {name for _, names in MENUS for name in names},
    "day-": set(WEEKDAY_CODES),
    "each-": {days.replace(" ", "-") for days in (*SCHEDULE_DAYS, *TRADING_DAYS)},
    "paused-": set(get_args(PauseReason)),
    "refused-": set(WHOLE_FILE_PROBLEMS),
    "zone-": {zone.replace("/", "-").replace("_", "-") for zone in ZONE_NAMES},
}


class Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


def texts(language: Language) -> dict[str, set[str]]:
    return catalogue_texts(read_catalogue(language))


def catalogue_texts(catalogue: str) -> dict[str, set[str]]:
    """Variables by text."""
    found: dict[str, set[str]] = {}
    for entry in FluentParser().parse(catalogue).body:
        assert not isinstance(entry, Junk), entry.content
        if isinstance(entry, Message):
            assert entry.id.name not in found
            variables = Variables()
            variables.visit(entry)
            found[entry.id.name] = variables.names
    return found


def asked_for() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in Path("bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and is_say(node.func):
                variables = {keyword.arg or "**" for keyword in node.keywords}
                found |= dict.fromkeys(names_of(node.args[0]), variables)
    return found


def is_say(function: ast.expr) -> bool:
    called = ast.unparse(function)
    return called.endswith("say") or "say_in(" in called


def names_of(text: ast.expr) -> set[str]:
    if isinstance(text, ast.JoinedStr):
        prefix = text.values[0]
        assert isinstance(prefix, ast.Constant), ast.unparse(text)
        family = str(prefix.value)
        return {family + name for name in FAMILIES[family]}
    return {str(text.value)} if isinstance(text, ast.Constant) else set()


def test_the_languages_have_the_same_texts_and_variables() -> None:
    assert all(texts(language) == texts("en") for language in LANGUAGES)


def test_the_code_asks_for_what_is_there_and_for_all_of_it() -> None:
    asked = asked_for()
    assert asked
    there = texts("en")
    assert asked == there


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_said(language: Language) -> None:
    for text, variables in texts(language).items():
        said = say_in(language)(text, **dict.fromkeys(variables, 1))
        assert said.strip()
        assert "{" not in said


def test_what_is_missing_is_no_quiet_gap() -> None:
    with pytest.raises(LookupError):
        say_in("en")("no-such-text")
    with pytest.raises(LookupError):
        say_in("en")("in-quotes")


@pytest.mark.parametrize(
    ("code", "text", "language"),
    [
        ("zh-hans", "what", "zh"),
        ("zh-CN", "", "zh"),
        ("en-GB", "什么", "en"),
        ("de", "什么", "en"),
        (None, "R&D 强度", "zh"),
        (None, "R&D", "en"),
        ("", "?", "en"),
    ],
)
def test_the_reader_s_language(code: str | None, text: str, language: Language) -> None:
    assert reader_language(code, text) == language


def test_the_language_of_a_text() -> None:
    assert [language_of(text) for text in ("㐀", "日本", "ひ", "")] == ["zh", "zh", "en", "en"]
