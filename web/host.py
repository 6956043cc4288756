"""What whoever serves the page must say: who looks and what they may, and where the page stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from retrieval.language.catalogue import Language
from retrieval.model.documents import Document
from retrieval.model.outlets import SEARCH_ADDRESS
from retrieval.model.results import Hit, Verdict
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


FollowedKind = Literal["topic", "search"]
FollowOutcome = Literal["followed", "gone", "full", "refused"]


@dataclass(frozen=True, slots=True)
class Followed:
    """What a person follows: `subject` is a topic's name or a question, `when` says when its news come."""

    id: int
    kind: FollowedKind
    subject: str
    when: str


@dataclass(frozen=True, slots=True)
class Requested:
    """What a request such as 'what is new' asks for: `documents`, newest first, and the ids of their telling `points`.

    Of a comparison `sides` has the name and the best point of each. Without either, `question` is searched for instead.
    """

    documents: tuple[Document, ...] = ()
    points: tuple[str, ...] = ()
    sides: tuple[tuple[str, Hit | None], ...] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a page showed of a question, to be logged: the ids of the `points`, best first.

    `searched` is what was searched for, where it is not the question as it stands.
    """

    question: str
    verdict: Verdict
    points: tuple[str, ...]
    milliseconds: float
    nowhere: tuple[str, ...] = ()
    searched: str | None = None


class PageHost(Protocol):
    """All methods block. Whatever fails in one of them refuses."""

    def viewer(self, session: str) -> Viewer | None:
        """Whose session it is; None where it ended, was taken back, or the person is not let in any more."""

    def enter(self, key: str) -> PageSession | None:
        """Uses up a signed link."""

    def enter_mini_app(self, init_data: str) -> PageSession | None:
        """For what Telegram signed of a person who is let in."""

    def bot_name(self) -> str:
        """The bot's user name, to which a visitor is sent who wants to follow something; '' where there is none."""

    def followed(self, viewer: Viewer, language: Language) -> Sequence[Followed]:
        """What the person follows in the private chat with the bot."""

    def follow(self, viewer: Viewer, kind: FollowedKind, subject: str, language: Language) -> FollowOutcome:
        """From now on, what is new of it comes to the private chat with the bot."""

    def unfollow(self, viewer: Viewer, id: int) -> bool:
        """False where the person follows nothing by that number."""

    def requested(self, question: str) -> Requested | None:
        """None for a question, which is searched for as it stands."""

    def answered(self, answered: Answered, viewer: Viewer | None) -> None:
        """Logs what was asked."""


class Nobody:
    """The host where nothing is known of anybody: `zhidian web` without a bot."""

    def viewer(self, session: str) -> Viewer | None:  # noqa: ARG002
        return None

    def enter(self, key: str) -> PageSession | None:  # noqa: ARG002
        return None

    def enter_mini_app(self, init_data: str) -> PageSession | None:  # noqa: ARG002
        return None

    def bot_name(self) -> str:
        return ""

    def followed(self, viewer: Viewer, language: Language) -> Sequence[Followed]:  # noqa: ARG002
        return ()

    def follow(
        self,
        viewer: Viewer,  # noqa: ARG002
        kind: FollowedKind,  # noqa: ARG002
        subject: str,  # noqa: ARG002
        language: Language,  # noqa: ARG002
    ) -> FollowOutcome:
        return "refused"

    def unfollow(self, viewer: Viewer, id: int) -> bool:  # noqa: ARG002
        return False

    def requested(self, question: str) -> Requested | None:  # noqa: ARG002
        return None

    def answered(self, answered: Answered, viewer: Viewer | None) -> None:
        """Nothing is logged."""


@dataclass(frozen=True, slots=True)
class PageOptions:
    """`url` is the public address without a slash at its end, '' where there is none; `open`: everybody may look."""

    url: str = ""
    open: bool = True
    indexed: bool = False
    search_address: str = SEARCH_ADDRESS
    now: Callable[[], datetime] = field(default=utc_now)
