"""Record of a request: what a message wants of the bot, where it is not a question to be searched as it stands."""

from dataclasses import dataclass
from typing import Literal, get_args

from bot.render.i18n import Language

AboutAnswer = Literal["source", "more", "details", "brief", "repeat", "translate"]
Command = Literal[
    "follow",
    "unfollow",
    "reschedule",
    "subscriptions",
    "digest",
    "topics",
    "help",
    "settings",
    "privacy",
    "status",
    "forget",
]
Intent = Literal["news", "overview", AboutAnswer, "compare", Command, "wrong", "chat", "beyond"]
ABOUT_ANSWER: frozenset[str] = frozenset(get_args(AboutAnswer))
COMMAND_INTENTS: frozenset[str] = frozenset(get_args(Command))


@dataclass(frozen=True, slots=True)
class Request:
    """`subject` is what it is about, as written, or ''.

    `when` holds the words for days ('yesterday') and `outlet` a publisher's name; both are '' where none is named.
    `sides` are the two that are compared. `to` is the language that is asked for, or ''. `item` is which of the points
    shown is meant, from 1, or -1 for the last; 0 where none is named.
    """

    intent: Intent
    subject: str = ""
    when: str = ""
    outlet: str = ""
    sides: tuple[str, str] | None = None
    to: str = ""
    item: int = 0


def canonical_message(request: Request, language: Language) -> str:
    """The request as a message that is read as the same request."""
    subject = f"{request.when} {request.subject}".strip() if language == "zh" else request.subject
    if language == "zh":
        return f"{subject}的新闻" if request.intent == "news" else f"介绍{subject}"
    when = f" {request.when}" if request.when else ""
    return f"news on {subject}{when}" if request.intent == "news" else f"overview of {subject}"
