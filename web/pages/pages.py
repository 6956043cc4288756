"""The pages: a request goes in, HTML comes out. What is shown is made by views, how by the templates."""

from dataclasses import replace
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from retrieval.model.documents import Document
from retrieval.model.outlets import outlet
from retrieval.model.results import Verdict
from retrieval.query.filter_removal import filter_removals
from retrieval.search.same_story import find_versions
from retrieval.storage.listing import DocumentChoice
from web.host import Answered, Requested
from web.render import views
from web.render.page import render_page
from web.request.reader import PageReader, full_question, outlet_names, page_number
from web.site.bell import view_bell
from web.site.responses import Body
from web.site.searches import answered_by
from web.site.site import PageSite

LISTED_DOCUMENTS = 10  # of a list
SEARCH_POINTS = 10
STORY_POINTS = 20  # of a search for a document's title, whose documents may tell the same story
MAX_CHIPS = 12  # topics where there is nothing else to show
MAX_FACETS = 12  # of one filter: the rest is found by the search


class Pages:
    def __init__(self, site: PageSite) -> None:
        self._site = site

    async def home(self, request: Request) -> Response:
        page = page_number(request.query_params.get("page"))
        return await self._site.respond(request, lambda reader: self._home(reader, page))

    async def topic(self, request: Request) -> Response:
        query = request.query_params
        choice = DocumentChoice(request.path_params["topic"], query.get("outlet") or None, query.get("month") or None)
        page = page_number(query.get("page"))
        return await self._site.respond(request, lambda reader: self._topic(reader, choice, page))

    async def document(self, request: Request) -> Response:
        id = request.path_params["id"]
        return await self._site.respond(request, lambda reader: self._document(reader, id), searching=True)

    async def search(self, request: Request) -> Response:
        """`part` asks for the results alone, while somebody types: such a search is logged once it is `settled`."""
        query = request.query_params
        question, part = full_question(query.get("q", ""), query.get("topic", "")), "part" in query
        page = page_number(query.get("page"))
        logged = (not part or "settled" in query) and not page

        def make(reader: PageReader) -> Body:
            body = self._search(reader, "results.html" if part else "search.html", question, page)
            return body if logged else replace(body, answered=None)

        return await self._site.respond(request, make, searching=bool(question))

    async def robots(self, _: Request) -> Response:
        allowed = self._site.options.indexed and self._site.options.open
        rules = "Disallow: /search\nDisallow: /api/" if allowed else "Disallow: /"
        return Response(f"User-agent: *\n{rules}\n", media_type="text/plain; charset=utf-8")

    def _home(self, reader: PageReader, page: int) -> Body:
        documents, pages = self._listed(DocumentChoice(), page)
        context, library = self._context(reader), self._site.library
        return self._html(
            reader,
            "home.html",
            topics=[] if page else library.topics(),
            documents=[context.document(one) for one in documents],
            page=page,
            pages=pages,
            turn=reader.addresses.home,
            counts=library.counts(),
            feed=reader.addresses.feed(),
        )

    def _topic(self, reader: PageReader, choice: DocumentChoice, page: int) -> Body:
        topic = self._site.topic(choice.topic or "")
        documents, pages = self._listed(choice, page)
        context, addresses, listing = self._context(reader), reader.addresses, self._site.listing

        def turn(number: int) -> str:
            return addresses.topic(topic.name, choice.outlet, choice.month, number)

        return self._html(
            reader,
            "topic.html",
            topic=topic,
            documents=[context.document(one) for one in documents],
            total=listing.count(choice),
            chosen_outlet=context.names(outlet(choice.outlet)) if choice.outlet else "",
            chosen_month=choice.month or "",
            without_outlet=addresses.topic(topic.name, None, choice.month),
            without_month=addresses.topic(topic.name, choice.outlet),
            outlets=[
                (context.names(outlet(one.value)), one.documents, addresses.topic(topic.name, one.value, choice.month))
                for one in listing.outlets(replace(choice, outlet=None))[:MAX_FACETS]
            ],
            months=[
                (one.value, one.documents, addresses.topic(topic.name, choice.outlet, one.value))
                for one in listing.months(replace(choice, month=None))[:MAX_FACETS]
            ],
            page=page,
            pages=pages,
            turn=turn,
            feed=addresses.feed(topic.name),
            rule=self._site.library.gathering.find(topic.name),
            bell=view_bell(self._site.host, reader, "topic", topic.name),
        )

    def _document(self, reader: PageReader, id: str) -> Body:
        document = self._site.library.document(id)
        if document is None:
            raise HTTPException(404)
        context = self._context(reader)
        return self._html(
            reader,
            "document.html",
            document=context.document(document),
            versions=[context.source(one) for one in self._versions(document)],
            revisions=views.view_revisions(self._site.listing.revisions(id), context.named),
        )

    def _versions(self, document: Document) -> list[Document]:
        found = self._site.searches.search(document.title, STORY_POINTS, shown=1)
        ids = {one.id for hit in found.hits for one in (hit.document, *hit.also)}
        return find_versions(document, filter(None, map(self._site.library.document, sorted(ids))))

    def _search(self, reader: PageReader, template: str, question: str, page: int) -> Body:
        if not question:
            return self._html(reader, template, topics=self._site.library.topics()[:MAX_CHIPS])
        begun, requested = self._site.searches.now(), self._site.host.requested(question)
        if requested is None or requested.question:
            return self._found(reader, template, question, requested.question if requested else "")
        took = (self._site.searches.now() - begun).total_seconds() * 1000
        body = self._html(reader, template, question=question, **self._requested(reader, question, requested, page))
        points = requested.points or tuple(hit.point.id for _, hit in requested.sides if hit)
        complete = all(hit for _, hit in requested.sides) if requested.sides else bool(points)
        verdict: Verdict = "answer" if complete else "maybe" if points else "none"
        return replace(body, answered=Answered(question, verdict, points, took))

    def _requested(self, reader: PageReader, question: str, requested: Requested, page: int) -> dict[str, object]:
        context, found = self._context(reader), requested.documents
        pages = _pages_of(len(found))
        if page >= pages:
            raise HTTPException(404)
        return {
            "listed": [context.document(one) for one in found[page * LISTED_DOCUMENTS : (page + 1) * LISTED_DOCUMENTS]],
            "total": len(found),
            "page": page,
            "pages": pages,
            "turn": partial(reader.addresses.search, question),
            "compared": [(name, context.hit(hit) if hit else None) for name, hit in requested.sides],
            "topics": () if found or requested.sides else self._site.library.topics()[:MAX_CHIPS],
            "feed": reader.addresses.search_feed(question),
        }

    def _found(self, reader: PageReader, template: str, question: str, instead: str) -> Body:
        """`instead` is searched for, where the question as it stands asks for something that there is not."""
        library, searched = self._site.library, instead or question
        result = self._site.searches.search(searched, SEARCH_POINTS)
        context, reading = self._context(reader), result.reading
        removals = []
        if any((reading.outlets, reading.topics, reading.since, reading.until, reading.phrases, reading.excluded)):
            topics = [topic.name for topic in library.topics()]
            removals = filter_removals(searched, self._site.searches.now(), topics)
        body = self._html(
            reader,
            template,
            question=question,
            result=context.result(result),
            filters=views.understood(
                reading, removals, reader.addresses, lambda name: context.names(outlet(name)), context.named
            ),
            corrections=reading.corrections,
            unreal_dates=views.name_unreal_dates(reading),
            refused=reading.is_refused,
            truncated=reading.truncated,
            rarest_only=reading.rarest_only,
            documents=library.counts().documents,
            topics=library.topics()[:MAX_CHIPS] if result.verdict == "none" else (),
            feed=reader.addresses.search_feed(searched),
            bell=view_bell(self._site.host, reader, "search", searched),
        )
        return replace(body, answered=answered_by(result, question if instead else None))

    def _listed(self, choice: DocumentChoice, page: int) -> tuple[list[Document], int]:
        """The documents of a page, and how many pages there are; 404 beyond the last."""
        listing = self._site.listing
        pages = _pages_of(listing.count(choice))
        if page >= pages:
            raise HTTPException(404)
        return listing.documents(choice, LISTED_DOCUMENTS, page * LISTED_DOCUMENTS), pages

    def _context(self, reader: PageReader) -> views.ViewContext:
        names, named = outlet_names(reader.language), self._site.named(reader)
        return views.ViewContext(reader.addresses, self._site.options.search_address, names, named)

    def _html(self, reader: PageReader, template: str, **values: object) -> Body:
        return Body(render_page(template, reader, self._site.options, named=self._site.named(reader), **values))


def _pages_of(documents: int) -> int:
    return max(1, -(-documents // LISTED_DOCUMENTS))
