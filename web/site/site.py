"""What all parts of the page share: the library behind it, its host and options, and how a body is found or made."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from retrieval.language.bilingual_names import name_with_other
from retrieval.library import Library
from retrieval.model.results import Topic
from retrieval.storage.listing import CorpusListing
from web.host import PageHost, PageOptions
from web.request.reader import PageReader, read_reader
from web.site.responses import Body, BodyCache, TaggedBody, respond
from web.site.searches import PageSearches


@dataclass(frozen=True, slots=True)
class PageSite:
    """`listing` and `searches` read `library`'s corpus."""

    library: Library
    listing: CorpusListing
    searches: PageSearches
    host: PageHost
    options: PageOptions
    cache: BodyCache

    async def respond(
        self, request: Request, make: Callable[[PageReader], Body], *, searching: bool = False
    ) -> Response:
        """`make` blocks; where it may be `searching`, it takes its turn."""
        reader = read_reader(request, self.options)
        where, names = (request.url.path, request.url.query), self.library.aliases.version()
        key = (*where, self.searches.today(), self.listing.version(), names, self.host.bot_name())
        found = None if reader.viewer else self.cache.get((*key, reader))

        def find() -> TaggedBody:
            """What is made for one person is shown to nobody else: the reader is part of the key."""
            known = reader
            if reader.viewer:
                known = replace(reader, followed=tuple(self.host.followed(reader.viewer, reader.language)))
            return self.cache.find((*key, known), lambda: make(known))

        if not found:
            found = await (self.searches.run(find) if searching else run_in_threadpool(find))
        response = respond(request, found)
        if (answered := found.body.answered) and request.method == "GET":
            response.background = BackgroundTask(self.host.answered, answered, reader.viewer)
        return response

    def named(self, reader: PageReader) -> Callable[[str], str]:
        """A topic or a heading with its name in the reader's language, as the bot shows it."""
        return partial(name_with_other, language=reader.language, aliases=self.library.aliases)

    def topic(self, name: str) -> Topic:
        """404 for an unknown one."""
        found = next((topic for topic in self.library.topics() if topic.name == name), None)
        if found is None:
            raise HTTPException(404)
        return found


@contextmanager
def open_site(library: Library, listing: CorpusListing, host: PageHost, options: PageOptions) -> Iterator[PageSite]:
    """Closes the listing at the end."""
    with closing(listing):
        searches = PageSearches(library, listing.version, options.now)
        yield PageSite(library, listing, searches, host, options, BodyCache())
