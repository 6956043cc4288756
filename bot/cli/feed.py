"""`zhidian feed …`: add, list, remove, fetch, test, import and export feeds."""

import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from bot.cli.options import EXISTING_FILE, data_option, emit, open_library
from bot.settings import Settings

if TYPE_CHECKING:
    from feeds.registry import Feed, FeedRegistry
    from feeds.source import ParsedSource
    from feeds.sync import FeedSync, SyncResult

PREVIEWED_ENTRIES = 3  # whose pages `feed test` fetches
DURATION_UNITS = {"m": 60, "h": 3600, "d": 86_400}
MIN_INTERVAL = timedelta(minutes=5)  # more often would be rude


class Interval(click.ParamType[timedelta]):
    """30m, 2h, 1d."""

    name = "time"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,4})([mhd])", str(value))
        if not found or (pause := timedelta(seconds=int(found[1]) * DURATION_UNITS[found[2]])) < MIN_INTERVAL:
            self.fail(f"{value} is no time such as 30m, 2h or 1d, of five minutes at least", parameter, context)
        return pause


every_option = click.option("--every", type=Interval(), help="How often to look; 30m if it is new and none is given.")
links_option = click.option(
    "--links", default=None, metavar="SELECTOR", help="A list page: which of its links are articles, as in CSS."
)
topic_option = click.option("--topic", default="", metavar="NAME", help="Of what comes in; the feed's title if none.")


@click.group()
def feed() -> None:
    """Sources that the bot follows by itself: RSS, Atom, list pages, sitemaps."""


@feed.command()
@data_option
@topic_option
@every_option
@links_option
@click.argument("url")
def add(data: Path | None, topic: str, every: timedelta | None, links: str | None, url: str) -> None:
    """Follow URL; the running bot looks there at once, and then every so often.

    Of a feed that is followed already, what is not named stays as it is.
    """
    from feeds.fetcher import FetchError, check_address

    with open_sync(data) as sync:
        try:
            known = sync.feeds.find(check_address(url))
        except FetchError as error:
            raise click.ClickException(f"{error}; nothing was added") from None
        selector = links if links is not None else known.links if known else ""
        url, offered = preview(sync, url, selector, "; nothing was added")
        topic = topic or (known.topic if known else offered.title)
        if not topic:
            raise click.ClickException(f"{url} has no title; name its topic with --topic")
        new = sync.feeds.add(url, topic, every or interval_of(known), selector, datetime.now(UTC))
        emit(f"{'following' if new else 'changed'} {url}: {len(offered.entries)} entries now, for the topic {topic}")


@feed.command("list")
@data_option
def list_feeds(data: Path | None) -> None:
    """The feeds: number, topic, address, when last fetched, and what fails."""
    with open_feeds(data) as feeds:
        for one in feeds.all():
            emit(feed_line(one))


@feed.command()
@data_option
@click.argument("named", metavar="URL|NUMBER")
def remove(data: Path | None, named: str) -> None:
    """Stop following a feed; its documents stay."""
    with open_feeds(data) as feeds:
        if not feeds.remove(named):
            raise click.ClickException(f"no feed {named} is followed; see zhidian feed list")
        emit(f"removed {named}")


@feed.command()
@data_option
@click.argument("named", nargs=-1, metavar="[URL|NUMBER]...")
def fetch(data: Path | None, named: tuple[str, ...]) -> None:
    """Fetch feeds now, even if not due: all of them, or those named."""
    with open_sync(data) as sync:
        chosen = [one for one in sync.feeds.all() if not named or one.url in named or str(one.id) in named]
        if named and len(chosen) < len(set(named)):
            raise click.ClickException("not all of these are followed; see zhidian feed list")
        failed = False
        for one in chosen:
            result = sync.sync(one)
            failed = failed or bool(result.error)
            emit(f"{one.url}: {result_line(result)}")
            for what, why in result.refused:
                emit(f"  {what}: {why}")
        if failed:
            raise SystemExit(1)


@feed.command()
@data_option
@topic_option
@links_option
@click.argument("url")
def test(data: Path | None, topic: str, links: str | None, url: str) -> None:
    """Print what URL would bring, and the digest item it would make; nothing is saved."""
    from bot.cli.chat import terminal_language
    from bot.cli.dry_run import preview_document
    from bot.render.answer import RenderContext
    from retrieval.model.documents import BEIJING, Document
    from retrieval.model.outlets import document_links

    style = RenderContext(terminal_language(os.environ), document_links, datetime.now(BEIJING).date())
    with open_sync(data) as sync:
        _, offered = preview(sync, url, links or "")
        emit(f"{offered.title or url}: {len(offered.entries)} entries")
        for entry in offered.entries[:PREVIEWED_ENTRIES]:
            read = sync.read_entry(entry, topic or offered.title or "-", offered.title)
            emit("")
            if isinstance(read, Document):
                emit(preview_document(read, style))
            else:
                emit(f"{entry.link or entry.title}: refused, {read[0]}")


@feed.command("import")
@data_option
@every_option
@click.option("--topic", default="", metavar="NAME", help="Of all; else each outline's own folder, or its feed's host.")
@click.argument("file", type=EXISTING_FILE, metavar="FILE.opml")
def import_opml(data: Path | None, every: timedelta | None, topic: str, file: Path) -> None:
    """Follow all feeds of an OPML file."""
    from feeds.fetcher import FetchError, check_address
    from feeds.opml import read_opml
    from feeds.source import SourceError

    new = changed = 0
    try:
        found = list(read_opml(file.read_bytes()))
    except SourceError as error:
        raise click.ClickException(f"{file}: {error}") from None
    with open_feeds(data) as feeds:
        for outline in found:
            try:
                url = check_address(outline.url)
            except FetchError as error:
                emit(f"  {error}")
                continue
            known = feeds.find(url)
            named = topic or outline.topic or (known.topic if known else urlsplit(url).hostname or url)
            pause = every or (timedelta(seconds=outline.every) if outline.every else interval_of(known))
            selector = outline.links or (known.links if known else "")
            if feeds.add(url, named, max(pause, MIN_INTERVAL), selector, datetime.now(UTC)):
                new += 1
            else:
                changed += 1
    emit(f"{new} new, {changed} changed")


@feed.command("export")
@data_option
def export_opml(data: Path | None) -> None:
    """Print all feeds as OPML, a folder for each topic; other readers and `feed import` read it."""
    from feeds.opml import Outline, write_opml

    with open_feeds(data) as feeds:
        outlines = [Outline(one.url, one.topic, one.title, one.every, one.links) for one in feeds.all()]
    click.echo(write_opml(outlines), nl=False)


def interval_of(feed: "Feed | None") -> timedelta:
    from feeds.registry import DEFAULT_INTERVAL

    return timedelta(seconds=feed.every) if feed else DEFAULT_INTERVAL


@contextmanager
def open_feeds(data: Path | None) -> "Iterator[FeedRegistry]":
    from feeds.registry import FeedRegistry, feed_migrations
    from retrieval.storage.store import Store

    feeds = FeedRegistry(Store(Settings.load(data).data / "bot.db", feed_migrations))
    try:
        yield feeds
    finally:
        feeds.close()


@contextmanager
def open_sync(data: Path | None) -> "Iterator[FeedSync]":
    from bot.ingestion.web import build_fetcher
    from feeds.sync import FeedSync
    from retrieval.runtime.sandbox import Sandbox

    settings = Settings.load(data)
    with (
        open_feeds(data) as feeds,
        open_library(settings) as library,
        closing(build_fetcher(settings)) as web,
        closing(Sandbox()) as sandbox,
    ):
        yield FeedSync(library, feeds, web, sandbox, lambda: datetime.now(UTC))


def preview(sync: "FeedSync", url: str, links: str, consequence: str = "") -> "tuple[str, ParsedSource]":
    """The normalized address, and what it offers; a ClickException says why not, and the consequence."""
    from feeds.fetcher import FetchError, check_address
    from feeds.interruption import reason_of
    from feeds.source import SourceError
    from retrieval.runtime.sandbox import SandboxError

    try:
        url = check_address(url)
        return url, sync.preview(sync.web.get(url), links)
    except (FetchError, SourceError, SandboxError) as error:
        raise click.ClickException(f"{reason_of(error)}{consequence}") from None


def feed_line(feed: "Feed") -> str:
    state = f"{feed.failures} failures: {feed.error}" if feed.failures else "well"
    fetched = f"{datetime.fromtimestamp(feed.fetched, UTC):%Y-%m-%d %H:%M}Z" if feed.fetched else "never"
    return "\t".join((str(feed.id), feed.topic, feed.url, f"{feed.every // 60}m", fetched, state))


def result_line(result: "SyncResult") -> str:
    if result.error or result.unchanged:
        return result.error or "nothing new"
    return f"{len(result.documents)} came in, {len(result.refused)} refused"
