"""Listings: a request for news or an overview goes in, documents with one telling point each come out."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.conversation.request import Request
from bot.digest.digest import DigestItem, FoundDocument, cached_fingerprint, group_by_story, pick_point
from retrieval.language.bilingual_names import topic_of_part, topics_by_other_name
from retrieval.language.fingerprints import TextFingerprint
from retrieval.language.topic_filter import quoted_topic_filter
from retrieval.library import Library
from retrieval.model.documents import Document
from retrieval.model.outlets import all_names
from retrieval.model.results import Hit, Result

MAX_LISTED = 50  # documents of a listing, over all pages
MIN_TITLE_WORDS = 2  # of a subject, in the title of a document about it that does not have all of it
MIN_TITLE_SHARE = 0.6  # of the subject's words
MIN_POINTS = 2  # that speak of a subject, in a document about it whose title does not name it
OVERVIEW_POINTS = 3  # of the only document about a subject
MIN_SHARE = 0.4  # of the best point's score that a document's point must have to be about the subject

# What joins a publisher to the rest of a subject: 新华社关于储能, 'chips from Xinhua'.
JOINING = re.compile(
    r"^[\s,，、的]*(?:关于|有关|对|上的?|里的?|中的?|(?:on|about|regarding|'s)\b)?[\s的]*"
    r"|[\s,，、的]*(?:(?:by|from|in|of|according to)\b)?\s*$"
)


@dataclass(frozen=True, slots=True)
class Listing:
    """`items` are newest first; `topic` is the topic that the subject names, or ''.

    `undated`: nothing is of the days that were asked for, so that the items are of other days.
    """

    items: tuple[DigestItem, ...]
    topic: str = ""
    undated: bool = False

    def page(self, number: int, size: int) -> tuple[DigestItem, ...]:
        return self.items[number * size : (number + 1) * size]

    def pages(self, size: int) -> int:
        return max(1, -(-len(self.items) // size))

    def hits(self) -> list[Hit]:
        return [Hit(n, 1.0, item.point, item.document, item.also) for n, item in enumerate(self.items, 1)]


def find_documents(library: Library, request: Request, now: datetime) -> Listing:
    """Without items where nothing is surely about the subject. Blocks on the search."""
    request = _with_outlet(request)
    found = _listing(library, request, now)
    if not found.items and request.outlet:  # 'Xinhua' may mean Xinhuanet
        for namesake in _of_namesakes(request):
            if (found := _listing(library, namesake, now)).items:
                break
    if found.items or not request.when:
        return found
    others = find_documents(library, replace(request, when=""), now)
    return replace(others, undated=bool(others.items))


def _of_namesakes(request: Request) -> Iterator[Request]:
    """Of the publishers whose names begin with the one that is named, shortest first."""
    name = request.outlet.casefold()
    longer = {outlet.name: one for one, outlet in all_names().items() if one.startswith(name) and one != name}
    yield from (replace(request, outlet=one) for one in sorted(longer.values(), key=len))


def _listing(library: Library, request: Request, now: datetime) -> Listing:
    filters = _filters(request)
    if not request.subject:
        if not filters:
            return _of_documents(FoundDocument(document) for document in library.recent(MAX_LISTED))
        return _of_documents(_whole_documents(library, library.search(filters, MAX_LISTED, now=now)))
    topic = quoted_topic_filter(_topic_name(library, request.subject))
    in_topic = library.search(f"{topic} {filters}".strip(), MAX_LISTED, now=now)
    if in_topic.reading.topics and in_topic.hits:
        return replace(_of_documents(_whole_documents(library, in_topic)), topic=in_topic.reading.topics[0])
    result = library.search(f"{request.subject} {filters}".strip(), MAX_LISTED, now=now)
    lacks = bool(result.missing) or set(result.words) <= set(result.uncovered)
    if result.verdict == "none" or (result.verdict == "maybe" and lacks):
        return Listing(())
    about = _about(library, result, request.subject)
    if request.intent == "overview" and len(about) == 1:
        return _of_documents(_most_telling(about[0], result))
    return _of_documents(about)


def _topic_name(library: Library, subject: str) -> str:
    """The only topic that the subject names, maybe in part (储能 or "energy storage": 新型储能); else the subject."""
    topics = [topic.name for topic in library.topics()]
    names = topics_by_other_name(topics, library.aliases) | {topic: topic for topic in topics}
    return topic_of_part(subject, names) or subject


def _of_documents(documents: Iterable[FoundDocument]) -> Listing:
    """One item for each story. A document all of whose points repeat what stands above is left out."""
    return Listing(tuple(group_by_story(documents)))


def _whole_documents(library: Library, result: Result) -> list[FoundDocument]:
    """Of a search by filters alone, whose points are merely the first of each document."""
    return [FoundDocument(document) for hit in result.hits if (document := library.document(hit.document.id))]


def _about(library: Library, result: Result, subject: str) -> list[FoundDocument]:
    """The documents about the subject, newest first: those that name it in their title or speak of it in several
    points. Where there are none, those with a good point. That point is shown unless the title names the subject.
    """
    least = MIN_SHARE * max((hit.score for hit in result.hits), default=0.0)
    titled = {hit.document.id for hit in result.hits if _is_titled(hit.document, subject, result)}
    near = [hit for hit in result.hits if hit.score >= least]
    most = max(map(_words_named, near), default=0)
    points: dict[str, list[Hit]] = {}
    for hit in result.hits:
        if hit.document.id in titled or (hit.score >= least and _words_named(hit) == most):
            points.setdefault(hit.document.id, []).append(hit)
    about = [hits[0] for id, hits in points.items() if id in titled or len(hits) >= MIN_POINTS]
    shown = about or [hits[0] for hits in points.values()]
    found: list[FoundDocument] = []
    for hit in sorted(shown, key=lambda hit: hit.document.published, reverse=True):
        whole = library.document(hit.document.id) if hit.document.id in titled else None
        found.append(FoundDocument(whole) if whole else FoundDocument(hit.document, hit.point))
    return found


def _most_telling(found: FoundDocument, result: Result) -> Iterator[FoundDocument]:
    """Up to OVERVIEW_POINTS of the only document: of the whole one, or of the points that were found in it."""
    known: list[TextFingerprint] = []
    given = [hit.point for hit in result.hits if hit.document.id == found.document.id] if found.point else []
    for number in range(OVERVIEW_POINTS):
        point = given[number] if number < len(given) else None if found.point else pick_point(found.document, known)
        if point:
            known.append(cached_fingerprint(point.text))
            yield FoundDocument(found.document, point)


def _words_named(hit: Hit) -> int:
    return len({match.word for match in hit.matches})


def _is_titled(document: Document, subject: str, result: Result) -> bool:
    """Whether its title has the subject, or most of its words by the names that points have for them: 压缩空气储能 for
    'compressed air storage'."""
    title = document.title.casefold()
    if subject.casefold() in title:
        return True
    named = {
        match.word
        for hit in result.hits
        for match in hit.matches
        if match.sure and hit.point.text[match.start : match.end].casefold() in title
    }
    return len(named) >= max(MIN_TITLE_WORDS, MIN_TITLE_SHARE * len(result.words))


def _filters(request: Request) -> str:
    outlet = f'outlet:"{request.outlet}"' if request.outlet else ""
    return f"{outlet} {f'date:{request.when}' if request.when else ''}".strip()


def _with_outlet(request: Request) -> Request:
    """The publisher that the subject begins or ends with is taken out of it."""
    if request.outlet or not request.subject:
        return request
    subject = request.subject.casefold()
    if len(subject) != len(request.subject):
        return request
    for name in sorted(all_names(), key=len, reverse=True):
        if len(name) > 1 and (subject.startswith(name) or subject.endswith(name)) and _apart(subject, name):
            at = 0 if subject.startswith(name) else len(subject) - len(name)
            rest = request.subject[:at] + request.subject[at + len(name) :]
            return replace(request, subject=JOINING.sub("", rest).strip(), outlet=name)
    return request


def _apart(subject: str, name: str) -> bool:
    """Whether the publisher is all there is, or joined by a blank or a word such as 关于."""
    if subject == name:
        return True
    rest = subject.removeprefix(name) if subject.startswith(name) else subject.removesuffix(name)
    return JOINING.sub("", rest) != rest
