"""`zhidian web`: the page, by itself or beside the bot."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.options import data_option, emit, library_with_seeds, open_library
from bot.settings import ConfigError, Settings
from retrieval.storage.timestamps import utc_now

if TYPE_CHECKING:
    from bot.page.host import BotPageHost
    from retrieval.library import Library

DEFAULT_PLACE = "127.0.0.1:8080"
START_SECONDS = 300.0  # in which the bot's searching process compiles its dictionary at the first start


@click.command()
@data_option
@click.option("--beside", type=click.Choice(["bot", "terminal"]), hidden=True, help="Which program started this one.")
def web(data: Path | None, beside: str | None) -> None:
    """Serve the page (topics, documents, search, feeds, API) at ZHIDIAN_WEB; it takes no token."""
    from retrieval.listing import open_listing
    from web.application import build_application
    from web.host import PageOptions
    from web.server import ListenError, serve_page
    from web.site.site import open_site

    settings = Settings.load(data)
    place = settings.web or DEFAULT_PLACE
    options = PageOptions(
        url=settings.web_url,
        open=settings.access == "open",
        indexed=settings.web_index == "on",
        search_address=settings.search_address,
        now=utc_now,
    )

    def ready(address: str) -> None:
        if beside is None:
            emit(f"the page is at {settings.web_url or address}; Ctrl-C stops it")

    with ExitStack() as stack:
        library = stack.enter_context(searching_library(settings, beside))
        host = stack.enter_context(open_host(settings, library))
        site = stack.enter_context(open_site(library, open_listing(settings.data, settings.cluster), host, options))
        try:
            serve_page(build_application(site), place, ready, until_closed=beside is not None)
        except ListenError as error:
            raise ConfigError(f"ZHIDIAN_WEB: {error}") from None


@contextmanager
def open_host(settings: Settings, library: "Library") -> "Iterator[BotPageHost]":
    from functools import partial

    from bot.conversation.browsing import BrowseService
    from bot.digest.migrations import subscription_migrations
    from bot.digest.outbox import Outbox
    from bot.digest.planner import DigestPlanner
    from bot.digest.subscription_service import SubscriptionService
    from bot.digest.subscription_store import SubscriptionStore
    from bot.digest.trading_calendar import session
    from bot.monitoring.logging import log_question, start_logging
    from bot.page.host import BotPageHost
    from bot.page.sessions import PageSessions
    from bot.question_log.log import QuestionLog
    from bot.schema import upgrade
    from bot.users.access_list import AccessList
    from bot.users.preferences import UncachedPreferences
    from retrieval.storage.store import Store

    token = settings.token.get_secret_value() if settings.token else ""
    start_logging(token, settings.log_format)
    upgrade(settings.data)
    path = settings.data / "bot.db"
    with ExitStack() as stack:
        question_log = stack.enter_context(closing(QuestionLog(path)))
        question_log.listeners.append(partial(log_question, texts=settings.log_questions == "on"))
        access = stack.enter_context(closing(AccessList(path, settings.access, settings.admins)))
        preferences = stack.enter_context(closing(UncachedPreferences(path)))
        sessions = stack.enter_context(closing(PageSessions(settings.data)))
        subscription_db = stack.enter_context(closing(Store(path, subscription_migrations)))
        subscriptions = SubscriptionStore(subscription_db)
        style = BrowseService(library, question_log, settings.search_address).style
        planner = DigestPlanner(
            library,
            subscriptions,
            Outbox(subscription_db, subscriptions),
            lambda language, _: style(language),
            session,
            access.allows,
        )

        def service() -> SubscriptionService:
            return SubscriptionService(planner, preferences, question_log, utc_now(), lambda _: False)

        yield BotPageHost(sessions, access, preferences, question_log, token, utc_now, library, service)


@contextmanager
def searching_library(settings: Settings, beside: str | None) -> "Iterator[Library]":
    """Searches in the process that searches for the bot; where none does, in one of its own.

    A corpus on a cluster is searched there. This process only reads it, also where the bot beside it writes.
    """
    from retrieval.search_process import SearchProcess
    from retrieval.search_socket import SharedSearch

    if settings.cluster:
        with open_library(settings) as library:
            yield library
        return
    with ExitStack() as stack:
        library = stack.enter_context(library_with_seeds(settings, wait=False))
        shared = stack.enter_context(closing(SharedSearch(settings.data)))
        if shared.wait(START_SECONDS if beside == "bot" else 0):
            library.search_in(shared)
        else:
            own = stack.enter_context(closing(SearchProcess(settings.data, settings.semantic)))
            library.search_in(own)
            own.warm()
        yield library
