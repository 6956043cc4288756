"""The API: searches, documents and topics as the JSON of `zhidian search --json`, and errors in one form."""

import json
from functools import partial
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from retrieval.language.bilingual_names import other_names
from retrieval.language.plain_text import replace_surrogates
from retrieval.library import MAX_QUESTION_CHARS
from retrieval.model.documents import Document
from retrieval.model.json_contract import document_json, result_json, topic_json
from retrieval.model.outlets import Link, document_links
from web.host import Answered
from web.request.reader import PageReader, full_question
from web.site.responses import JSON_TYPE, Body
from web.site.searches import answered_by
from web.site.site import PageSite

DEFAULT_POINTS, MAX_API_POINTS = 10, 50
MAX_NUMBER_DIGITS = 9
ERRORS = {
    400: ("bad_request", "The request cannot be understood."),
    403: ("forbidden", "This library is for invited people: ask its bot for a link with /web."),
    404: ("not_found", "There is nothing at this address; /api/openapi.json lists what there is."),
    405: ("method_not_allowed", "Only GET and HEAD are answered here."),
    413: ("too_large", "The body is too large."),
    414: ("too_long", "The address is too long."),
    429: ("too_many_requests", "Too many requests from this address; Retry-After says in how many seconds to go on."),
    500: ("internal", "Something went wrong here; it was logged."),
    503: ("busy", "Too many searches are waiting; try again in a few seconds."),
}


class Api:
    def __init__(self, site: PageSite) -> None:
        self._site = site

    async def search(self, request: Request) -> Response:
        query = request.query_params
        question = full_question(query.get("q", ""), query.get("topic", ""))
        if not question:
            raise HTTPException(400, "q is missing: /api/search?q=WORDS")
        written = query.get("k", str(DEFAULT_POINTS))
        points = int(written) if written.isascii() and written.isdigit() and len(written) <= MAX_NUMBER_DIGITS else 0
        if not 1 <= points <= MAX_API_POINTS:
            raise HTTPException(400, f"k must be a number from 1 to {MAX_API_POINTS}")
        return await self._site.respond(request, lambda reader: self._search(reader, question, points), searching=True)

    async def document(self, request: Request) -> Response:
        return await self._site.respond(request, partial(self._document, request.path_params["id"]))

    async def topics(self, request: Request) -> Response:
        return await self._site.respond(request, self._topics)

    async def openapi(self, request: Request) -> Response:
        return await self._site.respond(request, self._openapi)

    def _search(self, reader: PageReader, question: str, k: int) -> Body:
        result = self._site.searches.search(question, k)
        cut = {"question": result.question[:MAX_QUESTION_CHARS]}
        return _json(result_json(result, partial(self._links, reader)) | cut, answered_by(result))

    def _document(self, id: str, reader: PageReader) -> Body:
        document = self._site.library.document(id)
        if document is None:
            raise HTTPException(404, f"there is no document {id[:40]}")
        return _json(document_json(document, partial(self._links, reader)))

    def _topics(self, _: PageReader) -> Body:
        library = self._site.library
        topics = [topic_json(topic, other_names(topic.name, library.aliases)) for topic in library.topics()]
        return _json({"topics": topics})

    def _openapi(self, reader: PageReader) -> Body:
        return _json(openapi_document() | {"servers": [{"url": reader.origin}]})

    def _links(self, reader: PageReader, document: Document) -> list[Link]:
        page = Link("page", reader.origin + reader.addresses.document(document.id))
        return [*document_links(document, self._site.options.search_address), page]


def error_json(status: int, message: str = "") -> bytes:
    """`message` says more than the status."""
    code, text = ERRORS.get(status, ("error", "The request cannot be answered."))
    return json.dumps({"error": {"code": code, "message": message or text}}, ensure_ascii=False).encode()


def openapi_document() -> dict[str, object]:
    loaded: dict[str, object] = json.loads(files("web.pages").joinpath("openapi.json").read_text("utf-8"))
    return loaded


def _json(value: object, answered: Answered | None = None) -> Body:
    return Body(replace_surrogates(json.dumps(value, ensure_ascii=False)).encode(), JSON_TYPE, answered)
