"""What is new, as messages in Telegram's HTML: pure, from documents and what the reader was told before."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.digest.delivery_records import ToldItem
from bot.digest.schedule import WEEKDAY_CODES
from bot.digest.subscription import SubscriptionKind
from bot.render.answer import RenderContext, paragraph_numbers, render_date, render_title
from bot.render.html import bold, escape, paginate, replace_surrogates, single_line, truncate
from bot.render.i18n import Say
from bot.render.query_echo import outlet_name
from retrieval.language.fingerprints import TextFingerprint, fingerprint
from retrieval.language.summarizer import key_sentences
from retrieval.model.documents import Document, Point
from retrieval.search.near_duplicates import are_near_duplicates

MAX_ITEMS_SHOWN = 10  # documents of a topic that are shown: what is read on the way to work
BACKLOG_ITEMS = 30  # more old documents than this at once are an archive that came in, not news
OLD_AFTER = timedelta(days=30)
ITEM_CHARS = 320  # UTF-16 units of a point: about five lines on a phone
REMEMBERED_CHARS = 400  # characters of what was told, to know it again by
SUBJECT_CHARS = 80

CORE_SECTION = re.compile(r"core (?:viewpoint|insight|idea|view)|key takeaway|核心|要点|摘要", re.IGNORECASE)


@lru_cache(20_000)
def cached_fingerprint(text: str) -> TextFingerprint:
    return fingerprint(replace_surrogates(text))


@dataclass(frozen=True, slots=True)
class DigestItem:
    """`also` tell the same."""

    document: Document
    point: Point
    also: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestSection:
    """What one subscription has to say: `more` documents behind a button, `archive` old ones that came in at once.

    `silent` is the number of days in which nothing came in, where that is to be said; of what came in `repeats`
    told nothing that had not been told.
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
    found: Iterable[tuple[Document, Point | None]],
    told: Collection[ToldItem],
    now: datetime,
) -> DigestSection:
    """The best first. A document without a point gets the one that says most of what was not told."""
    before = {one.document for one in told}
    came = list(found)
    fresh = [(document, point) for document, point in came if document.id not in before]
    archive = [document for document, _ in fresh if document.published < now - OLD_AFTER]
    if len(archive) > BACKLOG_ITEMS:
        fresh = [(document, point) for document, point in fresh if document.published >= now - OLD_AFTER]
    else:
        archive = []
    items = group_by_story(fresh, [one.text for one in told if one.text])
    shown = tuple(items[:MAX_ITEMS_SHOWN])
    repeats = 0 if items or archive else len(came)
    return DigestSection(kind, subject, shown, len(items) - len(shown), len(archive), repeats=repeats)


def group_by_story(found: Iterable[tuple[Document, Point | None]], told: Iterable[str] = ()) -> list[DigestItem]:
    """An item for each story; what was told already is none."""
    known = [cached_fingerprint(text) for text in told]
    items: list[DigestItem] = []
    for document, given in found:
        point = given or pick_point(document, known)
        if point is None or any(are_near_duplicates(cached_fingerprint(point.text), one) for one in known):
            continue
        mine = cached_fingerprint(point.text)
        teller = next(
            (n for n, item in enumerate(items) if are_near_duplicates(mine, cached_fingerprint(item.point.text))), None
        )
        if teller is None:
            items.append(DigestItem(document, point))
        else:
            items[teller] = replace(items[teller], also=(*items[teller].also, document))
    return items


def pick_point(document: Document, known: Sequence[TextFingerprint]) -> Point | None:
    """The core viewpoint, else the point richest in figures, that repeats nothing known; None where all do."""
    ranked = sorted(
        enumerate(document.points),
        key=lambda numbered: (
            not CORE_SECTION.search(numbered[1].section),
            -len(cached_fingerprint(numbered[1].text).figures),
            numbered[0],
        ),
    )
    return next(
        (
            point
            for _, point in ranked
            if not any(are_near_duplicates(cached_fingerprint(point.text), one) for one in known)
        ),
        None,
    )


def told_items(shown: DigestSection) -> list[ToldItem]:
    told = [ToldItem(item.document.id, item.point.text[:REMEMBERED_CHARS]) for item in shown.items]
    return told + [ToldItem(document.id, "") for item in shown.items for document in item.also]


def drop_repeated(sections: Iterable[DigestSection]) -> list[DigestSection]:
    """Each document in the first section that has it."""
    seen: set[str] = set()
    kept = []
    for one in sections:
        items = tuple(item for item in one.items if item.document.id not in seen)
        seen |= {item.document.id for item in items}
        kept.append(replace(one, items=items))
    return kept


def render_digest(sections: Sequence[DigestSection], on: date, style: RenderContext) -> list[str]:
    """Sections that have something to say, under the date; pages end between items."""
    shown = [one for one in sections if one]
    count = sum(len(one.items) + one.more for one in shown)
    head = style.say("digest-head", date=f"{on:%Y-%m-%d}", day=weekday_name(on, style.say), documents=count)
    blocks = [bold(head)]
    for one in shown:
        blocks += _blocks(one, style)
    return list(paginate(blocks))


def render_answer(found: DigestItem, question: str, style: RenderContext) -> str:
    """What was asked for has come in."""
    head = bold(style.say("standing-answer", question=truncate(single_line(question), SUBJECT_CHARS)))
    return f"{head}\n\n{render_item(found, style, 3 * ITEM_CHARS)}"


def render_listing(subject: str, found: Iterable[DigestItem], style: RenderContext) -> list[str]:
    """All that a delivery was about, without its limit."""
    return list(
        paginate(
            [
                bold(truncate(single_line(subject), SUBJECT_CHARS)),
                *(render_item(one, style, ITEM_CHARS) for one in found),
            ]
        )
    )


def render_item(shown: DigestItem, style: RenderContext, longest: int) -> str:
    lines = [f"• {escape(text)}" for text in _said(shown, style, longest)]
    lines += [f"{render_title(shown.document, style)} · {escape(render_date(shown.document, style))}"]
    if shown.also:
        others = dict.fromkeys(outlet_name(document.outlet, style.language) for document in shown.also)
        lines.append(escape(style.say("also", outlets=style.say("between-words").join(list(others)[:3]))))
    return "\n".join(lines)


def _said(shown: DigestItem, style: RenderContext, longest: int) -> list[str]:
    """The point; of a full text the sentences that carry it, half as long each."""
    if shown.document.kind == "full" and shown.document.points:
        texts = [point.text for point in shown.document.points]
        return [truncate(single_line(sentence), longest // 2) for sentence in key_sentences(texts)]
    return [" ".join([truncate(single_line(shown.point.text), longest), *paragraph_numbers(shown.point, style.say)])]


def weekday_name(day: date, say: Say) -> str:
    return say(f"day-{WEEKDAY_CODES[day.weekday()]}")


def _blocks(shown: DigestSection, style: RenderContext) -> list[str]:
    subject = truncate(single_line(shown.subject), SUBJECT_CHARS)
    heading = bold(f"🔔 {subject}" if shown.kind == "question" else f"# {subject}")
    notes = [
        style.say("digest-more", documents=shown.more) if shown.more else "",
        style.say("digest-archive", documents=shown.archive) if shown.archive else "",
        style.say("digest-silent", days=shown.silent) if shown.silent else "",
    ]
    blocks = [render_item(one, style, ITEM_CHARS) for one in shown.items] + [escape(note) for note in notes if note]
    return [f"{heading}\n{blocks[0]}", *blocks[1:]]
