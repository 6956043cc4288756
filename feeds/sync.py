"""One visit to a feed: what is new there, fetched page by page, as documents in the library."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from urllib.parse import urlsplit

from feeds.fetcher import Fetched, Fetcher, FetchError
from feeds.parser import Entry, Source, SourceError, source
from feeds.subscriptions import TRIES, Feed, Feeds, Known
from retrieval.formats.html import page
from retrieval.formats.text_lines import MalformedError
from retrieval.library import Library
from retrieval.model.documents import Document
from retrieval.model.factory import moment, record
from retrieval.model.outlets import of_site
from retrieval.runtime.sandbox import Apart, ApartError

VISITED = 30  # new entries of one visit; the rest is left for the next
LONGEST = 300.0  # seconds of one visit: pages that are slow wait, too


@dataclass(frozen=True, slots=True)
class Visit:
    """`refused` says of an entry why it did not come in; `error` why nothing did."""

    documents: tuple[Document, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    unchanged: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Gathering:
    """Blocks; for one thread at a time."""

    library: Library
    feeds: Feeds
    web: Fetcher
    apart: Apart
    now: Callable[[], datetime]

    def visit(self, feed: Feed) -> Visit:
        """Fetch a feed and take in what is new; what fails is noted at the feed."""
        try:
            # an unchanged feed would not name again what is still to be fetched
            known = (None, None) if self.feeds.has_pending(feed) else (feed.etag, feed.modified)
            found = self.web.get(feed.url, *known)
            if found.status == 304:
                self._noted(feed, found, "", [], whole=True)
                return Visit(unchanged=True)
            offered = self.offered(found, feed.links)
        except (FetchError, SourceError, ApartError) as error:
            self.feeds.failed(feed, str(error), self.now(), getattr(error, "retry_after", None))
            return Visit(error=str(error))
        documents: list[Document] = []
        refused: list[tuple[str, str]] = []
        outcomes: list[Known] = []
        fresh, end = self._new(feed, offered), monotonic() + LONGEST
        for entry, tries in fresh[:VISITED]:
            if monotonic() > end:
                break
            read = self.read(entry, feed.topic, offered.title, last=tries + 1 >= TRIES)
            if isinstance(read, Document):
                documents.append(read)
                outcomes.append(Known(entry.key, "kept", tries + 1, entry.edition))
            else:
                reason, again = read
                refused.append((entry.link or entry.title, reason))
                outcomes.append(Known(entry.key, "pending" if again else "refused", tries + 1, entry.edition))
        self.library.add(documents, urlsplit(feed.url).hostname or "feed")
        # only now: what is noted as kept is in the corpus, and what is not is looked at again and changes nothing
        # neither what is left for the next time, nor what the sitemaps of an index hold, would be named again
        self._noted(feed, found, offered.title, outcomes, whole=len(outcomes) == len(fresh) and not offered.nested)
        return Visit(tuple(documents), tuple(refused))

    def offered(self, found: Fetched, links: str) -> Source:
        """A source's entries, those of the newest of its sitemaps where it is an index of them."""
        offered = self.apart(source, found.body, found.url, found.charset, links)
        for address in offered.nested:
            inner = self.web.get(address)
            more = self.apart(source, inner.body, inner.url, inner.charset)
            offered = replace(offered, entries=offered.entries + more.entries)
        return offered

    def read(self, entry: Entry, topic: str, title: str, *, last: bool = True) -> Document | tuple[str, bool]:
        """An entry's article, else its own summary; or why not, and whether to try again unless it is the `last`."""
        reason = "it has no page"
        if entry.link:
            try:
                found = self.web.get(entry.link)
                return self.apart(page, found.body, found.url, topic, found.charset, entry.published)
            except FetchError as error:
                if not last and not error.gone:
                    return str(error), True
                reason = str(error)
            except (MalformedError, ApartError) as error:
                reason = str(error)
        if not entry.summary:
            return f"{reason}; nor has its entry a summary", False
        return self._summary(entry, topic, title) or (f"{reason}; nor has its entry a title and a date", False)

    def _summary(self, entry: Entry, topic: str, title: str) -> Document | None:
        if not (entry.title and entry.summary and (published := entry.published or entry.updated)):
            return None
        host = (urlsplit(entry.link).hostname or "").removeprefix("www.")
        names = (entry.title, of_site(host) or title or host or "?", topic)
        try:
            return record(names, moment(published), entry.link or None, [("", entry.summary, ())])
        except ValueError:
            return None

    def _new(self, feed: Feed, offered: Source) -> list[tuple[Entry, int]]:
        """What was never read, is to be tried again, or changed since, each with the tries behind it."""
        known = self.feeds.known(feed, [entry.key for entry in offered.entries])
        fresh = []
        for entry in offered.entries:
            before = known.get(entry.key)
            if before is None or before.edition not in ("", entry.edition):
                fresh.append((entry, 0))
            elif before.outcome == "pending":
                fresh.append((entry, before.tries))
        return fresh

    def _noted(self, feed: Feed, found: Fetched, title: str, outcomes: list[Known], *, whole: bool) -> None:
        # which a server need not repeat where nothing changed
        etag, modified = (feed.etag, feed.modified) if found.status == 304 else (None, None)
        self.feeds.succeeded(
            feed,
            outcomes,
            self.now(),
            url=found.moved or feed.url,
            title=title,
            etag=(found.etag or etag) if whole else None,
            modified=(found.modified or modified) if whole else None,
        )
