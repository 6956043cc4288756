"""What the operator's settings say about fetching, and one address taken into the library."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from bot.settings import Settings
from feeds.fetching import Fetched, Fetcher, FetchError
from retrieval import exports
from retrieval.documents import Document
from retrieval.exports import Refusal
from retrieval.library import Library, Report
from retrieval.lines import MalformedError
from retrieval.pages import page

FILES = {".txt", ".jsonl", ".md", ".markdown"}


def fetcher(settings: Settings) -> Fetcher:
    """To be closed."""
    return Fetcher(settings.feed_hosts, settings.feed_proxy.get_secret_value() if settings.feed_proxy else None)


def fetched(library: Library, web: Fetcher, address: str, topic: str) -> Report:
    """One address: a page, or a file of any kind that `zhidian ingest` reads."""
    try:
        read = list(_read(web.get(address), topic))
    except FetchError as error:
        return Report.of(Refusal(address, 1, str(error).removeprefix(f"{address}: ")))
    documents = [one for one in read if isinstance(one, Document)]
    refused = [Report.of(one) for one in read if isinstance(one, Refusal)]
    return sum(refused, library.add(documents, "fetched"))


def _read(found: Fetched, topic: str) -> Iterator[Document | Refusal]:
    path = urlsplit(found.url).path
    if PurePosixPath(path).suffix.lower() in FILES and found.type != "text/html":
        yield from exports.parse(BytesIO(found.body), path, topic)
        return
    try:
        yield page(found.body, found.url, topic, found.charset)
    except MalformedError as problem:
        yield Refusal(found.url, problem.line, str(problem))
