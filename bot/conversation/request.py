"""Record of a request: what a message wants of the bot, where it is not a question to be searched as it stands."""

from dataclasses import dataclass
from typing import Literal

Intent = Literal[
    "news",
    "overview",
    "source",
    "more",
    "details",
    "repeat",
    "translate",
    "compare",
    "follow",
    "unfollow",
    "reschedule",
    "subscriptions",
    "digest",
    "topics",
    "help",
    "settings",
    "forget",
    "wrong",
    "chat",
]
ABOUT_ANSWER = frozenset({"source", "more", "details", "repeat", "translate"})
COMMAND_INTENTS = frozenset(
    {"follow", "unfollow", "reschedule", "subscriptions", "digest", "topics", "help", "settings", "forget"}
)


@dataclass(frozen=True, slots=True)
class Request:
    """`subject` is what it is about, as written, or ''.

    `when` holds the words for days ('yesterday') and `outlet` a publisher's name; both are '' where none is named.
    `sides` are the two that are compared. `to` is the language that is asked for, or ''.
    """

    intent: Intent
    subject: str = ""
    when: str = ""
    outlet: str = ""
    sides: tuple[str, str] | None = None
    to: str = ""
