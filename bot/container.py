"""The services: settings, library and question log go in, everything that handlers call comes out, built once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from bot.analytics.anonymizer import MIN_PEOPLE
from bot.analytics.queries import QuestionStats
from bot.analytics.statistics import DigestReaders, UsageStats, collect_stats
from bot.conversation.conversation import ConversationService
from bot.conversation.prompt_answers import PromptAnswers
from bot.conversation.recognizer import Recognizer
from bot.conversation.search_line import LoopSearch
from bot.conversation.suggestions import Suggestions
from bot.digest.migrations import subscription_migrations
from bot.digest.outbox import Outbox
from bot.digest.planner import DigestPlanner
from bot.digest.subscription_service import SubscriptionService
from bot.digest.subscription_store import SubscriptionStore
from bot.digest.trading_calendar import session
from bot.ingestion.upload_log import UploadLog, upload_migrations
from bot.ingestion.uploader import Uploader
from bot.ingestion.web import build_fetcher
from bot.language_model.service import LanguageModel
from bot.page.sessions import PageSessions
from bot.question_log.log import Asker, QuestionLog
from bot.question_log.record import question_migrations
from bot.render.answer import RenderContext
from bot.render.i18n import Language
from bot.render.translation import LinesFor
from bot.settings import Settings
from bot.transport.message_editor import MessageEditor
from bot.users.access_list import AccessList
from bot.users.personal_data import HoldsPersonalData, PersonalDataRegistry
from bot.users.preferences import PreferenceStore
from bot.users.question_quota import QuestionQuota
from feeds.fetcher import Fetcher
from feeds.registry import FeedRegistry, feed_migrations
from feeds.sync import FeedSync
from retrieval.library import Library
from retrieval.runtime.sandbox import Sandbox
from retrieval.storage.store import Store
from retrieval.storage.timestamps import utc_now
from web.addresses import Addresses

UPLOAD_SECONDS = 120.0  # to read one upload: an export of 20 MB, the most that Telegram hands out, takes twenty
REACHED_SPAN = timedelta(days=7)
POPULAR_SPAN = timedelta(days=30)  # of the questions that /start suggests
MAX_POPULAR_READ = 10  # of which the first with a good answer are suggested


@dataclass(frozen=True, slots=True)
class Services:
    """`model` is None where the operator has none; `guests`: whether chats without the bot are answered."""

    answers: ConversationService
    preferences: PreferenceStore
    page_sessions: PageSessions
    access: AccessList
    personal_data: PersonalDataRegistry
    quota: QuestionQuota
    press_quota: QuestionQuota
    inline_quota: QuestionQuota
    subscription_db: Store
    subscriptions: SubscriptionStore
    outbox: Outbox
    feeds: FeedRegistry
    web: Fetcher
    sandbox: Sandbox
    upload_sandbox: Sandbox
    uploads: UploadLog
    question_stats: QuestionStats
    editor: MessageEditor
    prompt_answers: PromptAnswers
    model: LanguageModel | None = None
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
        """`owners`: further owners of tables with people or chats."""
        path = settings.data / "bot.db"
        stats = QuestionStats(Store(path, question_migrations))

        def popular(at: datetime) -> list[str]:
            return stats.popular(at - POPULAR_SPAN, MIN_PEOPLE, MAX_POPULAR_READ)

        suggestions = Suggestions(library, popular)
        preferences, access = PreferenceStore(path), AccessList(path, settings.access, settings.admins, now)
        page_sessions, subscription_db = PageSessions(settings.data, now), Store(path, subscription_migrations)
        subscriptions = SubscriptionStore(subscription_db)
        outbox = Outbox(subscription_db, subscriptions)
        return cls(
            answers=ConversationService(
                library,
                question_log,
                settings.search_address,
                now=now,
                suggestions=suggestions,
                recognizer=Recognizer(None if settings.semantic == "off" else library.nearness),
                page=Addresses(settings.public_page) if settings.public_page else None,
            ),
            preferences=preferences,
            page_sessions=page_sessions,
            access=access,
            personal_data=PersonalDataRegistry(
                (question_log, preferences, page_sessions, access, subscriptions, outbox, *owners),
                subscription_db.truncate_wal,
            ),
            quota=QuestionQuota(settings.questions_per_minute),
            press_quota=QuestionQuota(settings.presses_per_minute),
            inline_quota=QuestionQuota(settings.inline_per_minute),
            subscription_db=subscription_db,
            subscriptions=subscriptions,
            outbox=outbox,
            feeds=FeedRegistry(Store(path, feed_migrations)),
            web=build_fetcher(settings),
            sandbox=Sandbox(),
            upload_sandbox=Sandbox(UPLOAD_SECONDS),
            uploads=UploadLog(Store(path, upload_migrations)),
            question_stats=stats,
            editor=MessageEditor(),
            prompt_answers=PromptAnswers(LoopSearch(library.take_line_end)),
            model=LanguageModel.of(settings, library.lexicon, now) if settings.has_model else None,
            guests=settings.guests == "on",
        )

    def close(self) -> None:
        own = (self.preferences, self.access, self.subscription_db, self.feeds, self.web, self.uploads)
        models = (self.model,) if self.model else ()
        further = (
            self.prompt_answers.search,
            self.page_sessions,
            self.sandbox,
            self.upload_sandbox,
            self.question_stats,
        )
        for resource in (*own, *further, *models):
            resource.close()

    def for_bot(self, bot_name: str, chat: int | None = None) -> ConversationService:
        """Telegram gives the bot's name only after the start. Answers for a `chat` can be completed by a model."""
        if chat is None:
            return replace(self.answers, bot_name=bot_name)
        chosen = self.preferences.preferences(chat)
        if self.model is None:
            return replace(self.answers, bot_name=bot_name, reads=chosen.language)
        return replace(
            self.answers,
            bot_name=bot_name,
            reads=chosen.language,
            translations=None if chosen.untranslated else self.model.lines.awaited,
            numbered=self.composes_for(chat),
        )

    def composes_for(self, chat: int) -> bool:
        """Whether a model may read questions of this chat: a private one that was told so and did not turn it off."""
        if self.model is None or self.model.composer is None or chat < 0:
            return False
        chosen = self.preferences.preferences(chat)
        return chosen.told == self.model.host and not chosen.uncomposed

    def feed_sync(self) -> FeedSync:
        return FeedSync(self.answers.library, self.feeds, self.web, self.sandbox, self.answers.now)

    def uploader(self) -> Uploader:
        return Uploader(self.answers.library, self.uploads, self.web, self.upload_sandbox, self.answers.now)

    def planner(self, bot_name: str, translations: LinesFor | None = None) -> DigestPlanner:
        """`translations` are those that are known already, unless others are given."""
        answers, allows = self.for_bot(bot_name), self.access.allows
        lines = translations or (self.model.lines.known if self.model else None)

        def style(language: Language, chat: int) -> RenderContext:
            chosen = None if lines is None or self.preferences.preferences(chat).untranslated else lines
            return replace(answers, translations=chosen).style(language)

        return DigestPlanner(self.answers.library, self.subscriptions, self.outbox, style, session, allows)

    def subscription_service(self, bot_name: str) -> SubscriptionService:
        now = self.answers.now()

        def sourceless(topic: str) -> bool:
            return self.feeds.all_failing(topic, now - timedelta(days=1))

        planner = self.planner(bot_name, self.model.lines.awaited if self.model else None)
        return SubscriptionService(planner, self.preferences, self.answers.question_log, now, sourceless)

    def usage_stats(self, days: int) -> UsageStats:
        """The last `days` days, including today. Blocks on SQLite and on searches."""
        now = self.answers.now()
        readers = DigestReaders(self.subscriptions.chats(), *self.outbox.reached(now - REACHED_SPAN))
        quotable = self.preferences.agreed() | self.access.admins
        return collect_stats(self.question_stats, self.answers.library, quotable, readers, now, days)

    def language(self, asker: Asker, code: str | None, text: str = "") -> Language:
        return self.preferences.language((asker.chat, asker.user), code, text)

    def operator_language(self, admin: int) -> Language:
        """Of alarms, which answer no message of theirs. Blocks on SQLite."""
        return self.preferences.preferences(admin).language or "zh"
