"""A life of digests with a clock that is driven: corpus, subscriptions, outbox and delivery before the double."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path

from telegram.ext import ExtBot

from bot.delivery.dispatcher import DeliveryLoop
from bot.delivery.sender import OutboxSender
from bot.digest import trading_calendar
from bot.digest.awaited_words import awaited_words
from bot.digest.migrations import subscription_migrations
from bot.digest.outbox import Outbox
from bot.digest.planner import DigestPlanner
from bot.digest.schedule import Schedule, next_delivery
from bot.digest.standing_questions import StandingQuestions
from bot.digest.subscription import Destination, Subscription, SubscriptionKind, SubscriptionSpec
from bot.digest.subscription_store import SubscriptionStore
from bot.render.answer import RenderContext
from bot.render.i18n import Language, Localized, say_in
from bot.transport.rate_limiter import AdaptiveRateLimiter
from bot.transport.send_scheduler import UNLIMITED
from bot.transport.sender import DEFAULTS
from retrieval.library import Library
from retrieval.model.documents import BEIJING, Document, Point, document_id, point_id
from retrieval.model.outlets import Link, document_links, outlet
from retrieval.storage.corpus import Corpus
from retrieval.storage.schema import PointTokens, Tokens
from retrieval.storage.store import Store
from retrieval.storage.timestamps import from_epoch
from tests.support.telegram import TOKEN, BotApi, Call, Wire

MORNING = Schedule("daily", time(7, 30), "Asia/Shanghai")


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


class Life:
    """`restart` is what a kill and a new start amount to for everything but the process."""

    def __init__(self, folder: Path, now: datetime, api: BotApi | None = None) -> None:
        self.folder, self.now = folder, now
        self.api = api or BotApi()
        self.alerts: list[str] = []
        self.allowed = True
        self.links_made = 0  # once each time that a document is written out
        self.start()

    def start(self) -> None:
        self.library = Library(self.folder)
        self.store = Store(self.folder / "bot.db", subscription_migrations)
        self.subscriptions = SubscriptionStore(self.store)
        self.outbox = Outbox(self.store, self.subscriptions)
        self.planner = DigestPlanner(
            self.library,
            self.subscriptions,
            self.outbox,
            self.style,
            trading_calendar.session,
            lambda *_: self.allowed,
        )
        wire = Wire(self.api)
        limiter = AdaptiveRateLimiter(UNLIMITED, self.move)
        bot = ExtBot(TOKEN, request=wire, get_updates_request=wire, rate_limiter=limiter, defaults=DEFAULTS)
        sender = OutboxSender(self.planner, bot, self._alert, lambda: self.now)
        self.delivery = DeliveryLoop(
            self.planner,
            StandingQuestions(self.planner),
            sender,
            self._alert,
            lambda: self.now,
        )

    def stop(self) -> None:
        self.store.close()
        self.library.close()

    async def restart(self) -> None:
        self.stop()
        self.start()
        await self.delivery.recover()

    def _alert(self, alarm: Localized) -> None:
        self.alerts.append(alarm(say_in("zh")))

    def style(self, language: Language, chat: int) -> RenderContext:
        return RenderContext(language, self.links, self.now.date())

    def links(self, document: Document) -> Iterable[Link]:
        self.links_made += 1
        return document_links(document)

    def move(self, chat: int, to: int) -> None:
        self.subscriptions.move(chat, to)
        self.outbox.move(chat, to)

    def follow(
        self,
        subject: str = "原始创新",
        chat: int = 7,
        schedule: Schedule = MORNING,
        kind: SubscriptionKind = "topic",
        *,
        thread: int = 0,
        quiet: bool = False,
        at_once: bool = False,
        reply_to: int | None = None,
        language: Language = "zh",
    ) -> Subscription:
        user = chat if chat > 0 else 7
        place = Destination(chat, thread)
        wanted = SubscriptionSpec(place, user, kind, subject, language, schedule, quiet, at_once, reply_to)
        if kind == "question":
            search = partial(self.library.search, k=1, now=self.now)
            wanted = replace(wanted, awaited=awaited_words(subject, search))
        next_at = next_delivery(schedule, self.now, None, trading_calendar.session)
        return self.subscriptions.add(wanted, next_at, self.library.counts().last_seen, self.now)

    def ingest(self, *documents: Document) -> None:
        """Without words to search by, which would have jieba and the dictionary loaded for every test."""
        corpus = Corpus(self.folder / "corpus.db")
        corpus.add(documents, lambda document: Tokens("", tuple(PointTokens("", "", "") for _ in document.points)))
        corpus.close()

    def remove(self, *documents: Document) -> None:
        corpus = Corpus(self.folder / "corpus.db")
        corpus.remove([document.id for document in documents])
        corpus.close()

    def news(self, title: str, *points: str, topic: str = "原始创新", at: datetime | None = None) -> Document:
        published, name = at or self.now, outlet("经济日报")
        id = document_id(name.name, title, published)
        texts = [
            Point(point_id(id, text), text, "" if n else "Core Viewpoint", ())
            for n, text in enumerate(points or (f"{title}的要点",))
        ]
        return Document(id, title, name, published, (topic,), None, tuple(texts))

    async def tick(self, now: datetime | None = None) -> list[Call]:
        """Everything that is due now, and all that can be sent; what was sent for that."""
        self.now = now or self.now
        before = len(self.api.sent())
        await self.delivery.plan()
        while await self.delivery.send():
            pass
        return self.api.sent()[before:]

    async def until(self, end: datetime) -> list[tuple[datetime, Call]]:
        """Tick by tick, at every moment at which anything may happen; when each message went out."""
        sent = []
        while self.now < end:
            sent += [(self.now, call) for call in await self.tick(self.now)]
            [due] = self.store.rows("SELECT min(next_at) AS at FROM subscriptions WHERE paused IS NULL")
            [waiting] = self.store.rows("SELECT min(not_before) AS at FROM messages WHERE state = 'waiting'")
            events = [end, *([from_epoch(due["at"])] if due["at"] else [])]
            if waiting["at"]:
                events.append(max(from_epoch(waiting["at"]), self.now + timedelta(minutes=5)))
            self.now = max(min(events), self.now + timedelta(seconds=1)).astimezone(BEIJING)
        return sent
