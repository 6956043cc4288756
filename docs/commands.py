"""Writes docs/commands.md from the program: every command in Telegram and on the command line, with its help.

`make docs` runs it; tests/test_docs.py fails when the page is out of date.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from bot.cli.main import main as zhidian
from bot.render.i18n import say_in
from bot.transport.command_menu import ADMIN_COMMANDS, COMMANDS, GROUP_COMMANDS, PRIVATE_COMMANDS

PAGE = Path(__file__).parent / "commands.md"
COMMON_OPTIONS = {"--data", "--help"}  # described once for all commands
# Commands in no menu: they are not for everybody, or nobody types them.
UNLISTED = {
    "start": "Says what the bot is; Telegram sends it when a chat is opened",
    "web": "The way to the page; for invited people a link for one browser and one day; `off` takes links back",
    "invite": "For operators: a link that lets one person in; in a group, lets the group in",
    "revoke": "For operators: takes access back",
    "feeds": "For operators: the feeds, `add URL topic`, `remove NUMBER`",
    "topic": "For operators: topics that gather by themselves, `add NAME: words`, `try NAME: words`, `remove NAME`",
    "stats": "For operators: a chart of questions a day by verdict, and what was asked and not found",
    "alias": "For operators: names of one thing, `三生制药 = 3SBio = 1530.HK`",
}


def render_page() -> str:
    head = ("# Commands", "", "Written by `make docs` from the program.", "")
    return "\n".join((*head, *telegram_rows(), *terminal_sections()))


def telegram_rows() -> Iterator[str]:
    yield "## In Telegram\n\n| command | in the menus of | what it does |\n|---|---|---|"
    say = say_in("en")
    menus = {"private chats": PRIVATE_COMMANDS, "groups": GROUP_COMMANDS, "their administrators": ADMIN_COMMANDS}
    for name in dict.fromkeys((*PRIVATE_COMMANDS, *GROUP_COMMANDS, *ADMIN_COMMANDS, *sorted(COMMANDS))):
        menus_with_it = ", ".join(menu for menu, names in menus.items() if name in names)
        yield f"| `/{name}` | {menus_with_it} | {say(f'command-{name}') if menus_with_it else UNLISTED[name]} |"


def terminal_sections() -> Iterator[str]:
    yield "\n## On the command line\n"
    yield "Each command takes `--help` and `--data DIR`, the folder of the SQLite files."
    yield "`zhidian --version` prints the version."
    for path, command in walk_commands(zhidian, ("zhidian",)):
        if not isinstance(command, click.Group):
            yield from command_section(path, command)


def walk_commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, each with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            if not inner.hidden:
                yield from walk_commands(inner, (*path, name))


def command_section(path: tuple[str, ...], command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    arguments = [
        parameter.make_metavar(context) for parameter in command.params if isinstance(parameter, click.Argument)
    ]
    yield f"\n### {' '.join([*path, *arguments])}\n\n{' '.join((command.help or '').split())}"
    lead = "\n"
    for option in command.get_params(context):
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record and not COMMON_OPTIONS & set(option.opts):
            yield f"{lead}- `{record[0].replace('INTEGER RANGE', 'N')}`: {record[1]}"
            lead = ""


def main() -> None:
    PAGE.write_text(render_page() + "\n", "utf-8")


if __name__ == "__main__":
    main()
