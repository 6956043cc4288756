"""/feeds: for who runs the bot, in private: what is followed, how it does, one more, one less."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from telegram import Message, Update
from telegram.constants import ChatType

from bot.container import Services
from bot.handlers.questions import Context
from bot.render.html import bold, escape, paginate
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Reply
from bot.transport import message_text
from bot.transport.sender import asker, send
from feeds.fetcher import FetchError, check_address
from feeds.parser import SourceError
from feeds.registry import Feed
from retrieval.runtime.sandbox import SandboxError

DEFAULT_INTERVAL = timedelta(minutes=30)


class FeedHandlers:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._sync = services.feed_sync()

    async def feeds(self, update: Update, _: Context) -> None:
        if message := update.message:
            language = await asyncio.to_thread(self._services.language, asker(message), _code(message))
            say = say_in(language)
            if message.chat.type != ChatType.PRIVATE or not self._services.access.is_admin(asker(message).user):
                await send(message, Reply(escape(say("operators-only"))))
                return
            for text in await asyncio.to_thread(self._done, message_text.after_command(message), language):
                await send(message, Reply(text))

    def _done(self, wanted: str, language: Language) -> list[str]:
        say = say_in(language)
        word, _, rest = wanted.strip().partition(" ")
        if word == "add" and rest.strip():
            return [self._added(*rest.strip().partition(" ")[::2], say=say)]
        if word == "remove" and rest.strip():
            named = rest.strip()
            removed = self._services.feeds.remove(named)
            return [escape(say("feed-removed", named=named) if removed else say("feed-unknown", named=named))]
        return render_feeds(self._services.feeds.all(), self._services.answers.now(), say)

    def _added(self, url: str, topic: str, *, say: Say) -> str:
        try:
            url = check_address(url)
            offered = self._sync.preview(self._sync.web.get(url), "")
        except (FetchError, SourceError, SandboxError) as error:
            return escape(say("feed-refused", error=str(error)))
        topic = topic.strip() or offered.title or url
        self._services.feeds.add(url, topic, DEFAULT_INTERVAL, "", self._services.answers.now())
        return escape(say("feed-added", url=url, topic=topic, entries=len(offered.entries)))


def render_feeds(feeds: list[Feed], now: datetime, say: Say) -> list[str]:
    """Each with its number, topic, age and what fails."""
    if not feeds:
        return [escape(say("feeds-none"))]
    return list(paginate([bold(say("feeds-head", feeds=len(feeds))), *map(partial(_line, now=now, say=say), feeds)]))


def _line(feed: Feed, now: datetime, say: Say) -> str:
    age = say("feed-never")
    if feed.fetched is not None:
        age = say("feed-age", minutes=int((now - datetime.fromtimestamp(feed.fetched, UTC)).total_seconds() // 60))
    state = f"\n⚠️ {feed.failures}× {feed.error}" if feed.failures else ""
    return escape(f"{feed.id} · {feed.topic} · {age}\n{feed.url}{state}")


def _code(message: Message) -> str | None:
    return message.from_user.language_code if message.from_user else None
