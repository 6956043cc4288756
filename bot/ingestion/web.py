"""Web ingestion: an address goes in, the documents of its page or file come out."""

from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from bot.settings import Settings
from feeds.fetcher import Fetched, Fetcher, FetchError
from feeds.interruption import interruption
from retrieval.formats import reader
from retrieval.formats.html import parse_page
from retrieval.formats.reader import Refusal
from retrieval.formats.text_lines import MalformedError
from retrieval.model.documents import Document
from retrieval.runtime.sandbox import Sandbox, SandboxError

FETCHABLE_SUFFIXES = {".txt", ".jsonl", ".md", ".markdown"}


def build_fetcher(settings: Settings) -> Fetcher:
    """The caller closes it."""
    return Fetcher(settings.feed_hosts, settings.feed_proxy.get_secret_value() if settings.feed_proxy else None)


def fetch_documents(web: Fetcher, sandbox: Sandbox, address: str, topic: str) -> list[Document | Refusal]:
    """A page, or a file of any kind that `zhidian ingest` reads."""
    try:
        return sandbox(_read, web.get(address), topic)
    except FetchError as error:
        return [Refusal(address, 1, error.problem)]
    except MalformedError as error:
        return [Refusal(address, error.line, error.problem)]
    except SandboxError as error:
        return [Refusal(address, 1, interruption(error))]


def _read(fetched: Fetched, topic: str) -> list[Document | Refusal]:
    path = urlsplit(fetched.url).path
    if PurePosixPath(path).suffix.lower() in FETCHABLE_SUFFIXES and fetched.type != "text/html":
        return list(reader.parse(BytesIO(fetched.body), path, topic))
    return [parse_page(fetched.body, fetched.url, topic, fetched.charset)]
