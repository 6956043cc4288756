"""A person's words in, messages out: what Telegram and the terminal have in common.

Everything here may block on search and SQLite; who runs an event loop calls it in a thread.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot import answers
from bot.answers import POINTS, Links, Style
from bot.catalogue import Language, language_of, say_in
from bot.journal import Asker, Journal, Question
from bot.markup import UNITS, cut, escape, whole
from retrieval.documents import BEIJING, Document
from retrieval.library import Library
from retrieval.outlets import Link, links

# Typed without the space, '/ask北京' is no command to Telegram and comes as it is.
COMMAND = re.compile(r"^/ask(?:@[A-Za-z0-9_]+)?\s*", re.IGNORECASE)
SUMMARY = re.compile(r"^d_([0-9a-f]{16})$")


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Replies:
    """`bot_name` is None where there is no Telegram to link to. Every method gives a list of messages in HTML."""

    library: Library
    journal: Journal
    search_address: str
    bot_name: str | None = None
    now: Callable[[], datetime] = utc_now

    def question(self, text: str, language: Language, asker: Asker) -> list[str]:
        text = COMMAND.sub("", whole(text).strip())
        if not text:
            return [escape(say_in(language)("ask-what"))]
        asked_at = self.now()
        result = self.library.search(text, now=asked_at)
        shown = [] if result.verdict == "none" else [hit.point.id for hit in result.hits[:POINTS]]
        self.journal.record(
            Question(
                asked_at=asked_at,
                asker=asker,
                text=cut(text, UNITS),
                language=language_of(text),
                verdict=result.verdict,
                points=shown,
                milliseconds=result.milliseconds,
            )
        )
        topics = self.library.topics() if result.verdict == "none" else []
        return answers.answer(result, topics, self._style(language))

    def start(self, payload: str, language: Language) -> list[str]:
        """`payload` is what came with the deep link: d_ID shows that summary; nothing, or nothing known, greets."""
        say = say_in(language)
        if wanted := SUMMARY.match(payload):
            document = self.library.document(wanted[1])
            return answers.summary(document, self._style(language)) if document else [escape(say("summary-unknown"))]
        counts = self.library.counts()
        corpus = say("none-empty")
        if counts.newest:
            newest = f"{counts.newest.astimezone(BEIJING):%Y-%m-%d}"
            corpus = say("start-corpus", documents=counts.documents, points=counts.points, newest=newest)
        return [escape("\n\n".join((say("start"), corpus, say("help"), say("start-logged"))))]

    def help(self, language: Language) -> list[str]:
        return [escape(say_in(language)("help"))]

    def only_text(self, language: Language) -> list[str]:
        return [escape(say_in(language)("only-text"))]

    def topics(self, language: Language) -> list[str]:
        return answers.topics(self.library.topics(), say_in(language))

    def _style(self, language: Language) -> Style:
        return Style(language, self._links)

    @property
    def _links(self) -> Links:
        def of(document: Document) -> tuple[Link, ...]:
            return links(document, self.search_address, self.bot_name)

        return of
