"""`zhidian stats` and `measure`: statistics of questions, and search quality over files of questions."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.options import (
    EXISTING_FILE,
    data_option,
    embedding_progress,
    emit,
    library_with_seeds,
    now_option,
    open_library,
)
from bot.cli.output import result_table
from bot.cli.readonly_data import settings_to_read
from bot.render.html import truncate
from bot.settings import ConfigError

if TYPE_CHECKING:
    from bot.container import Services

FAILURE_CHARS = 100  # of a failed question, and of its first point
BAR_WIDTH_CHARS = 40
BAR_STYLES = ("blue", "yellow", "red")  # answered, perhaps, not found


@contextmanager
def open_services(data: Path | None) -> "Iterator[Services]":
    from bot.container import Services
    from bot.question_log.log import QuestionLog
    from bot.schema import upgrade

    with settings_to_read(data) as settings:
        if not settings.data.is_dir():
            raise ConfigError(f"ZHIDIAN_DATA: there is no {settings.data}")
        upgrade(settings.data)
        with (
            open_library(settings) as library,
            closing(QuestionLog(settings.data / "bot.db")) as question_log,
            closing(Services.of(settings, library, question_log)) as services,
        ):
            yield services


@click.command()
@data_option
@click.option(
    "--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="Number of days, up to today."
)
def stats(data: Path | None, days: int) -> None:
    """Print what people ask: questions a day, what was not found, what was thought of answers, who reads digests."""
    from rich.text import Text

    from bot.analytics import report
    from bot.cli import chat
    from bot.render.i18n import say_in

    say, console = say_in(chat.terminal_language(os.environ)), chat.open_console()
    with open_services(data) as services:
        usage = services.usage_stats(days)
    chat.show([report.render_caption(usage, say)], console)
    for day, parts, count in report.draw_bars(usage.days, BAR_WIDTH_CHARS):
        console.print(Text.assemble(f"{day} {count:>6}  ", *zip(parts, BAR_STYLES, strict=True)))
    console.print(f"{say('stats-bars')}\n")
    chat.show(report.render_pages(usage, say), console)


@click.command()
@data_option
@click.option(
    "--unanswerable",
    type=EXISTING_FILE,
    metavar="FILE",
    help="File of questions that should find nothing (kind, tab, question).",
)
@click.option("--from-feedback", is_flag=True, help="Write question files from readers' feedback.")
@click.option("--self", "itself", is_flag=True, help="Check that the corpus finds what its own points say.")
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Folder for these files.")
@now_option
@click.argument("questions", type=EXISTING_FILE, metavar="[QUESTIONS.tsv]", required=False)
def measure(
    data: Path | None,
    unanswerable: Path | None,
    from_feedback: bool,
    itself: bool,
    to: Path | None,
    now: datetime | None,
    questions: Path | None,
) -> None:
    """Measure R@1, R@3, R@10, MRR and verdicts over lines of kind, question and expected words, tab-separated."""
    if itself:
        if questions or unanswerable or from_feedback or to:
            raise click.UsageError("--self needs only the corpus; measure files in a second step")
        check_corpus(data, now or datetime.now(UTC))
    elif from_feedback:
        if questions or unanswerable:
            raise click.UsageError("--from-feedback makes a file of questions; measure it in a second step")
        write_judgments(data, to)
    elif questions is None:
        raise click.UsageError("name a file of questions, say --from-feedback to make one, or say --self")
    elif to:
        raise click.UsageError("--to is for what --from-feedback makes")
    else:
        measure_files(data, unanswerable, now or datetime.now(UTC), questions)


def write_judgments(data: Path | None, to: Path | None) -> None:
    """Good answers go to standard output, or with wrong ones into two files of the folder `to`."""
    from bot.analytics.judgments import build_files

    with open_services(data) as services:
        judged = services.question_stats.feedback()
        texts = services.answers.library.texts({one.point for one in judged})
        quotable = services.preferences.agreed() | services.access.admins
        made = build_files(judged, services.question_stats.questions(), quotable, texts)
    if to:
        to.mkdir(parents=True, exist_ok=True)
        for name, lines in (("questions.tsv", made.answerable), ("unanswerable.tsv", made.wrong)):
            (to / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
            emit(f"{to / name}: {len(lines)}")
    else:
        for line in made.answerable:
            emit(line)
        if made.wrong:
            click.echo(f"{len(made.wrong)} more were judged wrong: --to DIR writes them, too", err=True)
    if made.unseen:
        click.echo(
            f"{made.unseen} are left out: fewer than three people asked so, and the asker has not agreed in /settings"
            " that it be shown",
            err=True,
        )
    if made.gone:
        click.echo(f"{made.gone} are left out: the point that was right is not there any more", err=True)


def check_corpus(data: Path | None, now: datetime) -> None:
    from retrieval.evaluation import self_check

    with settings_to_read(data) as settings, library_with_seeds(settings) as library:
        library.embed_missing(embedding_progress())
        documents = library.recent(self_check.MAX_CHECKED_DOCUMENTS)
        rows, failures = self_check.run_checks(partial(library.search, k=1, now=now), documents)
        emit(result_table(rows))
        for failure in failures:
            question, first = (truncate(text, FAILURE_CHARS) for text in (failure.question, failure.first or "–"))
            emit(f"{failure.kind}: {question} → {first}")


def measure_files(data: Path | None, unanswerable: Path | None, now: datetime, questions: Path) -> None:
    from retrieval.evaluation import gold_questions

    try:
        answerable = gold_questions.read_answerable(questions)
        others = gold_questions.read_unanswerable(unanswerable) if unanswerable else []
    except gold_questions.QuestionFileError as error:
        raise click.ClickException(str(error)) from None
    with settings_to_read(data) as settings, library_with_seeds(settings) as library:
        library.embed_missing(embedding_progress())
        search = partial(library.search, k=gold_questions.SEARCH_DEPTH, now=now)
        done = gold_questions.measure_questions(search, answerable)
        emit(result_table(gold_questions.recall_rows(done)))
        emit("\n" + result_table([*gold_questions.verdict_shares(done), gold_questions.first_rank_verdicts(done)]))
        if others:
            emit("\n" + result_table(gold_questions.verdict_shares(gold_questions.measure_questions(search, others))))
