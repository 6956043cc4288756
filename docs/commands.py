"""docs/commands.md: every command, in Telegram and on the command line, in the program's own words.

    make docs

writes it; tests/test_docs.py says when it has to be written anew.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from bot.cli.main import main as zhidian
from bot.render.i18n import say_in
from bot.transport.command_menu import ADMIN_COMMANDS, COMMANDS, GROUP_COMMANDS, PRIVATE_COMMANDS, description

PAGE = Path(__file__).parent / "commands.md"
EVERYWHERE = {"--data", "--help"}  # said once for all commands
# Commands that stand in no menu: they are not for everybody, or nobody types them.
UNLISTED = {
    "start": "Says what the bot is; Telegram sends it when a chat is opened",
    "invite": "For who runs the bot: a link that lets one person in; in a group, lets the group in",
    "revoke": "For who runs the bot: takes that back",
    "feeds": "For who runs the bot: the sources, `add URL topic`, `remove NUMBER`",
    "stats": "For who runs the bot: questions a day by verdict as a picture, and what was asked and not found",
    "alias": "For who runs the bot: names of one thing, `三生制药 = 3SBio = 1530.HK`",
}


def written() -> str:
    return "\n".join(["# Commands", "", "Made by `make docs` from the program itself.", "", *telegram(), *terminal()])


def telegram() -> Iterator[str]:
    yield "## In Telegram\n\n| command | in the menus of | what it does |\n|---|---|---|"
    say = say_in("en")
    menus = {"private chats": PRIVATE_COMMANDS, "groups": GROUP_COMMANDS, "their administrators": ADMIN_COMMANDS}
    for name in dict.fromkeys((*PRIVATE_COMMANDS, *GROUP_COMMANDS, *ADMIN_COMMANDS, *sorted(COMMANDS))):
        shown = ", ".join(menu for menu, names in menus.items() if name in names)
        yield f"| `/{name}` | {shown} | {description(name, say) if shown else UNLISTED[name]} |"


def terminal() -> Iterator[str]:
    yield "\n## On the command line\n"
    yield "Each takes `--help`, and before or behind it `--data DIR`, the folder of the SQLite files."
    for path, command in commands(zhidian, ("zhidian",)):
        if not isinstance(command, click.Group):
            yield from one(path, command)


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command with all below it, and the words that call each."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            if not inner.hidden:
                yield from commands(inner, (*path, name))


def one(path: tuple[str, ...], command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    arguments = [
        parameter.make_metavar(context) for parameter in command.params if isinstance(parameter, click.Argument)
    ]
    yield f"\n### {' '.join([*path, *arguments])}\n\n{' '.join((command.help or '').split())}"
    lead = "\n"
    for option in command.get_params(context):
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record and not EVERYWHERE & set(option.opts):
            yield f"{lead}- `{record[0].replace('INTEGER RANGE', 'N')}`: {record[1]}"
            lead = ""


def main() -> None:
    PAGE.write_text(written() + "\n", "utf-8")


if __name__ == "__main__":
    main()
