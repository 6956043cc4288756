"""What whoever serves the page must say: who looks and what they may, and where the page stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from retrieval.language.catalogue import Language
from retrieval.model.documents import Document
from retrieval.model.outlets import SEARCH_ADDRESS
from retrieval.model.results import Result
from retrieval.storage.timestamps import utc_now


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who was let in by name; `language` is what they chose in Telegram."""

    user: int
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class PageSession:
    """`key` goes into the cookie, `seconds` is how long it holds."""

    key: str
    seconds: int


class PageHost(Protocol):
    """All methods block. Whatever fails in one of them refuses."""

    def viewer(self, session: str) -> Viewer | None:
        """Whose session it is; None where it ended, was taken back, or the person is not let in any more."""

    def enter(self, key: str) -> PageSession | None:
        """Uses up a signed link."""

    def enter_mini_app(self, init_data: str) -> PageSession | None:
        """For what Telegram signed of a person who is let in."""

    def listed(self, question: str) -> Sequence[Document] | None:
        """The documents that a request such as 'what is new' asks for, newest first; None for any other question."""

    def searched(self, result: Result, viewer: Viewer | None) -> None:
        """Logs a search."""


class Nobody:
    """The host where nothing is known of anybody: `zhidian web` without a bot."""

    def viewer(self, session: str) -> Viewer | None:  # noqa: ARG002
        return None

    def enter(self, key: str) -> PageSession | None:  # noqa: ARG002
        return None

    def enter_mini_app(self, init_data: str) -> PageSession | None:  # noqa: ARG002
        return None

    def listed(self, question: str) -> Sequence[Document] | None:  # noqa: ARG002
        return None

    def searched(self, result: Result, viewer: Viewer | None) -> None:
        """Nothing is logged."""


@dataclass(frozen=True, slots=True)
class PageOptions:
    """`url` is the public address without a slash at its end, '' where there is none; `open`: everybody may look."""

    url: str = ""
    open: bool = True
    indexed: bool = False
    search_address: str = SEARCH_ADDRESS
    bot_name: str = ""
    now: Callable[[], datetime] = field(default=utc_now)
