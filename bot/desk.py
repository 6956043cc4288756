"""What handlers are given: everything behind them, put together once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from bot.access import Access
from bot.catalogue import Language, reader_language
from bot.census import Census, Readers, collect_stats
from bot.database import Store
from bot.feeds import Feeds
from bot.feeds import migrations as feed_tables
from bot.followings import Followings
from bot.gathering import Gathering
from bot.journal import Asker, Journal
from bot.ledger import Ledger
from bot.markets import SESSIONS
from bot.outbox import Outbox
from bot.people import People
from bot.personal import Everything, Personal
from bot.planning import Planner
from bot.questions import migrations as question_tables
from bot.quota import Quota
from bot.replies import Replies
from bot.settings import Settings
from bot.sources import fetcher
from bot.starters import Starters
from bot.subscriptions import Subscriptions
from bot.uploads import Uploads
from bot.uploads import migrations as upload_tables
from bot.wishes import migrations
from feeds.fetching import Fetcher
from retrieval.apart import Apart
from retrieval.library import Library
from retrieval.timestamps import utc_now

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
