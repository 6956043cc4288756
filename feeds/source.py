"""Records of sources: what a feed, a sitemap or a list page offers, and the error that says why it is none."""

from dataclasses import dataclass
from datetime import datetime

MAX_EDITION_CHARS = 300


class SourceError(Exception):
    """The bytes are no source of that kind; one line for the operator."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """`key` is unique within the source; `link` is '' if it has none."""

    key: str
    link: str
    title: str
    summary: str
    published: datetime | None
    updated: datetime | None = None

    @property
    def edition(self) -> str:
        """Changes with the article, as far as the source tells."""
        return f"{self.published or ''} {self.updated or ''} {self.title}"[:MAX_EDITION_CHARS]

    def is_redated(self, edition: str) -> bool:
        """Whether nothing but times has changed since that edition."""
        return edition != self.edition and edition.endswith(f" {self.title}"[: MAX_EDITION_CHARS // 2])


@dataclass(frozen=True, slots=True)
class ParsedSource:
    """`nested` are the URLs of further sitemaps, the newest first."""

    title: str
    entries: tuple[FeedItem, ...]
    nested: tuple[str, ...] = ()
