"""One visit to a feed: what is new there, fetched page by page, as documents in the library."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from urllib.parse import urlsplit

from feeds.fetcher import Fetched, Fetcher, FetchError
from feeds.parser import FeedItem, ParsedSource, SourceError, parse_source
from feeds.subscriptions import MAX_TRIES, EntryState, Feed, FeedStore
from retrieval.formats.html import parse_page
from retrieval.formats.text_lines import MalformedError
from retrieval.library import Library
from retrieval.model.documents import Document
from retrieval.model.factory import build_document, to_beijing_minute
from retrieval.model.outlets import outlet_of_host
from retrieval.runtime.sandbox import Sandbox, SandboxError

MAX_ENTRIES_A_VISIT = 30  # new entries of one visit; the rest is left for the next
MAX_VISIT_SECONDS = 300.0  # seconds of one visit: pages that are slow wait, too


@dataclass(frozen=True, slots=True)
class SyncResult:
    """`refused` says of an entry why it did not come in; `error` why nothing did."""

    documents: tuple[Document, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    unchanged: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class FeedSync:
    """Blocks; for one thread at a time."""

    library: Library
    feeds: FeedStore
    web: Fetcher
    sandbox: Sandbox
    now: Callable[[], datetime]

    def sync(self, feed: Feed) -> SyncResult:
        """Fetch a feed and take in what is new; what fails is noted at the feed."""
        try:
            # an unchanged feed would not name again what is still to be fetched
            known = (None, None) if self.feeds.has_pending(feed) else (feed.etag, feed.modified)
            found = self.web.get(feed.url, *known)
            if found.status == 304:
                self._noted(feed, found, "", [], whole=True)
                return SyncResult(unchanged=True)
            offered = self.preview(found, feed.links)
        except (FetchError, SourceError, SandboxError) as error:
            self.feeds.failed(feed, str(error), self.now(), getattr(error, "retry_after", None))
            return SyncResult(error=str(error))
        documents: list[Document] = []
        refused: list[tuple[str, str]] = []
        outcomes: list[EntryState] = []
        fresh, end = self._new(feed, offered), monotonic() + MAX_VISIT_SECONDS
        for entry, tries in fresh[:MAX_ENTRIES_A_VISIT]:
            if monotonic() > end:
                break
            read = self.read(entry, feed.topic, offered.title, last=tries + 1 >= MAX_TRIES)
            if isinstance(read, Document):
                documents.append(read)
                outcomes.append(EntryState(entry.key, "kept", tries + 1, entry.edition))
            else:
                reason, again = read
                refused.append((entry.link or entry.title, reason))
                outcomes.append(EntryState(entry.key, "pending" if again else "refused", tries + 1, entry.edition))
        self.library.add(documents, urlsplit(feed.url).hostname or "feed")
        # only now: what is noted as kept is in the corpus, and what is not is looked at again and changes nothing
        # neither what is left for the next time, nor what the sitemaps of an index hold, would be named again
        self._noted(feed, found, offered.title, outcomes, whole=len(outcomes) == len(fresh) and not offered.nested)
        return SyncResult(tuple(documents), tuple(refused))

    def preview(self, found: Fetched, links: str) -> ParsedSource:
        """A source's entries, those of the newest of its sitemaps where it is an index of them."""
        offered = self.sandbox(parse_source, found.body, found.url, found.charset, links)
        for address in offered.nested:
            inner = self.web.get(address)
            more = self.sandbox(parse_source, inner.body, inner.url, inner.charset)
            offered = replace(offered, entries=offered.entries + more.entries)
        return offered

    def read(self, entry: FeedItem, topic: str, title: str, *, last: bool = True) -> Document | tuple[str, bool]:
        """An entry's article, else its own summary; or why not, and whether to try again unless it is the `last`."""
        reason = "it has no page"
        if entry.link:
            try:
                found = self.web.get(entry.link)
                return self.sandbox(parse_page, found.body, found.url, topic, found.charset, entry.published)
            except FetchError as error:
                if not last and not error.gone:
                    return str(error), True
                reason = str(error)
            except (MalformedError, SandboxError) as error:
                reason = str(error)
        if not entry.summary:
            return f"{reason}; nor has its entry a summary", False
        return self._summary(entry, topic, title) or (f"{reason}; nor has its entry a title and a date", False)

    def _summary(self, entry: FeedItem, topic: str, title: str) -> Document | None:
        if not (entry.title and entry.summary and (published := entry.published or entry.updated)):
            return None
        host = (urlsplit(entry.link).hostname or "").removeprefix("www.")
        names = (entry.title, outlet_of_host(host) or title or host or "?", topic)
        try:
            return build_document(names, to_beijing_minute(published), entry.link or None, [("", entry.summary, ())])
        except ValueError:
            return None

    def _new(self, feed: Feed, offered: ParsedSource) -> list[tuple[FeedItem, int]]:
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

    def _noted(self, feed: Feed, found: Fetched, title: str, outcomes: list[EntryState], *, whole: bool) -> None:
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
