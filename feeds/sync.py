"""One visit to a feed: a feed goes in, its new entries are fetched page by page and reach the library as documents."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

from feeds.fetcher import Fetched, Fetcher, FetchError
from feeds.interruption import reason_of
from feeds.parser import parse_source
from feeds.registry import MAX_TRIES, EntryState, EntryStatus, Feed, FeedRegistry
from feeds.source import FeedItem, ParsedSource, SourceError
from feeds.timestamp import is_plausible
from retrieval.formats.page_layout import split_paragraph
from retrieval.formats.page_match import EntryClaim, MismatchError, parse_entry_page
from retrieval.formats.text_lines import MalformedError
from retrieval.library import Library
from retrieval.model.documents import Document
from retrieval.model.factory import build_document, to_beijing_minute
from retrieval.model.outlets import outlet_of_host
from retrieval.model.problem import Problem
from retrieval.runtime.sandbox import Sandbox, SandboxError

MAX_ENTRIES_PER_VISIT = 30  # the rest is left for the next visit
MAX_VISIT_SECONDS = 300.0  # the rest is left for the next visit
REDATED_RECHECK = timedelta(days=1)  # between two looks at articles of which a source changes nothing but the dates


@dataclass(frozen=True, slots=True)
class SyncResult:
    """`refused` are pairs of an entry's URL or title and a reason; `error` says why nothing came in."""

    documents: tuple[Document, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    unchanged: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class FeedSync:
    """All methods do blocking I/O; for one thread at a time."""

    library: Library
    feeds: FeedRegistry
    web: Fetcher
    sandbox: Sandbox
    now: Callable[[], datetime]

    def sync(self, feed: Feed) -> SyncResult:
        """Fetch a feed and add what is new; failures are recorded in the registry."""
        try:
            # asked with its ETag, an unchanged feed would not list again what is still to be fetched
            validators = (None, None) if self.feeds.has_pending(feed) else (feed.etag, feed.modified)
            fetched = self.web.get(feed.url, *validators)
            if fetched.status == 304:
                self._record(feed, fetched, "", [], complete=True)
                return SyncResult(unchanged=True)
            source = self.preview(fetched, feed.links)
        except (FetchError, SourceError, SandboxError) as error:
            reason = reason_of(error)
            self.feeds.record_failure(feed, reason, self.now(), getattr(error, "retry_after", None))
            return SyncResult(error=reason)
        documents: list[Document] = []
        refused: list[tuple[str, str]] = []
        outcomes: list[EntryState] = []
        unread, end = self._unread(feed, source), monotonic() + MAX_VISIT_SECONDS
        for entry, tries in unread[:MAX_ENTRIES_PER_VISIT]:
            if monotonic() > end:
                break
            read = self.read_entry(entry, feed.topic, source.title, last=tries + 1 >= MAX_TRIES)
            status: EntryStatus = "kept"
            if isinstance(read, Document):
                documents.append(read)
            else:
                refused.append((entry.link or entry.title, read[0]))
                status = "pending" if read[1] else "refused"
            outcomes.append(EntryState(entry.key, status, tries + 1, entry.edition))
        self.library.add(documents, urlsplit(feed.url).hostname or "feed")
        # Recorded only after that: a kill in between costs a second look, which changes nothing. The ETag is kept only
        # if nothing is left: an unchanged feed would list neither the rest again nor what its sitemaps hold.
        complete = len(outcomes) == len(unread) and not source.nested
        self._record(feed, fetched, source.title, outcomes, complete=complete)
        return SyncResult(tuple(documents), tuple(refused))

    def preview(self, fetched: Fetched, links: str) -> ParsedSource:
        """A source's entries; if it is an index of sitemaps, those of the newest ones."""
        source = self.sandbox(parse_source, fetched.body, fetched.url, fetched.charset, links)
        for url in source.nested:
            inner = self.web.get(url)
            more = self.sandbox(parse_source, inner.body, inner.url, inner.charset)
            source = replace(source, entries=source.entries + more.entries)
        return source

    def read_entry(self, entry: FeedItem, topic: str, title: str, *, last: bool = True) -> Document | tuple[str, bool]:
        """An entry's article, else its summary; or a reason and whether to try again, never so on the `last` try.

        A page that is not the entry's, as a block page is, is tried again like one that fails.
        """
        reason = "it has no page"
        entry = self._without_slips(entry)
        if entry.link:
            try:
                return self._read_page(entry, topic)
            except (FetchError, MismatchError) as error:
                if not last and not getattr(error, "gone", False):
                    return str(error), True
                reason = str(error)
            except (MalformedError, SandboxError) as error:
                reason = reason_of(error)
        if not entry.summary:
            return f"{reason}; nor has its entry a summary", False
        return self._document_of_summary(entry, topic, title) or (
            f"{reason}; nor has its entry a title and a date",
            False,
        )

    def _read_page(self, entry: FeedItem, topic: str) -> Document:
        page = self.web.get(entry.link)
        claim = EntryClaim(entry.link, entry.title, entry.summary)
        found = self.sandbox(parse_entry_page, page.body, page.url, topic, page.charset, entry.published, claim)
        if not is_plausible(found.published, self.now()):
            raise MalformedError(1, Problem.of("page-date", date=f"{found.published:%Y-%m-%d}"))
        return found

    def _without_slips(self, entry: FeedItem) -> FeedItem:
        """Without times that no news item has; the page's own is taken then."""
        now = self.now()
        published, updated = (
            time if time and is_plausible(time, now) else None for time in (entry.published, entry.updated)
        )
        return replace(entry, published=published, updated=updated)

    def _document_of_summary(self, entry: FeedItem, topic: str, title: str) -> Document | None:
        if not (entry.title and entry.summary and (published := entry.published or entry.updated)):
            return None
        host = (urlsplit(entry.link).hostname or "").removeprefix("www.")
        names = (entry.title, outlet_of_host(host) or title or host or "?", topic)
        statements = [("", piece, ()) for piece in split_paragraph(entry.summary)]
        try:
            return build_document(names, to_beijing_minute(published), entry.link or None, statements)
        except ValueError:
            return None

    def _unread(self, feed: Feed, source: ParsedSource) -> list[tuple[FeedItem, int]]:
        """Entries that are new, changed or to be tried again, each with the number of tries so far."""
        known = self.feeds.entry_states(feed, [entry.key for entry in source.entries])
        seen = [(entry, known[entry.key]) for entry in source.entries if entry.key in known]
        # a source that dates everything anew each time says nothing by that
        redated = bool(seen) and all(entry.is_redated(before.edition) for entry, before in seen)
        stale = int((self.now() - REDATED_RECHECK).timestamp())
        unread = []
        for entry in source.entries:
            before = known.get(entry.key)
            if before is None:
                unread.append((entry, 0))
            elif before.outcome == "pending":
                unread.append((entry, before.tries))
            elif before.edition not in ("", entry.edition) and not (redated and before.at > stale):
                unread.append((entry, 0))
        # what is new comes before what failed or changed
        return sorted(unread, key=lambda pair: pair[0].key in known)

    def _record(self, feed: Feed, fetched: Fetched, title: str, outcomes: list[EntryState], *, complete: bool) -> None:
        etag, modified = fetched.etag, fetched.modified
        if fetched.status == 304:  # which need not repeat them
            etag, modified = etag or feed.etag, modified or feed.modified
        if not complete:
            etag = modified = None
        url = fetched.moved_to or feed.url
        self.feeds.record_success(feed, outcomes, self.now(), url=url, title=title, etag=etag, modified=modified)
