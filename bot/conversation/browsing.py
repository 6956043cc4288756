"""What can be read without a question: the greeting, the topics, a topic's documents, a summary, what works here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.suggestions import Suggestions
from bot.question_log.log import QuestionLog
from bot.render import document as summaries
from bot.render import keyboards
from bot.render.answer import CorpusSummary, DocumentLinks, RenderContext
from bot.render.callback_data import AnswerView, encode
from bot.render.html import bold, escape, truncate
from bot.render.i18n import Language, say_in
from bot.render.reply import Button, Reply
from retrieval.library import Library
from retrieval.model.documents import BEIJING, Document
from retrieval.model.outlets import Link, document_links
from retrieval.storage.timestamps import utc_now

SUMMARY_PAYLOAD = re.compile(r"^d_([0-9a-f]{16})$")


@dataclass(frozen=True, slots=True)
class BrowseService:
    """`bot_name` is None where there is no Telegram to link to. Every method may block on search and SQLite."""

    library: Library
    question_log: QuestionLog
    search_address: str
    bot_name: str | None = None
    now: Callable[[], datetime] = utc_now
    suggestions: Suggestions | None = None  # to share what was found; without one there are no suggestions

    def start(self, payload: str, language: Language) -> Reply:
        """`payload` is what came with the deep link: d_ID shows that summary; nothing, or nothing known, greets."""
        say = say_in(language)
        if wanted := SUMMARY_PAYLOAD.match(payload):
            return self.document(wanted[1], 0, language) or Reply(escape(say("summary-unknown")))
        there = summarize_corpus(self.library)
        corpus = say("none-empty")
        if there.newest:
            points, newest = self.library.counts().points, f"{there.newest:%Y-%m-%d}"
            corpus = say("start-corpus", documents=there.documents, points=points, newest=newest)
        asked = self.suggestions.suggest(language, self.now()) if self.suggestions else ()
        how = say("start-try") if asked else say("start-write")
        text = escape("\n\n".join((say("start"), corpus, how, say("start-logged"))))
        return Reply(
            text, tuple((Button(truncate(s.question, 64), encode("x", s.document, s.number, language)),) for s in asked)
        )

    def help(self, language: Language) -> Reply:
        return Reply(escape(say_in(language)("help")))

    def privacy(self, language: Language) -> Reply:
        return Reply(escape(say_in(language)("privacy")))

    def only_text(self, language: Language) -> Reply:
        return Reply(escape(say_in(language)("only-text")))

    def status(self, ways: str, language: Language) -> Reply:
        """`ways`: how to ask in this chat."""
        say, there = say_in(language), summarize_corpus(self.library)
        newest = f"{there.newest:%Y-%m-%d}" if there.newest else "–"
        points = self.library.counts().points
        corpus = say("status-corpus", documents=there.documents, points=points, topics=len(there.topics), newest=newest)
        return Reply("\n\n".join((escape(corpus), f"{bold(say('status-here'))}\n{escape(ways)}")))

    def topics(self, page: int, language: Language) -> Reply:
        there = self.library.topics()
        page = min(page, max(0, len(there) - 1) // summaries.PAGE_TOPICS)
        shown = there[page * summaries.PAGE_TOPICS : (page + 1) * summaries.PAGE_TOPICS]
        return Reply(summaries.render_topics(shown, say_in(language)), keyboards.topic_list_rows(there, page))

    def topic(self, key: str, page: int, language: Language) -> Reply | None:
        """A page of a topic's documents; None where there is no such topic any more."""
        topic = next((topic for topic in self.library.topics() if keyboards.topic_key(topic) == key), None)
        if topic is None:
            return None
        size = summaries.PAGE_DOCUMENTS_SHOWN
        count = max(1, -(-topic.documents // size))
        page = min(page, count - 1)
        documents = self.library.recent(size, topic.name, page * size)
        text = summaries.render_topic(topic, documents, self.style(language))
        return Reply(text, keyboards.topic_rows(topic, page, count, say_in(language)))

    def document(self, id: str, page: int, language: Language, view: AnswerView | None = None) -> Reply | None:
        """A page of a summary; `view` is the answer it was opened from."""
        document = self.library.document(id)
        if document is None:
            return None
        pages = summaries.render_summary(document, self.style(language))
        page = min(page, len(pages) - 1)
        return Reply(pages[page], keyboards.summary_rows(document, page, len(pages), view, say_in(language)))

    def full_summary(self, payload: str, language: Language) -> list[str]:
        """A summary with all its pages, for a terminal; d_ID says which."""
        wanted = SUMMARY_PAYLOAD.match(payload)
        document = self.library.document(wanted[1]) if wanted else None
        return (
            summaries.render_summary(document, self.style(language))
            if document
            else [self.start(payload, language).text]
        )

    def style(self, language: Language, short: bool = False) -> RenderContext:
        return RenderContext(language, self.links, self.now().astimezone(BEIJING).date(), short)

    @property
    def links(self) -> DocumentLinks:
        def of(document: Document) -> tuple[Link, ...]:
            return document_links(document, self.search_address, self.bot_name)

        return of


def summarize_corpus(library: Library) -> CorpusSummary:
    counts = library.counts()
    if not counts.newest:
        return CorpusSummary(0, None, None, ())
    oldest = library.recent(1, None, counts.documents - 1)
    first = oldest[0].published.astimezone(BEIJING).date() if oldest else None
    return CorpusSummary(counts.documents, first, counts.newest.astimezone(BEIJING).date(), library.topics())
