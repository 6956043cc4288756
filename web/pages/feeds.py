"""Atom feeds of the page: all documents, a topic, or any search, to be followed in a reader."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from retrieval.language.plain_text import single_line
from retrieval.model.documents import Document
from retrieval.model.results import Hit
from retrieval.storage.listing import DocumentChoice
from web.addresses import Addresses
from web.render.atom import ATOM_TYPE, AtomHead, FeedEntry, render_atom
from web.request.reader import PageReader, full_question
from web.site.responses import Body
from web.site.site import PageSite

FEED_ENTRIES = 40
FEED_POINTS = 20  # of a search: the best ones, in the order of their documents' days


class FeedPages:
    def __init__(self, site: PageSite) -> None:
        self._site = site

    async def documents(self, request: Request) -> Response:
        topic = request.query_params.get("topic") or None
        return await self._site.respond(request, lambda reader: self._documents(reader, topic))

    async def search(self, request: Request) -> Response:
        query = request.query_params
        question = full_question(query.get("q", ""), query.get("topic", ""))
        if not question:
            raise HTTPException(404)
        return await self._site.respond(request, lambda reader: self._search(reader, question), searching=True)

    def _documents(self, reader: PageReader, topic: str | None) -> Body:
        addresses = _absolute(reader)
        if topic is None:
            head = AtomHead("知点 Zhidian", "urn:zhidian:documents", addresses.feed(), addresses.home())
        else:
            name = self._site.topic(topic).name
            shown = single_line(self._site.named(reader)(name))
            title, id = f"知点 · {shown}", f"urn:zhidian:topic:{Addresses.quoted(name)}"
            head = AtomHead(title, id, addresses.feed(name), addresses.topic(name))
        return self._feed(head, reader, self._site.listing.documents(DocumentChoice(topic), FEED_ENTRIES))

    def _search(self, reader: PageReader, question: str) -> Body:
        """Of a request such as 'what is new', the documents that it asks for; of a comparison, those of its sides."""
        addresses, requested = _absolute(reader), self._site.host.requested(question)
        title, id = f"知点 · {single_line(question)}", f"urn:zhidian:search:{Addresses.quoted(question)}"
        head = AtomHead(title, id, addresses.search_feed(question), addresses.search(question))
        if requested and requested.documents:
            return self._feed(head, reader, requested.documents[:FEED_ENTRIES])
        if requested and requested.sides:
            return self._feed(head, reader, documents_of(hit for _, hit in requested.sides if hit))
        searched = requested.question if requested else ""
        result = self._site.searches.search(searched or question, FEED_POINTS, shown=1)
        return self._feed(head, reader, documents_of(result.hits if result.verdict != "none" else ()))

    def _feed(self, head: AtomHead, reader: PageReader, documents: Sequence[Document]) -> Body:
        addresses, named = _absolute(reader), self._site.named(reader)
        revised = self._site.listing.revised([one.id for one in documents])
        entries = [FeedEntry(one, addresses.document(one.id), revised.get(one.id)) for one in documents]
        return Body(render_atom(head, entries, self._site.options.now(), named), ATOM_TYPE)


def documents_of(hits: Iterable[Hit]) -> list[Document]:
    """Each with the points that were found in it, best first; the latest published first."""
    found: dict[str, Document] = {}
    for hit in hits:
        known = found.get(hit.document.id, replace(hit.document, points=()))
        found[hit.document.id] = replace(known, points=(*known.points, hit.point))
    return sorted(found.values(), key=lambda one: (-one.published.timestamp(), one.id))


def _absolute(reader: PageReader) -> Addresses:
    return replace(reader.addresses, base=reader.origin)
