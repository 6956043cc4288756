"""What is new, as messages in Telegram's HTML: pure, from documents and what the reader was told before."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.digest.delivery_records import Told
from bot.digest.subscription import Kind
from bot.render.answer import Style, dated, paragraphs, title
from bot.render.html import bold, cut, escape, line, pack, whole
from bot.render.i18n import Say
from bot.render.query_echo import outlet_name
from retrieval.language.fingerprints import Trace, trace
from retrieval.language.summarizer import carrying
from retrieval.model.documents import Document, Point
from retrieval.search.near_duplicates import same

ITEMS = 10  # documents of a topic that are shown: what is read on the way to work
BACKLOG = 30  # more old documents than this at once are an archive that came in, not news
OLD = timedelta(days=30)
TEXT = 320  # UTF-16 units of a point: about five lines on a phone
KEPT = 400  # characters of what was told, to know it again by
SUBJECT = 80

CORE = re.compile(r"core (?:viewpoint|insight|idea|view)|key takeaway|核心|要点|摘要", re.IGNORECASE)


@lru_cache(20_000)
def traced(text: str) -> Trace:
    return trace(whole(text))


@dataclass(frozen=True, slots=True)
class Item:
    """`also` tell the same."""

    document: Document
    point: Point
    also: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """What one subscription has to say: `more` documents behind a button, `archive` old ones that came in at once.

    `silent` is the number of days in which nothing came in, where that is to be said; of what came in `repeats`
    told nothing that had not been told.
    """

    kind: Kind
    subject: str
    items: tuple[Item, ...] = ()
    more: int = 0
    archive: int = 0
    silent: int = 0
    repeats: int = 0

    def __bool__(self) -> bool:
        return bool(self.items or self.archive or self.silent)


def section(
    kind: Kind, subject: str, found: Iterable[tuple[Document, Point | None]], told: Collection[Told], now: datetime
) -> Section:
    """The best first. A document without a point gets the one that says most of what was not told."""
    before = {one.document for one in told}
    came = list(found)
    fresh = [(document, point) for document, point in came if document.id not in before]
    archive = [document for document, _ in fresh if document.published < now - OLD]
    if len(archive) > BACKLOG:
        fresh = [(document, point) for document, point in fresh if document.published >= now - OLD]
    else:
        archive = []
    items = folded(fresh, [one.text for one in told if one.text])
    shown = tuple(items[:ITEMS])
    repeats = 0 if items or archive else len(came)
    return Section(kind, subject, shown, len(items) - len(shown), len(archive), repeats=repeats)


def folded(found: Iterable[tuple[Document, Point | None]], told: Iterable[str] = ()) -> list[Item]:
    """An item for each story; what was told already is none."""
    known = [traced(text) for text in told]
    items: list[Item] = []
    for document, given in found:
        point = given or choose(document, known)
        if point is None or any(same(traced(point.text), one) for one in known):
            continue
        mine = traced(point.text)
        teller = next((n for n, item in enumerate(items) if same(mine, traced(item.point.text))), None)
        if teller is None:
            items.append(Item(document, point))
        else:
            items[teller] = replace(items[teller], also=(*items[teller].also, document))
    return items


def choose(document: Document, known: Sequence[Trace]) -> Point | None:
    """The core viewpoint, else the point richest in figures, that repeats nothing known; None where all do."""
    ranked = sorted(
        enumerate(document.points),
        key=lambda numbered: (
            not CORE.search(numbered[1].section),
            -len(traced(numbered[1].text).figures),
            numbered[0],
        ),
    )
    return next((point for _, point in ranked if not any(same(traced(point.text), one) for one in known)), None)


def told_by(shown: Section) -> list[Told]:
    told = [Told(item.document.id, item.point.text[:KEPT]) for item in shown.items]
    return told + [Told(document.id, "") for item in shown.items for document in item.also]


def apart(sections: Iterable[Section]) -> list[Section]:
    """Each document in the first section that has it."""
    seen: set[str] = set()
    kept = []
    for one in sections:
        items = tuple(item for item in one.items if item.document.id not in seen)
        seen |= {item.document.id for item in items}
        kept.append(replace(one, items=items))
    return kept


def digest(sections: Sequence[Section], on: date, style: Style) -> list[str]:
    """Sections that have something to say, under the date; pages end between items."""
    shown = [one for one in sections if one]
    count = sum(len(one.items) + one.more for one in shown)
    head = style.say("digest-head", date=f"{on:%Y-%m-%d}", day=weekday(on, style.say), documents=count)
    blocks = [bold(head)]
    for one in shown:
        blocks += _blocks(one, style)
    return list(pack(blocks))


def answer(found: Item, question: str, style: Style) -> str:
    """What was asked for has come in."""
    head = bold(style.say("standing-answer", question=cut(line(question), SUBJECT)))
    return f"{head}\n\n{item(found, style, 3 * TEXT)}"


def listing(subject: str, found: Iterable[Item], style: Style) -> list[str]:
    """All that a delivery was about, without its limit."""
    return list(pack([bold(cut(line(subject), SUBJECT)), *(item(one, style, TEXT) for one in found)]))


def item(shown: Item, style: Style, longest: int) -> str:
    lines = [f"• {escape(text)}" for text in _said(shown, style, longest)]
    lines += [f"{title(shown.document, style)} · {escape(dated(shown.document, style))}"]
    if shown.also:
        others = dict.fromkeys(outlet_name(document.outlet, style.language) for document in shown.also)
        lines.append(escape(style.say("also", outlets=style.say("between-words").join(list(others)[:3]))))
    return "\n".join(lines)


def _said(shown: Item, style: Style, longest: int) -> list[str]:
    """The point; of a full text the sentences that carry it, half as long each."""
    if shown.document.kind == "full" and shown.document.points:
        texts = [point.text for point in shown.document.points]
        return [cut(line(sentence), longest // 2) for sentence in carrying(texts)]
    return [" ".join([cut(line(shown.point.text), longest), *paragraphs(shown.point, style.say)])]


def weekday(day: date, say: Say) -> str:
    return (
        say("day-mon"),
        say("day-tue"),
        say("day-wed"),
        say("day-thu"),
        say("day-fri"),
        say("day-sat"),
        say("day-sun"),
    )[day.weekday()]


def _blocks(shown: Section, style: Style) -> list[str]:
    subject = cut(line(shown.subject), SUBJECT)
    heading = bold(f"🔔 {subject}" if shown.kind == "question" else f"# {subject}")
    notes = [
        style.say("digest-more", documents=shown.more) if shown.more else "",
        style.say("digest-archive", documents=shown.archive) if shown.archive else "",
        style.say("digest-silent", days=shown.silent) if shown.silent else "",
    ]
    blocks = [item(one, style, TEXT) for one in shown.items] + [escape(note) for note in notes if note]
    return [f"{heading}\n{blocks[0]}", *blocks[1:]]
