"""/feeds: for who runs the bot, in private: what is followed, how it does, one more, one less."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from telegram import Message, Update
from telegram.constants import ChatType

from bot.container import Desk
from bot.handlers.questions import Context
from bot.render.html import bold, escape, pack
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Reply
from bot.transport import message_text
from bot.transport.sender import asker, send
from feeds.fetcher import FetchError, checked
from feeds.parser import SourceError
from feeds.subscriptions import Feed
from retrieval.runtime.sandbox import ApartError

EVERY = timedelta(minutes=30)


class Sourcing:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._gathering = desk.gathering()

    async def feeds(self, update: Update, _: Context) -> None:
        if message := update.message:
            language = await asyncio.to_thread(self._desk.language, asker(message), _code(message))
            say = say_in(language)
            if message.chat.type != ChatType.PRIVATE or not self._desk.access.is_admin(asker(message).user):
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
            removed = self._desk.feeds.remove(named)
            return [escape(say("feed-removed", named=named) if removed else say("feed-unknown", named=named))]
        return listing(self._desk.feeds.all(), self._desk.replies.now(), say)

    def _added(self, url: str, topic: str, *, say: Say) -> str:
        try:
            url = checked(url)
            offered = self._gathering.offered(self._gathering.web.get(url), "")
        except (FetchError, SourceError, ApartError) as error:
            return escape(say("feed-refused", error=str(error)))
        topic = topic.strip() or offered.title or url
        self._desk.feeds.add(url, topic, EVERY, "", self._desk.replies.now())
        return escape(say("feed-added", url=url, topic=topic, entries=len(offered.entries)))


def listing(feeds: list[Feed], now: datetime, say: Say) -> list[str]:
    """Each with its number, topic, age and what fails."""
    if not feeds:
        return [escape(say("feeds-none"))]
    return list(pack([bold(say("feeds-head", feeds=len(feeds))), *map(partial(_line, now=now, say=say), feeds)]))


def _line(feed: Feed, now: datetime, say: Say) -> str:
    age = say("feed-never")
    if feed.fetched is not None:
        age = say("feed-age", minutes=int((now - datetime.fromtimestamp(feed.fetched, UTC)).total_seconds() // 60))
    state = f"\n⚠️ {feed.failures}× {feed.error}" if feed.failures else ""
    return escape(f"{feed.id} · {feed.topic} · {age}\n{feed.url}{state}")


def _code(message: Message) -> str | None:
    return message.from_user.language_code if message.from_user else None
