"""From subscriptions and the corpus to digests: what is equal is composed once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.digest import digest
from bot.digest.digest import DigestItem, DigestSection
from bot.digest.outbox import Outbox
from bot.digest.subscription import Subscription, SubscriptionKind
from bot.render.answer import RenderContext
from bot.render.i18n import Language
from retrieval.library import Library
from retrieval.model.documents import Document, Point
from retrieval.model.results import Result

SILENCE_NOTICE_AFTER = timedelta(days=7)
REMEMBERED_DIGESTS = 40  # digests back that nothing is repeated from
PAGE_DOCUMENTS = 500  # documents read at once
MIN_ANSWER_SHARE = (
    0.6  # from which an answer is told unasked: half of the questions' words in a point are no reason to disturb
)
MAX_JUDGED = 20  # documents that a standing question is asked of one by one, after its best match answered

ContextFor = Callable[[Language], RenderContext]
DatedItems = list[tuple[Document, Point | None]]


@dataclass(frozen=True, slots=True)
class ComposedDigest:
    """`pages` is empty where there is nothing to say; `sections` stand in the order of the subscriptions."""

    pages: tuple[str, ...]
    sections: tuple[DigestSection, ...]


class DigestComposer:
    """Good for one state of the corpus at one moment: what comes in later is left to the next one. Blocks."""

    def __init__(self, library: Library, outbox: Outbox, styles: ContextFor, now: datetime) -> None:
        self._library, self._outbox, self._styles, self._now = library, outbox, styles, now
        self.last_seen = library.counts().last_seen
        self._sections: dict[tuple[object, ...], DigestSection] = {}
        self._composed: dict[tuple[object, ...], tuple[str, ...]] = {}

    def compose(self, subscriptions: Sequence[Subscription], on: date) -> ComposedDigest:
        sections = tuple(digest.drop_repeated(map(self.section, subscriptions)))
        if not any(sections):
            return ComposedDigest((), sections)
        language = subscriptions[0].spec.language
        key = (language, on, sections)
        if key not in self._composed:
            self._composed[key] = tuple(digest.render_digest(sections, on, self._styles(language)))
        return ComposedDigest(self._composed[key], sections)

    def section(self, one: Subscription) -> DigestSection:
        """What is new to this subscription; that nothing came in is said once."""
        wanted, progress = one.spec, one.cursor
        key = (wanted.kind, wanted.subject, progress.mark, progress.history)
        if key not in self._sections:
            self._sections[key] = self._section(one)
        found = self._sections[key]
        silent = self._now - one.news_at
        if (
            wanted.kind == "topic"
            and not found
            and not found.repeats
            and silent >= SILENCE_NOTICE_AFTER
            and not one.silence_told
        ):
            return replace(found, silent=silent.days)
        return found

    def sample(self, kind: SubscriptionKind, subject: str) -> DigestSection:
        """As a digest would look: of what there is already, whenever it came in."""
        if kind == "question":
            found = self.answers(subject, 0, self.last_seen)[: digest.MAX_ITEMS_SHOWN // 2]
        else:
            found = [(document, None) for document in self._library.recent(digest.MAX_ITEMS_SHOWN // 2, subject)]
        return digest.render_section(kind, subject, found, (), self._now)

    def everything(self, one: Subscription, after: int, until: int) -> list[DigestItem]:
        """All that came in for a subscription in that span, as long as it is there."""
        return digest.group_by_story(self._found(one, after, until))

    def answers(self, question: str, after: int, until: int) -> DatedItems:
        """Documents with a point that answers, the best first; what is merely near is left out."""
        result = self._library.search(question, 50, now=self._now, after=after, until=until)
        if not _tells(result):
            return []
        best = result.hits[0]
        near = dict.fromkeys(document.id for hit in result.hits for document in (hit.document, *hit.also))
        near.pop(best.document.id)
        keys = self._library.first_seen(near)
        found: DatedItems = [(best.document, best.point)]
        for id in list(near)[:MAX_JUDGED]:
            if key := keys.get(id):
                alone = self._library.search(question, 1, now=self._now, after=key - 1, until=key)
                if _tells(alone):
                    found.append((alone.hits[0].document, alone.hits[0].point))
        return found

    def _section(self, one: Subscription) -> DigestSection:
        mark, history = one.cursor.mark, one.cursor.history
        if mark >= self.last_seen:
            return DigestSection(one.spec.kind, one.spec.subject)
        found = self._found(one, mark, self.last_seen)
        told = self._outbox.told(history, REMEMBERED_DIGESTS) if found and history else []
        return digest.render_section(one.spec.kind, one.spec.subject, found, told, self._now)

    def _found(self, one: Subscription, after: int, until: int) -> DatedItems:
        if one.spec.kind == "question":
            return self.answers(one.spec.subject, after, until)
        documents = self._came(one.spec.subject, after, until)
        documents.sort(key=lambda document: document.published, reverse=True)
        return [(document, None) for document in documents]

    def _came(self, topic: str, after: int, until: int) -> list[Document]:
        """What came in for a topic. Of an archive only the number will be told: its points are not kept in memory."""
        found: list[Document] = []
        old = 0
        while page := [one for one in self._library.after(after, topic, PAGE_DOCUMENTS) if one[0] <= until]:
            after = page[-1][0]
            for _, document in page:
                aged = document.published < self._now - digest.OLD_AFTER
                old += aged
                found.append(replace(document, points=()) if aged and old > digest.BACKLOG_ITEMS else document)
        return found


def _tells(result: Result) -> bool:
    """Whether it is worth a message that nobody waits for: all that was asked is there, or nearly all of it."""
    return result.verdict == "answer" and (result.confidence >= MIN_ANSWER_SHARE or not result.missing)
