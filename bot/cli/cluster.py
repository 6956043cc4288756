"""`zhidian cluster`: the state of the cluster with the corpus, and its indexes made anew."""

from pathlib import Path

import click

from bot.cli.options import data_option, emit, open_library
from bot.cli.progress import ProgressBar
from bot.settings import ConfigError, Settings

UNSET = "ZHIDIAN_CORPUS is not set: the corpus is in the data folder; see docs/cluster.md"


@click.group()
def cluster() -> None:
    """A corpus on OpenSearch: its state, and its indexes."""


@cluster.command()
@data_option
@click.pass_context
def status(context: click.Context, data: Path | None) -> None:
    """Check the cluster of ZHIDIAN_CORPUS; exit code 1 where something keeps questions from being answered."""
    settings = _settings(data)
    from bot.doctor.cluster import check_cluster
    from bot.doctor.finding import finding_table

    found = list(check_cluster(settings))
    emit(str(settings.cluster))
    for line in finding_table(found, settings.secrets()):
        emit(line)
    if any(one.severity == "error" for one in found):
        context.exit(1)


@cluster.command()
@data_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def reindex(data: Path | None, yes: bool) -> None:
    """Make the indexes anew from this machine's documents; questions are answered from the old ones until then.

    Whatever corpus is there under the prefix is replaced.
    """
    settings = _settings(data)
    with open_library(settings) as library:
        question = f"Replace the corpus on {settings.cluster} by the documents of {settings.data}?"
        if not yes and not click.confirm(question, err=True):
            raise click.Abort
        documents = library.reindex_cluster(ProgressBar("writing", "point"))
        emit(f"{documents} documents are on {settings.cluster}")


def _settings(data: Path | None) -> Settings:
    settings = Settings.load(data)
    if not settings.cluster:
        raise ConfigError(UNSET)
    return settings
