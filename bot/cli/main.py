"""The entry point of `zhidian`: run, ingest, search and digest, and the table of all commands."""

import os
import sys
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.analytics import measure, stats
from bot.cli.assistants import mcp
from bot.cli.cluster import cluster
from bot.cli.feed import feed
from bot.cli.maintenance import backup, check, doctor, remove
from bot.cli.options import (
    CommandGroup,
    compiling_progress,
    data_option,
    embedding_progress,
    emit,
    indexing_progress,
    library_with_seeds,
    now_option,
    open_library,
    parse_time,
)
from bot.cli.output import json_line, piped_lines, refusal_lines, tab_lines
from bot.cli.progress import ProgressBar
from bot.cli.readonly_data import ensure_writable, settings_to_read
from bot.cli.topic import topic
from bot.cli.web import web
from bot.render.html import replace_surrogates
from bot.render.i18n import language_of, say_in
from bot.render.query_echo import unreal_date
from bot.settings import ConfigError, Settings
from retrieval.model.outlets import document_links, is_web
from retrieval.search_process import SearchProcess

if TYPE_CHECKING:
    from bot.app.early_sign import EarlySign
    from bot.render.i18n import Localized
    from retrieval.library import IngestReport, Library

PRIVATE_UMASK = 0o077  # however it is started: what people asked is in these files


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zhidian", message="%(prog)s %(version)s")
@data_option
def main(data: Path | None) -> None:  # noqa: ARG001  # `data_option` keeps it for the commands
    """Zhidian answers questions, Chinese or English, over summaries of news, each point with its source."""
    os.umask(PRIVATE_UMASK)


@main.command()
@data_option
def run(data: Path | None) -> None:
    """Run the bot; without TELEGRAM_BOT_TOKEN, the same bot as a chat in the terminal."""
    with ensure_writable(Settings.load(data)) as (settings, notice):
        if notice:
            from bot.render.i18n import say_in

            click.echo(notice(say_in("en")), err=True)
        if settings.token:
            from bot.app.process_lock import hold_lock

            with hold_lock(settings.data):
                run_telegram(settings, notice)
            return
        from bot.schema import upgrade

        upgrade(settings.data)
        with library_with_seeds(settings, wait=False) as library:
            from bot.app.page_process import serving_page
            from bot.cli.chat import run_terminal
            from retrieval.semantic.loader import load_encoder

            library.start_embedding(partial(load_encoder, settings.semantic, settings.data / "cache"))
            library.start_refresh()
            if settings.web:
                click.echo(f"the page starts at {settings.web_url or f'http://{settings.web}'}", err=True)
            with serving_page(settings.data, settings.web, "terminal"):
                run_terminal(settings, library)


@main.command()
@data_option
@click.option("--topic", default="", metavar="NAME", help="Topic for files that do not name one.")
@click.argument("sources", nargs=-1, metavar="[PATH|URL]...")
@click.pass_context
def ingest(context: click.Context, data: Path | None, topic: str, sources: tuple[str, ...]) -> None:
    """Take in folders, topic exports (.txt), JSON Lines (.jsonl), Markdown (.md), pages (.html) and addresses; the
    folder seeds/ if nothing is named."""
    settings = Settings.load(data)
    addresses = [source for source in sources if is_web(source)]
    paths = [Path(source) for source in sources if not is_web(source)]
    for path in paths:
        if not path.exists():
            raise click.BadParameter(f"Path '{path}' does not exist.", param_hint="'[PATH|URL]...'")
    if not sources and not settings.seeds.exists():
        raise ConfigError(f"ZHIDIAN_SEEDS: there is no {settings.seeds}; name a file or a folder")
    from retrieval.library import IngestReport

    with open_library(settings) as library:
        report = IngestReport()
        if paths or not sources:
            report += library.ingest(paths or (settings.seeds,), ProgressBar(), topic)
        for address in addresses:
            report += ingest_url(library, settings, address, topic)
        library.embed_missing(embedding_progress())
        library.build_index(indexing_progress())
    documents = f"{report.new} new, {report.changed} changed, {report.unchanged} unchanged"
    emit(f"{documents}, {len(report.refused)} refused; {report.points} points; {report.skipped} files skipped")
    for line in refusal_lines(report.refused):
        emit(line)
    if report.refused:
        context.exit(1)


@main.command()
@data_option
@click.option("-k", type=click.IntRange(1, 50), default=10, show_default=True, help="Maximum number of points.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per question, on one line.")
@click.option("--explain", is_flag=True, help="Show the features that decided each point's place and probability.")
@now_option
@click.argument("question")
def search(data: Path | None, k: int, as_json: bool, explain: bool, now: datetime | None, question: str) -> None:
    """Print the points that answer QUESTION, best first; - reads one question per line and answers each in one line."""
    from retrieval.library import MAX_QUESTION_CHARS

    if explain:
        if as_json or question == "-":
            raise click.UsageError("--explain takes one question, and prints no JSON")
        from bot.cli.explanation import print_explanation

        with settings_to_read(data) as settings, library_with_seeds(settings) as library:
            print_explanation(library.explain(replace_surrogates(question), k, now=now or datetime.now(UTC)))
        return
    with settings_to_read(data) as settings, library_with_seeds(settings) as library:
        for asked in piped_lines(sys.stdin.buffer) if question == "-" else [question]:
            result = library.search(replace_surrogates(asked), k, now=now or datetime.now(UTC))
            if result.reading.truncated:
                notice = f"the question was cut: only its first {MAX_QUESTION_CHARS:,} characters were read"
                click.echo(notice, err=True)
            if result.reading.rarest_only:
                click.echo("the question has many words: only the rarest words were read", err=True)
            for one in result.reading.unreal_dates:
                click.echo(unreal_date(one, say_in(language_of(asked))), err=True)
            if as_json:
                emit(json_line(result, partial(document_links, search_address=settings.search_address)))
            elif question == "-":
                emit(next(tab_lines(result), result.verdict))
            elif sys.stdout.isatty():
                from bot.cli.chat import print_answer

                print_answer(result, library, settings, k, now or datetime.now(UTC))
            else:
                for line in tab_lines(result):
                    emit(line)


@main.command()
@data_option
@click.option("--dry-run", is_flag=True, help="Print what would go to whom, and send nothing.")
@click.option("--at", callback=parse_time, metavar="TIME", help="As if it were that time (ISO 8601); now unless given.")
def digest(data: Path | None, dry_run: bool, at: datetime | None) -> None:
    """Print the digests that are due; it is the running bot that sends them."""
    from bot.cli.dry_run import preview_digests

    if not dry_run:
        raise click.UsageError("`zhidian run` sends the digests; say --dry-run to see what it would send")
    with settings_to_read(data) as settings, open_library(settings) as library:
        for text in preview_digests(settings, library, at or datetime.now(UTC)):
            emit(text)


for command in (web, mcp, cluster, measure, stats, feed, topic, remove, check, backup, doctor):
    main.add_command(command)


def run_telegram(settings: Settings, notice: "Localized | None") -> None:
    """Only the search process has the encoder. Whoever writes before the bot can answer gets a sign of life."""
    lexicon = settings.data / "lexicon.bin"
    with ExitStack() as stack:

        def start_search() -> SearchProcess:
            return stack.enter_context(closing(SearchProcess(settings.data, settings.semantic)))

        # It starts while everything below is imported; without a dictionary it would compile one without a word.
        search_process = start_search() if lexicon.exists() and not settings.cluster else None
        from bot.app.early_sign import EarlySign
        from bot.schema import upgrade

        upgrade(settings.data)
        early_sign = stack.enter_context(closing(EarlySign(settings)))
        early_sign.begin()
        if not lexicon.exists():
            from retrieval.language.dictionary_builder import build

            build(lexicon, compiling_progress())
        if settings.cluster:
            run_on_cluster(settings, notice, early_sign)
        else:
            run_with_search_process(settings, notice, early_sign, search_process or start_search())


def run_with_search_process(
    settings: Settings, notice: "Localized | None", early_sign: "EarlySign", search_process: SearchProcess
) -> None:
    from bot.app.page_process import serving_page
    from bot.app.run import run_bot
    from retrieval.semantic.loader import unavailable_reason

    if settings.semantic == "on" and (reason := unavailable_reason()):
        raise ConfigError(f"ZHIDIAN_SEMANTIC: {reason}; ZHIDIAN_SEMANTIC=auto does without where it must")
    with library_with_seeds(settings, wait=False) as library:
        library.search_in(search_process)
        with serving_page(settings.data, settings.web, "bot"):
            run_bot(settings, library, notice=notice, end_early_sign=early_sign.close)


def run_on_cluster(settings: Settings, notice: "Localized | None", early_sign: "EarlySign") -> None:
    """Without a process that searches: the nodes do most of it."""
    from bot.app.page_process import serving_page
    from bot.app.run import run_bot
    from retrieval.semantic.loader import load_encoder

    with open_library(settings, background=True) as library:
        library.start_embedding(partial(load_encoder, settings.semantic, settings.data / "cache"))
        library.start_refresh()
        with serving_page(settings.data, settings.web, "bot"):
            run_bot(settings, library, notice=notice, end_early_sign=early_sign.close)


def ingest_url(library: "Library", settings: Settings, address: str, topic: str) -> "IngestReport":
    from bot.ingestion.web import build_fetcher, fetch_documents
    from retrieval.runtime.sandbox import Sandbox

    with closing(build_fetcher(settings)) as web, closing(Sandbox()) as sandbox:
        return library.add_parsed(fetch_documents(web, sandbox, address, topic), "fetched")
