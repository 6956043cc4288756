"""Compares the pages with the program: commands, options, settings, make targets, paths, links, packages and names."""

import re
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import unquote

import click
import pytest

from bot.cli.main import main
from bot.settings import Settings
from bot.transport.command_menu import COMMANDS
from docs import commands
from retrieval.formats.reader import parse
from retrieval.model.documents import Document
from tests.conftest import ROOT

PATTERNS = ("*.md", "docs/*.md", "benchmarks/*.md", "tests/**/*.md", "deploy/*.md")
PAGES = {str(path.relative_to(ROOT)): path.read_text("utf-8") for glob in PATTERNS for path in sorted(ROOT.glob(glob))}
READMES = ("README.md", "README.zh.md")
MANUAL = tuple(
    f"docs/{name}.md" for name in ("asking", "following", "feeding", "operating", "deploying", "privacy", "page")
)
MAX_README_WORDS = 900
ALL = "\n".join(PAGES.values())
CODE = re.compile(r"^ *```\w*\n(.*?)^ *```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```(text|jsonl|markdown|html)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r'\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"')
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
VARIABLE = re.compile(r"\b(?:ZHIDIAN|TELEGRAM)_[A-Z_]*[A-Z]\b")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
MAKE = re.compile(r"(?:^|[|&;] )make ([a-z-]+)", re.MULTILINE)
PLACE = re.compile(
    r"(?<![\w/.$:@-])((?:bot|feeds|retrieval|web|tests|docs|benchmarks|seeds|stubs|deploy|\.ci)/[\w./*-]*[\w/*])"
)
CALL = re.compile(r"(?:^|[|&;] |\.venv/bin/)zhidian(?= |$)([^\n|#;&]*)", re.MULTILINE)
MAP_LINE = re.compile(r"^(?:(\w+)/|  (\w+)) +\S", re.MULTILINE)
NAME = re.compile(r"^(?:[A-Z]+(?:_[A-Z]+)*|(?:[A-Z][a-z]+)+)$")
# Telegram's own names, and what only a developer sets.
FOREIGN = {"ZHIDIAN_WRITE_WALK"}


def code(page: str) -> list[str]:
    return [block or inline for block, inline in CODE.findall(PAGES[page])]


def calls() -> Iterator[tuple[str, list[str]]]:
    """Each `zhidian …` on a page, in words; brackets of what may be missing are taken off."""
    for page in PAGES:
        for piece in code(page):
            for call in CALL.finditer(piece):
                yield page, re.sub(r"[\[\]…,]", " ", call[1]).split()


def test_commands_md_is_what_the_program_says() -> None:
    assert commands.render_page() + "\n" == PAGES["docs/commands.md"], "`make docs` writes it anew"
    named = set(HEADING.findall(PAGES["docs/commands.md"]))
    assert len(named) > 10


def test_calls_on_pages_are_understood() -> None:
    found = list(calls())
    assert len(found) > 10
    for page, words in found:
        node: click.Command = main
        options = [word.partition("=")[0] for word in words if word.startswith("-") and word != "-"]
        for word in words:
            if isinstance(node, click.Group) and word in node.commands:
                node = node.commands[word]
        first = next((word for word in words if not word.startswith("-")), "")
        assert node is not main or first in {"", "DIR"}, f"{page}: zhidian {' '.join(words)}"
        known = {name for one in (main, node) for each in one.params for name in each.opts} | {"--help", "-h"}
        assert set(options) <= known, f"{page}: zhidian {' '.join(words)}"


def test_every_command_of_telegram_is_named_where_it_is_explained() -> None:
    assert COMMANDS
    manual = "\n".join(PAGES[page] for page in MANUAL)
    assert not [name for name in COMMANDS if not re.search(rf"`/{name}\b", manual)]
    assert not [name for name in COMMANDS if f"| `/{name}` |" not in PAGES["docs/commands.md"]]


def test_every_setting_is_named_and_none_that_is_not_there() -> None:
    names = {str(field.validation_alias) for field in Settings.model_fields.values()}
    assert names
    explained = "\n".join(text for page, text in PAGES.items() if page != "CHANGELOG.md")
    assert not names - set(VARIABLE.findall(explained)), "settings that README.md or another page does not explain"
    assert not set(VARIABLE.findall(ALL)) - names - FOREIGN


def test_every_setting_has_its_comment_in_the_example() -> None:
    blocks = (ROOT / ".env.example").read_text("utf-8").strip().split("\n\n")
    assert len(blocks) > 10
    for block in blocks[1:]:
        first, *_ = block.splitlines()
        assert first.startswith("# ")
        assert not re.match(r"# [A-Z_]+=", first), f"{first} stands without a word"


def test_every_target_is_named_and_none_that_is_not_there() -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    named = {target for page in PAGES for piece in code(page) for target in MAKE.findall(piece)}
    assert targets
    assert named == targets


def test_places_are_there() -> None:
    found = [(page, place) for page, text in PAGES.items() for place in PLACE.findall(text)]
    assert len(found) > 20
    for page, place in found:
        assert any(any(base.glob(place)) for base in (ROOT, (ROOT / page).parent)), f"{page}: {place}"


def test_links_lead_somewhere() -> None:
    found = [(page, one or other) for page, text in PAGES.items() for one, other in LINK.findall(text)]
    own = [(page, link) for page, link in found if not link.startswith(("http:", "https:"))]
    assert len(own) > 10
    for page, link in own:
        file, _, part = unquote(link).partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        assert path.exists(), f"{page}: {link}"
        assert not part or part in map(slug, HEADING.findall(path.read_text("utf-8"))), f"{page}: {link}"


def slug(heading: str) -> str:
    """As GitHub names a heading."""
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


def test_the_map_names_what_is_there_and_every_package() -> None:
    [block] = [piece for piece in code("CONTRIBUTING.md") if piece.startswith("retrieval/")]
    folder, named = "", set()
    for top, name in MAP_LINE.findall(block):
        folder = top or folder
        named.add(top or f"{folder}/{name}")
    assert len(named) > 40
    assert not [name for name in named if not ((ROOT / name).is_dir() or (ROOT / f"{name}.py").exists())]
    found = [path for top in ("bot", "feeds", "retrieval", "web") for path in ROOT.glob(f"{top}/**/__init__.py")]
    assert {str(path.parent.relative_to(ROOT)) for path in found} <= named


def test_names_in_the_recipes_are_there() -> None:
    named = {piece for piece in code("CONTRIBUTING.md") if NAME.match(piece)}
    assert len(named) > 10
    source = "\n".join(
        path.read_text("utf-8")
        for top in ("bot", "docs", "feeds", "retrieval", "tests", "web")
        for path in (ROOT / top).rglob("*.py")
    )
    assert not [name for name in named if not re.search(rf"\b{name}\b", source)]


def test_the_glossary_has_about_25_lines() -> None:
    section = PAGES["CONTRIBUTING.md"].partition("## Glossary")[2].partition("\n## ")[0]
    assert 20 <= len(re.findall(r"^\| [^-]", section, re.MULTILINE)) - 1 <= 30


def test_readmes_are_short_and_say_the_same() -> None:
    """By what can be compared in two languages: links, what is typed, settings, headings, rows."""
    assert len(PAGES["README.md"].split()) <= MAX_README_WORDS
    links = [set(LINK.findall(PAGES[page])) for page in READMES]
    assert links[0] ^ links[1] == {("README.zh.md", ""), ("README.md", "")}
    typed, headings, rows = ([] for _ in range(3))
    for page in READMES:
        typed.append({re.sub(r"\s+#.*", "", piece) for piece in code(page)})
        headings.append(len(HEADING.findall(PAGES[page])))
        rows.append(len(re.findall(r"^[|-]", PAGES[page], re.MULTILINE)))
    assert typed[0] == typed[1]
    assert headings[0] == headings[1]
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("kind", "suffix"), [("text", "txt"), ("jsonl", "jsonl"), ("markdown", "md"), ("html", "html")]
)
def test_what_a_format_s_example_shows_comes_in(kind: str, suffix: str) -> None:
    examples = [body for found, body in EXAMPLE.findall(PAGES["docs/formats.md"]) if found == kind]
    assert examples
    for body in examples:
        [document] = list(parse(BytesIO(body.encode()), f"example.{suffix}", "原始创新"))
        assert isinstance(document, Document), document
        assert document.points
