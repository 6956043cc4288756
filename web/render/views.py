"""What a template shows: documents and results go in, frozen records of plain text with their addresses come out."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise

from retrieval.language.han import has_han
from retrieval.language.plain_text import single_line
from retrieval.model.documents import BEIJING, Document, Outlet, Point
from retrieval.model.outlets import document_links
from retrieval.model.results import Hit, Interpretation, Result
from retrieval.query.filter_removal import FilterRemoval
from retrieval.search.direct_answer import find_answer
from retrieval.search.emphasis import CharSpan, find_emphasis
from retrieval.storage.listing import Revision
from web.addresses import Addresses

CORE_SECTIONS = ("core viewpoint", "core insights", "核心观点")  # what exports call the gist of an article


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; `strong` is what answers or matches."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class PointView:
    id: str
    pieces: tuple[Piece, ...]
    citations: tuple[int, ...]
    language: str


@dataclass(frozen=True, slots=True)
class SectionView:
    heading: str
    points: tuple[PointView, ...]
    core: bool


@dataclass(frozen=True, slots=True)
class SourceView:
    """A document's head; `address` is the page's own, `article` the outlet's, or else `lookup` searches for it."""

    id: str
    title: str
    language: str
    outlet: str
    outlet_name: str
    when: str
    machine_time: str
    topics: tuple[str, ...]
    address: str
    article: str | None
    lookup: str | None
    full: bool


@dataclass(frozen=True, slots=True)
class DocumentView:
    source: SourceView
    sections: tuple[SectionView, ...]

    @property
    def core(self) -> tuple[SectionView, ...]:
        """The gist; where no section is called so, the first one."""
        return tuple(one for one in self.sections if one.core) or self.sections[:1]

    @property
    def rest(self) -> tuple[SectionView, ...]:
        return tuple(one for one in self.sections if one not in self.core)

    @property
    def rest_points(self) -> int:
        return sum(len(one.points) for one in self.rest)


@dataclass(frozen=True, slots=True)
class HitView:
    rank: int
    point: PointView
    section: str
    source: SourceView
    address: str
    also: tuple[SourceView, ...]


@dataclass(frozen=True, slots=True)
class FilterView:
    """What was understood of the question, and the search without it."""

    kind: str
    text: str
    without: str | None


@dataclass(frozen=True, slots=True)
class ResultView:
    """`direct` is the one value that is asked for, where a confident answer has it; else ''."""

    verdict: str
    direct: str
    hits: tuple[HitView, ...]
    missing: tuple[str, ...]
    nowhere: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RevisionView:
    number: int
    until: str
    machine_time: str
    sections: tuple[SectionView, ...]


@dataclass(frozen=True, slots=True)
class ViewContext:
    """For whom views are made."""

    addresses: Addresses
    search_address: str
    names: Callable[[Outlet], str]
    named: Callable[[str], str] = str

    def source(self, document: Document) -> SourceView:
        links = {link.kind: link.url for link in document_links(document, self.search_address)}
        published = document.published.astimezone(BEIJING)
        return SourceView(
            id=document.id,
            title=single_line(document.title) or "…",
            language=language_tag(document.title),
            outlet=self.names(document.outlet),
            outlet_name=document.outlet.name,
            when=f"{published:%Y-%m-%d %H:%M}",
            machine_time=published.isoformat(timespec="minutes"),
            topics=document.topics,
            address=self.addresses.document(document.id),
            article=links.get("article"),
            lookup=links.get("search"),
            full=document.kind == "full",
        )

    def document(self, document: Document) -> DocumentView:
        return DocumentView(self.source(document), sections(document.points, self.named))

    def result(self, result: Result) -> ResultView:
        hits = result.hits if result.verdict != "none" else ()
        value = find_answer(result)
        spelled = (_spelled(result.missing, result.question), _spelled(result.nowhere, result.question))
        return ResultView(
            result.verdict,
            single_line(hits[0].point.text[slice(*value)]) if value else "",
            tuple(self.hit(one, value if one is hits[0] else None) for one in hits),
            *spelled,
        )

    def hit(self, hit: Hit, value: CharSpan | None = None) -> HitView:
        matches = [one for one in hit.matches if 0 <= one.start < one.end <= len(hit.point.text)]
        pieces = split_pieces(hit.point.text, find_emphasis(hit.point.text, matches, value))
        # an outlet that printed it twice is named once
        others = {one.outlet.name: one for one in reversed(hit.also) if one.outlet.name != hit.document.outlet.name}
        return HitView(
            hit.rank,
            _point(hit.point, pieces),
            single_line(self.named(hit.point.section)),
            self.source(hit.document),
            self.addresses.document(hit.document.id, hit.point.id),
            tuple(self.source(one) for one in reversed(others.values())),
        )


def sections(points: Iterable[Point], named: Callable[[str], str]) -> tuple[SectionView, ...]:
    """In reading order; points that follow each other under one heading are together."""
    return tuple(
        SectionView(
            single_line(named(heading)),
            tuple(_point(point, (Piece(single_line(point.text)),)) for point in under),
            single_line(heading).casefold() in CORE_SECTIONS,
        )
        for heading, under in groupby(points, key=lambda point: point.section)
    )


def view_revisions(former: Sequence[Revision], named: Callable[[str], str]) -> tuple[RevisionView, ...]:
    return tuple(RevisionView(one.number, *_time(one.ended), sections(one.points, named)) for one in former)


def split_pieces(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """`spans` ascend and are disjoint."""
    strong = set(spans)
    borders = sorted({0, len(text), *(border for span in spans for border in span)})
    return tuple(Piece(text[a:b], (a, b) in strong) for a, b in pairwise(borders))


def understood(
    reading: Interpretation,
    removals: Sequence[FilterRemoval],
    addresses: Addresses,
    names: Callable[[str], str],
    named: Callable[[str], str],
) -> list[FilterView]:
    """In the order in which the answer in Telegram says it."""
    without = {(one.kind, one.value): addresses.search(one.question) for one in removals}

    def views() -> Iterator[FilterView]:
        for outlet in reading.outlets:
            yield FilterView("outlet", names(outlet), without.get(("outlet", outlet)))
        for topic in reading.topics:
            yield FilterView("topic", single_line(named(topic)), without.get(("topic", topic)))
        if reading.since or reading.until:
            yield FilterView("date", name_days(reading.since, reading.until), without.get(("date", "")))
        for phrase in reading.phrases:
            yield FilterView("phrase", single_line(phrase), without.get(("phrase", phrase)))
        for word in reading.excluded:
            yield FilterView("excluded", single_line(word), without.get(("excluded", word)))

    return [view for view in views() if view.text]


def name_unreal_dates(reading: Interpretation) -> list[tuple[str, str]]:
    """Dates that the calendar does not have, and the days that they were read as; '' where one was refused."""
    return [
        (one.asked, name_days(one.since, one.until) if one.since or one.until else "") for one in reading.unreal_dates
    ]


def name_days(since: date | None, until: date | None) -> str:
    """As short as possible: a year, a month, a day, else a range with an open end where it has one."""
    if since and until:
        if since == until:
            return f"{since:%Y-%m-%d}"
        if (since.month, since.day, until.month, until.day, since.year) == (1, 1, 12, 31, until.year):
            return f"{since:%Y}"
        if since.day == 1 and until == since.replace(day=monthrange(since.year, since.month)[1]):
            return f"{since:%Y-%m}"
    return f"{since or ''} – {until or ''}".strip()


def language_tag(text: str) -> str:
    """For screen readers, which speak a title in Chinese and its points in English."""
    return "zh-Hans" if has_han(text) else "en"


def _point(point: Point, pieces: tuple[Piece, ...]) -> PointView:
    return PointView(point.id, pieces, point.citations, language_tag(point.text))


def _spelled(words: Sequence[str], question: str) -> tuple[str, ...]:
    """As the question writes them: the search knows them in lower case only."""
    folded = question.casefold()
    if len(folded) != len(question):
        return tuple(words)
    return tuple(question[at : at + len(word)] if (at := folded.find(word)) >= 0 else word for word in words)


def _time(time: datetime) -> tuple[str, str]:
    local = time.astimezone(BEIJING)
    return f"{local:%Y-%m-%d %H:%M}", local.isoformat(timespec="minutes")
