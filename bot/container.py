"""What handlers are given: everything behind them, put together once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from bot.analytics.queries import Ledger
from bot.analytics.statistics import Census, Readers, collect_stats
from bot.conversation.answering import Replies
from bot.conversation.suggestions import Starters
from bot.digest.outbox import Outbox
from bot.digest.planner import Planner
from bot.digest.subscription import migrations
from bot.digest.subscription_service import Followings
from bot.digest.subscription_store import Subscriptions
from bot.digest.trading_calendar import SESSIONS
from bot.ingestion.upload_log import Uploads
from bot.ingestion.upload_log import migrations as upload_tables
from bot.ingestion.web import fetcher
from bot.question_log.log import Asker, Journal
from bot.question_log.record import migrations as question_tables
from bot.render.i18n import Language, reader_language
from bot.settings import Settings
from bot.users.access_list import Access
from bot.users.personal_data import Everything, Personal
from bot.users.preferences import People
from bot.users.question_quota import Quota
from feeds.fetcher import Fetcher
from feeds.subscriptions import Feeds
from feeds.subscriptions import migrations as feed_tables
from feeds.sync import Gathering
from retrieval.library import Library
from retrieval.runtime.sandbox import Apart
from retrieval.storage.store import Store
from retrieval.storage.timestamps import utc_now

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Desk:
    """`guests`: whether questions from chats that the bot is not in are answered."""

    replies: Replies
    people: People
    access: Access
    everything: Everything
    quota: Quota
    following: Store
    subscriptions: Subscriptions
    outbox: Outbox
    feeds: Feeds
    web: Fetcher
    apart: Apart
    uploads: Uploads
    ledger: Ledger
    guests: bool = False

    @classmethod
    def of(
        cls,
        settings: Settings,
        library: Library,
        journal: Journal,
        *owners: Personal,
        now: Callable[[], datetime] = utc_now,
    ) -> Self:
        """`owners` are the other modules with people or chats in their tables."""
        path = settings.data / "bot.db"
        replies = Replies(library, journal, settings.search_address, now=now, starters=Starters(library))
        people, access = People(path), Access(path, settings.access, settings.admins)
        following = Store(path, migrations)
        subscriptions = Subscriptions(following)
        outbox = Outbox(following, subscriptions)
        everything = Everything((journal, people, access, subscriptions, outbox, *owners))
        feeds = Feeds(Store(path, feed_tables))
        web, apart = fetcher(settings), Apart()
        uploads = Uploads(Store(path, upload_tables))
        ledger = Ledger(Store(path, question_tables))
        quota, guests = Quota(), settings.guests == "on"
        return cls(
            *(replies, people, access, everything, quota, following, subscriptions, outbox, feeds, web, apart, uploads),
            ledger,
            guests,
        )

    def close(self) -> None:
        self.people.close()
        self.access.close()
        self.following.close()
        self.feeds.close()
        self.web.close()
        self.apart.close()
        self.uploads.close()
        self.ledger.close()

    def here(self, bot_name: str) -> Replies:
        """Telegram tells the bot's name only after the start."""
        return replace(self.replies, bot_name=bot_name)

    def gathering(self) -> Gathering:
        return Gathering(self.replies.library, self.feeds, self.web, self.apart, self.replies.now)

    def planner(self, bot_name: str) -> Planner:
        styles = self.here(bot_name).style
        return Planner(
            self.replies.library,
            self.subscriptions,
            self.outbox,
            styles,
            SESSIONS,
            self.access.allows,
        )

    def followings(self, bot_name: str) -> Followings:
        now = self.replies.now()

        def sourceless(topic: str) -> bool:
            return self.feeds.dead(topic, now - timedelta(days=1))

        return Followings(self.planner(bot_name), self.people, self.replies.journal, now, sourceless)

    def usage(self, days: int) -> Census:
        """The last `days` days, today among them. Blocks on SQLite and on searches."""
        now = self.replies.now()
        readers = Readers(self.subscriptions.chats(), *self.outbox.reached(now - WEEK))
        quotable = self.people.agreed() | self.access.admins
        return collect_stats(self.ledger, self.replies.library, quotable, readers, now, days)

    def language(self, asker: Asker, code: str | None, text: str = "") -> Language:
        """The group's where its administrators chose one, else the person's, else their Telegram's, else the text's."""
        for owner in (asker.chat, asker.user):
            if owner is not None and (chosen := self.people.preferences(owner).language):
                return chosen
        return reader_language(code, text)
