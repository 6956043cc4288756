"""`zhidian topic …`: topics that documents join by their words: add, list, remove."""

import re
from pathlib import Path

import click

from bot.cli.options import data_option, emit, open_library
from bot.cli.progress import ProgressBar
from bot.cli.readonly_data import settings_to_read
from bot.settings import Settings

WORD_SEPARATOR = re.compile(r"[,，、;；\n]+")


def split_words(values: tuple[str, ...]) -> tuple[str, ...]:
    """Options may stand several times, and each may name several."""
    return tuple(
        dict.fromkeys(word for value in values for one in WORD_SEPARATOR.split(value) if (word := one.strip()))
    )


@click.group()
def topic() -> None:
    """Topics that gather by themselves: a document joins when its title, headings or points hold one of the words."""


@topic.command()
@data_option
@click.option(
    "--words", multiple=True, metavar="WORDS", help="Names to look for, separated by commas; else the topic's."
)
@click.option("--outlet", "outlets", multiple=True, metavar="OUTLET", help="Only documents of this outlet.")
@click.option("--exclude", multiple=True, metavar="WORDS", help="No documents that hold one of these.")
@click.option("--dry-run", is_flag=True, help="Print what would join, and change nothing.")
@click.argument("name")
def add(
    data: Path | None,
    words: tuple[str, ...],
    outlets: tuple[str, ...],
    exclude: tuple[str, ...],
    dry_run: bool,
    name: str,
) -> None:
    """Gather documents into the topic NAME: those there are, and those that come in later.

    Words are read as in a question: in both languages, with inflections and other names. Added again, a topic gets the
    new words in place of the old ones.
    """
    from retrieval.administration.gathering import TopicRuleError
    from retrieval.model.outlets import outlet
    from retrieval.storage.topic_rules import TopicRule

    printed = tuple(outlet(one).name for one in split_words(outlets))
    rule = TopicRule(" ".join(name.split()), split_words(words) or split_words((name,)), printed, split_words(exclude))
    with open_library(Settings.load(data)) as library:
        try:
            if dry_run:
                found = list(library.gathering.candidates(rule, ProgressBar()))
                for document in found:
                    emit(f"{document.id}\t{document.published:%Y-%m-%d}\t{document.outlet.name}\t{document.title}")
                emit(f"{len(found)} would join {rule.name}")
            else:
                joined = library.gathering.add(rule, ProgressBar())
                emit(f"{joined} joined {rule.name}; what comes in later joins by itself")
        except TopicRuleError as error:
            raise click.ClickException(f"{error}; nothing was changed") from None


@topic.command("list")
@data_option
def list_topics(data: Path | None) -> None:
    """The topics that gather: name, words, outlets, excluded words, and how many documents joined."""
    with settings_to_read(data) as settings, open_library(settings) as library:
        for rule in library.gathering.rules():
            only = f"\tonly {', '.join(rule.outlets)}" if rule.outlets else ""
            without = f"\twithout {', '.join(rule.excluded)}" if rule.excluded else ""
            emit(f"{rule.name}\t{', '.join(rule.words)}{only}{without}\t{library.gathering.gathered(rule.name)} joined")


@topic.command()
@data_option
@click.argument("name")
def remove(data: Path | None, name: str) -> None:
    """Gather no more into the topic NAME; what joined by its words alone leaves it, and stays in its other topics."""
    with open_library(Settings.load(data)) as library:
        left = library.gathering.remove(name)
    if left is None:
        raise click.ClickException(f"the topic {name} does not gather; see zhidian topic list")
    emit(f"{name} gathers no more; {left} documents left it")
