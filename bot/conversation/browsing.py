"""Browsing: a command or a press goes in, the greeting, topics, a topic's documents or a summary come out."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.conversation.suggestions import Suggestions
from bot.question_log.log import QuestionLog
from bot.render import keyboards
from bot.render.answer import CorpusSummary, RenderContext
from bot.render.callback_data import AnswerView, Operation, encode
from bot.render.document import PAGE_TOPICS, TOPIC_PAGE_DOCUMENTS, render_summary, render_topic, render_topics
from bot.render.html import bold, escape
from bot.render.i18n import Language, say_in
from bot.render.query_echo import outlet_name
from bot.render.reply import Button, Reply
from bot.render.translation import LinesFor, no_translation
from retrieval.language.bilingual_names import name_with_other
from retrieval.language.han import is_chinese
from retrieval.library import Library
from retrieval.model.documents import BEIJING, Point, topic_key
from retrieval.model.outlets import document_links
from retrieval.storage.timestamps import utc_now
from web.addresses import Addresses

# What /start may come with, by a deep link.
LOOKED_THROUGH = 200  # of the newest documents, for the outlets they are from
MAX_OUTLETS = 12
SUMMARY_PAYLOAD = re.compile(r"d_([0-9a-f]{16})")
TOPIC_PAYLOAD = re.compile(r"t_([0-9a-f]{8})_(\d{1,6})")
TOPICS_PAYLOAD = re.compile(r"topics_(\d{1,6})")


def summary_payload(id: str) -> str:
    return f"d_{id}"


def topic_payload(key: str, page: int) -> str:
    return f"t_{key}_{page}"


def topics_payload(page: int) -> str:
    return f"topics_{page}"


@dataclass(frozen=True, slots=True)
class BrowseService:
    """`bot_name` is None in a terminal, which has no Telegram to link to. All methods block on search and SQLite.

    `translations` gives the lines below texts in another language, where there is a model; with `numbered`, points
    have numbers for it to cite. `page` has the addresses of the public page, where there is one. `reads` is the
    language that the reader chose; without a choice it is that of each question.
    """

    library: Library
    question_log: QuestionLog
    search_address: str
    bot_name: str | None = None
    now: Callable[[], datetime] = utc_now
    suggestions: Suggestions | None = None
    translations: LinesFor | None = None
    numbered: bool = False
    page: Addresses | None = None
    reads: Language | None = None

    def start(self, payload: str, language: Language) -> Reply:
        """`payload` comes with a deep link to a summary, a topic or the topics; anything else greets."""
        say = say_in(language)
        if linked := SUMMARY_PAYLOAD.fullmatch(payload):
            return self.document(linked[1], 0, language) or Reply(escape(say("summary-unknown")))
        if linked := TOPIC_PAYLOAD.fullmatch(payload):
            return self.topic(linked[1], int(linked[2]), language) or self.topics(0, language)
        if linked := TOPICS_PAYLOAD.fullmatch(payload):
            return self.topics(int(linked[1]), language)
        corpus, described = summarize_corpus(self.library), say("none-empty")
        if corpus.newest:
            points, newest = self.library.counts().points, f"{corpus.newest:%Y-%m-%d}"
            described = say("start-corpus", documents=corpus.documents, points=points, newest=newest)
        questions = self.suggestions.suggest(language, self.now()) if self.suggestions else ()
        how = say("start-try") if questions else say("start-write")
        text = escape("\n\n".join((say("start"), described, how, say("start-logged"))))
        rows = ((Button(question, encode(Operation.SUGGESTION, n)),) for n, question in enumerate(questions))
        return Reply(text, tuple(rows))

    def status(self, ways: str, language: Language) -> Reply:
        say = say_in(language)
        return Reply("\n\n".join((escape(self.holdings(language)), f"{bold(say('status-here'))}\n{escape(ways)}")))

    def holdings(self, language: Language) -> str:
        """How much there is to search, of when and from whom, as plain text."""
        say, corpus = say_in(language), summarize_corpus(self.library)
        described = say(
            "status-corpus",
            documents=corpus.documents,
            points=self.library.counts().points,
            topics=len(corpus.topics),
            newest=f"{corpus.newest:%Y-%m-%d}" if corpus.newest else "–",
        )
        recent = self.library.recent(LOOKED_THROUGH)
        outlets = list(dict.fromkeys(outlet_name(document.outlet, language) for document in recent))[:MAX_OUTLETS]
        sources = say("status-outlets", outlets=say("between-words").join(outlets)) if outlets else ""
        return "\n".join(filter(None, (described, sources)))

    def topics(self, page: int, language: Language) -> Reply:
        topics, style = self.library.topics(), self.style(language)
        page = min(page, max(0, len(topics) - 1) // PAGE_TOPICS)
        shown = topics[page * PAGE_TOPICS : (page + 1) * PAGE_TOPICS]
        return Reply(render_topics(shown, style), keyboards.topic_list_rows(topics, page, style))

    def topic(self, key: str, page: int, language: Language) -> Reply | None:
        """A page of a topic's documents; None where the topic is gone."""
        topic = next((topic for topic in self.library.topics() if topic_key(topic.name) == key), None)
        if topic is None:
            return None
        pages = max(1, -(-topic.documents // TOPIC_PAGE_DOCUMENTS))
        page = min(page, pages - 1)
        documents = self.library.recent(TOPIC_PAGE_DOCUMENTS, topic.name, page * TOPIC_PAGE_DOCUMENTS)
        text = render_topic(topic, documents, self.style(language))
        return Reply(text, keyboards.topic_rows(topic, page, pages, say_in(language)))

    def document(self, id: str, page: int, language: Language, view: AnswerView | None = None) -> Reply | None:
        """A page of a summary; `view` is the answer that it was opened from."""
        document = self.library.document(id)
        if document is None:
            return None
        style = self.style(language)
        pages = render_summary(document, style)
        page = min(page, len(pages) - 1)
        foreign = self.foreign(document.points, language)
        return Reply(pages[page], keyboards.summary_rows(document, page, len(pages), view, style), foreign=foreign)

    def foreign(self, points: Iterable[Point], language: Language) -> Language | None:
        """The reader's language, if one of these points is in another and no model translates it."""
        if self.translations is None and any(is_chinese(one.text) != (language == "zh") for one in points):
            return language
        return None

    def full_summary(self, payload: str, language: Language) -> list[str]:
        """All pages of the summary that `payload` names, for a terminal; else the greeting."""
        linked = SUMMARY_PAYLOAD.fullmatch(payload)
        document = self.library.document(linked[1]) if linked else None
        return render_summary(document, self.style(language)) if document else [self.start(payload, language).text]

    def style(self, language: Language, compact: bool = False) -> RenderContext:
        links = partial(document_links, search_address=self.search_address, bot=self.bot_name)
        translated = self.translations(language) if self.translations else no_translation
        today = self.now().astimezone(BEIJING).date()
        named = partial(name_with_other, language=language, aliases=self.library.aliases)
        return RenderContext(language, links, today, compact, translated, named, self.numbered, self.page)


def summarize_corpus(library: Library) -> CorpusSummary:
    counts = library.counts()
    if not counts.oldest or not counts.newest:
        return CorpusSummary(0, None, None, ())
    first_day, last_day = (time.astimezone(BEIJING).date() for time in (counts.oldest, counts.newest))
    return CorpusSummary(counts.documents, first_day, last_day, library.topics())
