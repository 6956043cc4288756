"""`zhidian remove`, `check`, `backup` and `doctor`."""

import asyncio
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli.options import data_option, embedding_progress, emit, open_library
from bot.settings import ConfigError, Settings
from retrieval.model.documents import BEIJING

SEVERITY_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}
MAX_DOCUMENTS_SHOWN = 20  # before they are removed


@click.command()
@data_option
@click.option("--topic", metavar="NAME", help="All documents of a topic.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="All published before that day.")
@click.option("--undo", is_flag=True, help="Let the named documents in again; then ingest or fetch them anew.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
def remove(
    data: Path | None, topic: str | None, before: datetime | None, undo: bool, yes: bool, ids: tuple[str, ...]
) -> None:
    """Delete documents, and keep them out of what is ingested or fetched later."""
    if not ids and topic is None and before is None:
        raise click.UsageError("say which: ids (as `search --json` has them), --topic or --before")
    with open_library(Settings.load(data)) as library:
        if undo:
            library.allow_again(ids)
            emit(f"{len(ids)} may come in again")
            return
        day = before.replace(tzinfo=BEIJING) if before else None
        found = library.select_documents(ids, topic, day)
        for document in found[:MAX_DOCUMENTS_SHOWN]:
            emit(f"{document.id}\t{document.published:%Y-%m-%d}\t{document.outlet.name}\t{document.title}")
        if len(found) > MAX_DOCUMENTS_SHOWN:
            emit(f"… and {len(found) - MAX_DOCUMENTS_SHOWN} more")
        if not found:
            raise click.ClickException("no such documents")
        if not yes and not click.confirm(f"Remove {len(found)} documents?", err=True):
            raise click.Abort
        count = library.remove([document.id for document in found])
        library.embed_missing(embedding_progress())  # which deletes the vectors of what was removed
        emit(f"{count} removed")


@click.command()
@data_option
@click.option("--fix", is_flag=True, help="Mend what can be mended.")
@click.pass_context
def check(context: click.Context, data: Path | None, fix: bool) -> None:
    """Check the data folder for damage and inconsistencies; exit code 1 if something is left to do."""
    from retrieval.administration.maintenance import check as find_problems

    folder = Settings.load(data).data
    if not folder.is_dir():
        raise ConfigError(f"ZHIDIAN_DATA: there is no {folder}")
    left = 0
    for problem in find_problems(folder, fix=fix):
        left += not problem.mended
        emit(f"{'mended: ' if problem.mended else ''}{problem.text}")
    emit("all is well" if not left else f"{left} left to do; `zhidian check --fix` mends what can be mended")
    if left:
        context.exit(1)


@click.command()
@data_option
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
def backup(data: Path | None, folder: Path) -> None:
    """Back up everything that cannot be rebuilt into a new folder in DIR; the bot may keep running."""
    from retrieval.administration.maintenance import backup as copy_data

    settings = Settings.load(data)
    if not settings.data.is_dir():
        raise ConfigError(f"ZHIDIAN_DATA: there is no {settings.data}")
    emit(str(copy_data(settings.data, folder, datetime.now(UTC))))


@click.command()
@data_option
@click.option("--all-outlets", is_flag=True, help="Try the search of every outlet, not only of twelve.")
@click.pass_context
def doctor(context: click.Context, data: Path | None, all_outlets: bool) -> None:
    """Check everything the bot needs and suggest a remedy for each problem; nothing is changed.

    Exit code 1 where something keeps the bot from working.
    """
    from bot.doctor.finding import finding_table
    from bot.doctor.run import run_checks

    logging.basicConfig(handlers=[logging.NullHandler()])  # the findings already say what libraries would log
    settings, wrong = Settings.usable(data)
    found = asyncio.run(run_checks(settings, wrong, os.environ, all_outlets=all_outlets))
    for line in finding_table(found, settings.secrets()):
        severity = line.partition(" ")[0]
        colour = SEVERITY_COLOURS.get(severity) if sys.stdout.isatty() else None
        emit(click.style(severity, colour) + line.removeprefix(severity) if colour else line)
    if any(one.severity == "error" for one in found):
        context.exit(1)
