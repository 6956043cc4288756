"""Handles /feeds of operators: lists, adds and removes feeds."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from telegram import Message

from bot.container import Services
from bot.handlers.base import Context, HandlerGroup, operators_only
from bot.render.html import bold, escape, paginate
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Reply
from bot.transport import message_text
from bot.transport.sender import send
from feeds.fetcher import FetchError, check_address
from feeds.interruption import interruption
from feeds.registry import DEFAULT_INTERVAL, Feed
from feeds.source import SourceError
from retrieval.formats.problem_texts import describe
from retrieval.runtime.sandbox import SandboxError


class FeedHandlers(HandlerGroup):
    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._sync = services.feed_sync()

    @operators_only(private=True)
    async def feeds(self, message: Message, _: Context, __: Say) -> None:
        language = await asyncio.to_thread(self.language, message)
        for page in await asyncio.to_thread(self._run, message_text.after_command(message), language):
            await send(message, Reply(page))

    def _run(self, arguments: str, language: Language) -> list[str]:
        """`add URL [TOPIC]`, `remove FEED`, or the list."""
        say = say_in(language)
        word, _, rest = arguments.strip().partition(" ")
        if word == "add" and rest.strip():
            return [self._add(*rest.strip().partition(" ")[::2], language=language)]
        if word == "remove" and (name := rest.strip()):
            removed = self._services.feeds.remove(name)
            return [escape(say("feed-removed", named=name) if removed else say("feed-unknown", named=name))]
        return render_feeds(self._services.feeds.all(), self._services.answers.now(), say)

    def _add(self, url: str, topic: str, *, language: Language) -> str:
        say = say_in(language)
        try:
            url = check_address(url)
            known = self._services.feeds.find(url)
            preview = self._sync.preview(self._sync.web.get(url), known.links if known else "")
        except FetchError as error:
            return escape(say("feed-refused", error=describe(error.problem, language)))
        except SandboxError as error:
            return escape(say("feed-refused", error=describe(interruption(error), language)))
        except SourceError as error:
            return escape(say("feed-refused", error=str(error)))
        topic = topic.strip() or (known.topic if known else preview.title or url)
        every = timedelta(seconds=known.every) if known else DEFAULT_INTERVAL
        self._services.feeds.add(url, topic, every, known.links if known else "", self._services.answers.now())
        return escape(say("feed-added", url=url, topic=topic, entries=len(preview.entries)))


def render_feeds(feeds: list[Feed], now: datetime, say: Say) -> list[str]:
    if not feeds:
        return [escape(say("feeds-none"))]
    return list(paginate([bold(say("feeds-head", feeds=len(feeds))), *map(partial(_line, now=now, say=say), feeds)]))


def _line(feed: Feed, now: datetime, say: Say) -> str:
    age = say("feed-never")
    if feed.fetched is not None:
        age = say("feed-age", minutes=int((now - datetime.fromtimestamp(feed.fetched, UTC)).total_seconds() // 60))
    state = f"\n⚠️ {feed.failures}× {feed.error}" if feed.failures else ""
    return escape(f"{feed.id} · {feed.topic} · {age}\n{feed.url}{state}")
