"""Pure rendering of digests: takes documents and what a reader was told, returns messages in Telegram's HTML."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from bot.digest.delivery_records import ToldItem
from bot.digest.schedule import WEEKDAY_CODES
from bot.digest.subscription import SubscriptionKind
from bot.render.answer import RenderContext, render_date, render_title
from bot.render.html import bold, escape, paginate, replace_surrogates, single_line, truncate
from bot.render.i18n import Say
from bot.render.paragraphs import paragraph_numbers
from bot.render.query_echo import outlet_name
from retrieval.language.fingerprints import TextFingerprint, fingerprint
from retrieval.language.summarizer import key_sentences
from retrieval.model.documents import Document, Point
from retrieval.search.near_duplicates import are_near_duplicates

MAX_ITEMS_SHOWN = 10  # documents of a topic, enough for the way to work
BACKLOG_ITEMS = 30  # more old documents than this at once are an archive, not news
OLD_AFTER = timedelta(days=30)
ITEM_CHARS = 320  # UTF-16 units of a point: about five lines on a phone
REMEMBERED_CHARS = 400  # of an item that was told, enough to recognize it again
SUBJECT_CHARS = 80


class FoundDocument(NamedTuple):
    """A document for a subscription, and the point that speaks for it, if one was found already.

    It is not `sure` where it has what a standing question asks about, and perhaps no answer to it.
    """

    document: Document
    point: Point | None = None
    sure: bool = True


CORE_SECTION = re.compile(r"core (?:viewpoint|insight|idea|view)|key takeaway|核心|要点|摘要", re.IGNORECASE)


@lru_cache(20_000)
def cached_fingerprint(text: str) -> TextFingerprint:
    return fingerprint(replace_surrogates(text))


@dataclass(frozen=True, slots=True)
class DigestItem:
    """A point of a document; those in `also` tell the same story. `sure` is as of the document that was found."""

    document: Document
    point: Point
    also: tuple[Document, ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class DigestSection:
    """News of one subscription: `more` counts items that are not shown, `archive` old documents that came in at once.

    `silent` is the number of days without news, where that is to be said; `repeats` counts documents that came in
    where all of them repeat what was told.
    """

    kind: SubscriptionKind
    subject: str
    items: tuple[DigestItem, ...] = ()
    more: int = 0
    archive: int = 0
    silent: int = 0
    repeats: int = 0

    def __bool__(self) -> bool:
        return bool(self.items or self.archive or self.silent)


def render_section(
    kind: SubscriptionKind,
    subject: str,
    documents: Iterable[FoundDocument],
    told: Collection[ToldItem],
    now: datetime,
) -> DigestSection:
    """`documents` come best first; one without a point gets the point that says most of what was not told."""
    before = {item.document for item in told}
    came = list(documents)
    fresh = [found for found in came if found.document.id not in before]
    recent = [found for found in fresh if found.document.published >= now - OLD_AFTER]
    archived = len(fresh) - len(recent)
    if archived <= BACKLOG_ITEMS:
        recent, archived = fresh, 0
    items = group_by_story(recent, told)
    shown = tuple(items[:MAX_ITEMS_SHOWN])
    repeats = 0 if items or archived else len(came)
    return DigestSection(kind, subject, shown, len(items) - len(shown), archived, repeats=repeats)


def group_by_story(documents: Iterable[FoundDocument], told: Iterable[ToldItem] = ()) -> list[DigestItem]:
    """One item for each story that was not told."""
    known = [cached_fingerprint(item.text) for item in told if item.text]
    items: list[DigestItem] = []
    for document, given, sure in documents:
        point = given or pick_point(document, known)
        if point is None or _repeats(point, known):
            continue
        same = next((n for n, item in enumerate(items) if _repeats(point, [cached_fingerprint(item.point.text)])), None)
        if same is None:
            items.append(DigestItem(document, point, sure=sure))
        else:
            items[same] = replace(items[same], also=(*items[same].also, document))
    return items


def pick_point(document: Document, known: Sequence[TextFingerprint]) -> Point | None:
    """The core viewpoint, else the point richest in figures, that repeats nothing known; None where all do."""
    ranked = sorted(
        document.points,
        key=lambda point: (not CORE_SECTION.search(point.section), -len(cached_fingerprint(point.text).figures)),
    )
    return next((point for point in ranked if not _repeats(point, known)), None)


def _repeats(point: Point, known: Iterable[TextFingerprint]) -> bool:
    return any(are_near_duplicates(cached_fingerprint(point.text), one) for one in known)


def told_items(section: DigestSection) -> list[ToldItem]:
    told = [ToldItem(item.document.id, item.point.text[:REMEMBERED_CHARS]) for item in section.items]
    return told + [ToldItem(document.id, "") for item in section.items for document in item.also]


def drop_repeated(sections: Iterable[DigestSection]) -> list[DigestSection]:
    """Leaves each document in the first section that has it."""
    seen: set[str] = set()
    kept = []
    for section in sections:
        items = tuple(item for item in section.items if item.document.id not in seen)
        seen |= {item.document.id for item in items}
        kept.append(replace(section, items=items))
    return kept


def render_digest(sections: Sequence[DigestSection], on: date, style: RenderContext) -> list[str]:
    """Pages with the sections that are not empty, under the date; they end between items."""
    shown = [section for section in sections if section]
    count = sum(len(section.items) + section.more for section in shown)
    head = style.say("digest-head", date=f"{on:%Y-%m-%d}", day=weekday_name(on, style.say), documents=count)
    return list(paginate([bold(head), *(block for section in shown for block in _blocks(section, style))]))


def render_answer(item: DigestItem, question: str, style: RenderContext) -> str:
    subject = short_subject(question)
    head = style.say("standing-answer", question=subject) if item.sure else style.say("standing-news", question=subject)
    return f"{bold(head)}\n\n{render_item(item, style, 3 * ITEM_CHARS)}"


def render_listing(subject: str, items: Iterable[DigestItem], style: RenderContext) -> list[str]:
    return list(paginate([bold(short_subject(subject)), *(render_item(item, style) for item in items)]))


def render_item(item: DigestItem, style: RenderContext, longest: int = ITEM_CHARS) -> str:
    lines = [render_bullets(item, style, longest)]
    lines.append(f"{render_title(item.document, style)} · {escape(render_date(item.document, style))}")
    lines.append(style.translated(item.document.title))
    if item.also:
        others = dict.fromkeys(outlet_name(document.outlet, style.language) for document in item.also)
        lines.append(escape(style.say("also", outlets=style.say("between-words").join(list(others)[:3]))))
    return "\n".join(filter(None, lines))


def render_bullets(item: DigestItem, style: RenderContext, longest: int = ITEM_CHARS) -> str:
    """What the item says, without its title."""
    texts = _item_texts(item, style, longest)
    return "\n".join(
        filter(None, (line for shown, text in texts for line in (f"• {escape(shown)}", style.translated(text))))
    )


def short_subject(subject: str) -> str:
    return truncate(single_line(subject), SUBJECT_CHARS)


def _item_texts(item: DigestItem, style: RenderContext, longest: int) -> list[tuple[str, str]]:
    """The point, as it is shown and as it is; of a full text its key sentences, half as long each."""
    if item.document.kind == "full" and item.document.points:
        texts = [point.text for point in item.document.points]
        return [(truncate(single_line(one), longest // 2), one) for one in key_sentences(texts)]
    shown = " ".join([truncate(single_line(item.point.text), longest), *paragraph_numbers(item.point, style.say)])
    return [(shown, item.point.text)]


def weekday_name(day: date, say: Say) -> str:
    return say(f"day-{WEEKDAY_CODES[day.weekday()]}")


def _blocks(section: DigestSection, style: RenderContext) -> list[str]:
    subject = style.named(section.subject) if section.kind == "topic" else section.subject
    heading = bold(f"{'🔔' if section.kind == 'question' else '#'} {short_subject(subject)}")
    notes = [
        style.say("digest-more", documents=section.more) if section.more else "",
        style.say("digest-archive", documents=section.archive) if section.archive else "",
        style.say("digest-silent", days=section.silent) if section.silent else "",
    ]
    blocks = [render_item(item, style) for item in section.items] + [escape(note) for note in notes if note]
    return [f"{heading}\n{blocks[0]}", *blocks[1:]]
