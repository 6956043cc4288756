"""What handlers are given: everything behind them, put together once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from bot.analytics.queries import QuestionStats
from bot.analytics.statistics import DigestReaders, UsageStats, collect_stats
from bot.conversation.answering import AnswerService
from bot.conversation.suggestions import Suggestions
from bot.digest.migrations import subscription_migrations
from bot.digest.outbox import Outbox
from bot.digest.planner import DigestPlanner
from bot.digest.subscription_service import SubscriptionService
from bot.digest.subscription_store import SubscriptionStore
from bot.digest.trading_calendar import session
from bot.ingestion.upload_log import UploadLog
from bot.ingestion.upload_log import upload_migrations as upload_tables
from bot.ingestion.web import build_fetcher
from bot.question_log.log import Asker, QuestionLog
from bot.question_log.record import question_migrations as question_tables
from bot.render.i18n import Language, reader_language
from bot.settings import Settings
from bot.users.access_list import AccessList
from bot.users.personal_data import HoldsPersonalData, PersonalDataRegistry
from bot.users.preferences import PreferenceStore
from bot.users.question_quota import QuestionQuota
from feeds.fetcher import Fetcher
from feeds.registry import FeedRegistry
from feeds.registry import feed_migrations as feed_tables
from feeds.sync import FeedSync
from retrieval.library import Library
from retrieval.runtime.sandbox import Sandbox
from retrieval.storage.store import Store
from retrieval.storage.timestamps import utc_now

REACHED_SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Services:
    """`guests`: whether questions from chats that the bot is not in are answered."""

    answers: AnswerService
    preferences: PreferenceStore
    access: AccessList
    personal_data: PersonalDataRegistry
    quota: QuestionQuota
    subscription_db: Store
    subscriptions: SubscriptionStore
    outbox: Outbox
    feeds: FeedRegistry
    web: Fetcher
    sandbox: Sandbox
    uploads: UploadLog
    question_stats: QuestionStats
    guests: bool = False

    @classmethod
    def of(
        cls,
        settings: Settings,
        library: Library,
        question_log: QuestionLog,
        *owners: HoldsPersonalData,
        now: Callable[[], datetime] = utc_now,
    ) -> Self:
        """`owners` are the other modules with people or chats in their tables."""
        path = settings.data / "bot.db"
        replies = AnswerService(
            library, question_log, settings.search_address, now=now, suggestions=Suggestions(library)
        )
        people, access = PreferenceStore(path), AccessList(path, settings.access, settings.admins)
        following = Store(path, subscription_migrations)
        subscriptions = SubscriptionStore(following)
        outbox = Outbox(following, subscriptions)
        everything = PersonalDataRegistry((question_log, people, access, subscriptions, outbox, *owners))
        feeds = FeedRegistry(Store(path, feed_tables))
        web, apart = build_fetcher(settings), Sandbox()
        uploads = UploadLog(Store(path, upload_tables))
        ledger = QuestionStats(Store(path, question_tables))
        quota, guests = QuestionQuota(), settings.guests == "on"
        return cls(
            *(replies, people, access, everything, quota, following, subscriptions, outbox, feeds, web, apart, uploads),
            ledger,
            guests,
        )

    def close(self) -> None:
        self.preferences.close()
        self.access.close()
        self.subscription_db.close()
        self.feeds.close()
        self.web.close()
        self.sandbox.close()
        self.uploads.close()
        self.question_stats.close()

    def for_bot(self, bot_name: str) -> AnswerService:
        """Telegram tells the bot's name only after the start."""
        return replace(self.answers, bot_name=bot_name)

    def feed_sync(self) -> FeedSync:
        return FeedSync(self.answers.library, self.feeds, self.web, self.sandbox, self.answers.now)

    def planner(self, bot_name: str) -> DigestPlanner:
        styles = self.for_bot(bot_name).style
        return DigestPlanner(
            self.answers.library,
            self.subscriptions,
            self.outbox,
            styles,
            session,
            self.access.allows,
        )

    def subscription_service(self, bot_name: str) -> SubscriptionService:
        now = self.answers.now()

        def sourceless(topic: str) -> bool:
            return self.feeds.all_failing(topic, now - timedelta(days=1))

        return SubscriptionService(self.planner(bot_name), self.preferences, self.answers.question_log, now, sourceless)

    def usage_stats(self, days: int) -> UsageStats:
        """The last `days` days, today among them. Blocks on SQLite and on searches."""
        now = self.answers.now()
        readers = DigestReaders(self.subscriptions.chats(), *self.outbox.reached(now - REACHED_SPAN))
        quotable = self.preferences.agreed() | self.access.admins
        return collect_stats(self.question_stats, self.answers.library, quotable, readers, now, days)

    def language(self, asker: Asker, code: str | None, text: str = "") -> Language:
        """The group's where its administrators chose one, else the person's, else their Telegram's, else the text's."""
        for owner in (asker.chat, asker.user):
            if owner is not None and (chosen := self.preferences.preferences(owner).language):
                return chosen
        return reader_language(code, text)
