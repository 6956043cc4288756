"""Composes digests: takes subscriptions, reads the corpus and the history, returns pages; equal ones once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.digest import digest
from bot.digest.awaited_words import lacks
from bot.digest.delivery_records import ToldItem
from bot.digest.digest import DigestItem, DigestSection, FoundDocument
from bot.digest.outbox import Outbox
from bot.digest.schedule import local_date
from bot.digest.subscription import Subscription, SubscriptionKind
from bot.render.answer import RenderContext
from bot.render.i18n import Language
from retrieval.language.frame_words import without_frame
from retrieval.library import Library
from retrieval.model.documents import Document
from retrieval.model.results import Result

SILENCE_NOTICE_AFTER = timedelta(days=7)
REMEMBERED_DIGESTS = 40  # digests back in which an item counts as told
PAGE_DOCUMENTS = 500  # read at once
# The confidence of an answer that is sent unasked: half of a question's words in a point are no reason to disturb.
MIN_ANSWER_CONFIDENCE = 0.6
MAX_JUDGED = 20  # documents in which a standing question is searched one by one, after its best match answered

ContextFor = Callable[[Language, int], RenderContext]
"""How a chat is written to, in a language."""


@dataclass(frozen=True, slots=True)
class ComposedDigest:
    """`pages` is empty where there is no news; `sections` are in the order of the subscriptions."""

    pages: tuple[str, ...]
    sections: tuple[DigestSection, ...]


class DigestComposer:
    """For one state of the corpus: later documents are left to the next composer. All methods do blocking I/O."""

    def __init__(self, library: Library, outbox: Outbox, styles: ContextFor, now: datetime) -> None:
        self._library, self._outbox, self._styles, self._now = library, outbox, styles, now
        self.last_seen = library.counts().last_seen
        self._sections: dict[tuple[object, ...], DigestSection] = {}
        self._composed: dict[tuple[object, ...], tuple[str, ...]] = {}

    def compose(self, subscriptions: Sequence[Subscription], at: datetime) -> ComposedDigest:
        """A digest of that time for subscriptions of one place; the first one's language and time zone are used."""
        sections = tuple(digest.drop_repeated(map(self.section, subscriptions)))
        if not any(sections):
            return ComposedDigest((), sections)
        language, on = subscriptions[0].spec.language, local_date(at, subscriptions[0].spec.schedule.zone)
        style = self._styles(language, subscriptions[0].spec.place.chat)
        key = (language, on, sections, style.translates)
        if key not in self._composed:
            self._composed[key] = tuple(digest.render_digest(sections, on, style))
        return ComposedDigest(self._composed[key], sections)

    def section(self, one: Subscription) -> DigestSection:
        """News for this subscription, or once the notice that there was none for a week."""
        kind, subject, cursor = one.spec.kind, one.spec.subject, one.cursor
        key = (kind, subject, cursor.mark, cursor.history)
        if key not in self._sections:
            documents = self._documents(one, cursor.mark, self.last_seen)
            told = self.told(one) if documents else []
            self._sections[key] = digest.render_section(kind, subject, documents, told, self._now)
        section = self._sections[key]
        silent = self._now - one.news_at
        if kind == "question" or section or section.repeats or silent < SILENCE_NOTICE_AFTER or one.silence_told:
            return section
        return replace(section, silent=silent.days)

    def sample(self, kind: SubscriptionKind, subject: str) -> DigestSection:
        """A section of documents that are there already, to show what a digest looks like."""
        documents: list[FoundDocument]
        if kind == "question":
            documents = self.answers(subject, "", 0, self.last_seen)[: digest.MAX_ITEMS_SHOWN // 2]
        else:
            documents = [
                FoundDocument(document) for document in self._library.recent(digest.MAX_ITEMS_SHOWN // 2, subject)
            ]
        return digest.render_section(kind, subject, documents, (), self._now)

    def everything(self, one: Subscription, after: int, until: int) -> list[DigestItem]:
        """All items for a subscription from this span of `first_seen`."""
        return digest.group_by_story(self._documents(one, after, until))

    def told(self, one: Subscription) -> list[ToldItem]:
        return self._outbox.told(one.cursor.history, REMEMBERED_DIGESTS)

    def answers(self, question: str, awaited: str, after: int, until: int) -> list[FoundDocument]:
        """Documents with a point that answers, the best first; then those with all that is asked about.

        `awaited` is the question for what was in no document when it was asked. What is merely near is left out.
        """
        found: dict[str, FoundDocument] = {}
        for asked in dict.fromkeys(filter(None, (without_frame(question), awaited))):
            for answer in self._answering(asked, after, until):
                one = answer._replace(sure=answer.sure and asked != awaited)
                if (known := found.get(one.document.id)) is None or (one.sure and not known.sure):
                    found[one.document.id] = one
        return sorted(found.values(), key=lambda one: not one.sure)

    def _answering(self, question: str, after: int, until: int) -> list[FoundDocument]:
        """The best document by itself; the others only if it answers, or if they have all words of the question."""
        result = self._library.search(question, 50, now=self._now, after=after, until=until)
        if not result.hits:
            return []
        best = _answer(result)
        near = [
            document.id
            for hit in result.hits
            if best or {match.word for match in hit.matches}.issuperset(result.words)
            for document in (hit.document, *hit.also)
            if document != result.hits[0].document
        ]
        keys = self._library.first_seen(near)
        alone = [
            _answer(self._library.search(question, 1, now=self._now, after=key - 1, until=key))
            for id in list(dict.fromkeys(near))[:MAX_JUDGED]
            if (key := keys.get(id))
        ]
        return [one for one in (best, *alone) if one]

    def _documents(self, one: Subscription, after: int, until: int) -> list[FoundDocument]:
        if after >= until:
            return []
        if one.spec.kind == "question":
            return self.answers(one.spec.subject, one.spec.awaited, after, until)
        documents = self._of_topic(one.spec.subject, after, until)
        documents.sort(key=lambda document: document.published, reverse=True)
        return [FoundDocument(document) for document in documents]

    def _of_topic(self, topic: str, after: int, until: int) -> list[Document]:
        """Documents of an archive come without points, to save memory: only their number will be told."""
        documents: list[Document] = []
        old = 0
        while page := [row for row in self._library.after(after, topic, PAGE_DOCUMENTS) if row[0] <= until]:
            after = page[-1][0]
            for _, document in page:
                is_old = document.published < self._now - digest.OLD_AFTER
                old += is_old
                documents.append(replace(document, points=()) if is_old and old > digest.BACKLOG_ITEMS else document)
        return documents


def _answer(result: Result) -> FoundDocument | None:
    """What is worth a message that nobody waits for: a point with all that is asked for, or a certain answer."""
    if not result.hits or result.reading.corrections:  # 6G is no slip of 5G, which has news every week
        return None
    certain = result.verdict == "answer" and result.confidence >= MIN_ANSWER_CONFIDENCE
    if lacks(result.question, result) and not (certain and result.uncovered):
        return None
    return FoundDocument(result.hits[0].document, result.hits[0].point, result.verdict == "answer")
