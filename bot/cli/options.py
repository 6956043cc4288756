"""What all commands share: error handling, --data and --now, opening the library, writing results."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.cli.progress import ProgressBar
from bot.settings import ConfigError, Settings
from retrieval.model.documents import BEIJING
from retrieval.model.errors import CorpusError, CorpusUnreachableError, LaterVersionError
from retrieval.runtime.errors import MissingKernelsError

if TYPE_CHECKING:
    from retrieval.library import Library

Command = TypeVar("Command", bound=Callable[..., Any])

OPERATOR_ERRORS = (ConfigError, CorpusError, CorpusUnreachableError, LaterVersionError, MissingKernelsError)
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class CommandGroup(click.Group):
    """Ends quietly on Ctrl-C and a closed pipe, and with one line for errors that the operator can fix."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)
        except BrokenPipeError:
            # Python flushes standard output again at exit, and would fail there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(141)
        except (*OPERATOR_ERRORS, OSError, sqlite3.Error) as error:
            raise click.ClickException(str(error)) from error


def latest_data(context: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """`--data` may stand before or after the command; the later one counts."""
    return value or context.find_root().params.get("data")


def data_option(command: Command) -> Command:
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        callback=latest_data,
        metavar="DIR",
        help="Folder of the SQLite files; beats ZHIDIAN_DATA.  [default: data]",
    )(command)


def parse_time(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value} is no time in ISO 8601") from None
    return time if time.tzinfo else time.replace(tzinfo=BEIJING)


now_option = click.option("--now", callback=parse_time, metavar="TIME", hidden=True)


def emit(text: str) -> None:
    """Writes a result as UTF-8 whatever the locale, and flushes: a caller that asks line by line waits for it."""
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def open_library(settings: Settings, *, background: bool = False) -> "Iterator[Library]":
    """`background` leaves the encoder to `Library.start_embedding`."""
    from retrieval.library import Library
    from retrieval.runtime.kernels import require_library
    from retrieval.semantic.encoder import SemanticError
    from retrieval.semantic.loader import load_encoder

    require_library()
    try:
        encoder = load_encoder("off" if background else settings.semantic, settings.data / "cache")
    except SemanticError as error:
        raise ConfigError(f"ZHIDIAN_SEMANTIC: {error}") from None
    library = Library(settings.data, compiling_progress(), encoder, settings.cluster)
    try:
        if report := library.rebuild(ProgressBar()):
            click.echo(f"made the corpus anew from what was kept: {report.new} documents", err=True)
        yield library
    finally:
        library.close()


def compiling_progress() -> Callable[[int], None]:
    bar = ProgressBar("compiling the dictionary", unit="")
    return lambda percent: bar("", percent, 100)


def embedding_progress() -> ProgressBar:
    return ProgressBar("reading the meaning of", "point")


def indexing_progress() -> ProgressBar:
    return ProgressBar("indexing", "point")


@contextmanager
def library_with_seeds(settings: Settings, *, wait: bool = True) -> "Iterator[Library]":
    """A library that never had a document takes in the seeds; `wait` until they have vectors."""
    with open_library(settings, background=not wait) as library:
        if library.is_pristine() and settings.seeds.is_dir():
            report = library.ingest((settings.seeds,), ProgressBar())
            click.echo(f"took in {report.new} summaries, {report.points} points from {settings.seeds}", err=True)
            if wait:
                library.embed_missing(embedding_progress())
                library.build_index(indexing_progress())
        yield library
