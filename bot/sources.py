"""What the operator's settings say about fetching, and what stands at one address."""

from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from bot.settings import Settings
from feeds.fetching import Fetched, Fetcher, FetchError
from retrieval import exports
from retrieval.apart import Apart, ApartError
from retrieval.documents import Document
from retrieval.exports import Refusal
from retrieval.lines import MalformedError
from retrieval.pages import page

FILES = {".txt", ".jsonl", ".md", ".markdown"}


def fetcher(settings: Settings) -> Fetcher:
    """To be closed."""
    return Fetcher(settings.feed_hosts, settings.feed_proxy.get_secret_value() if settings.feed_proxy else None)


def fetched(web: Fetcher, apart: Apart, address: str, topic: str) -> list[Document | Refusal]:
    """What stands at an address: a page, or a file of any kind that `zhidian ingest` reads."""
    try:
        found = web.get(address)
        return apart(_read, found, topic)
    except FetchError as error:
        return [Refusal(address, 1, str(error).removeprefix(f"{address}: "))]
    except (MalformedError, ApartError) as error:
        return [Refusal(address, getattr(error, "line", 1), str(error))]


def _read(found: Fetched, topic: str) -> list[Document | Refusal]:
    path = urlsplit(found.url).path
    if PurePosixPath(path).suffix.lower() in FILES and found.type != "text/html":
        return list(exports.parse(BytesIO(found.body), path, topic))
    return [page(found.body, found.url, topic, found.charset)]
