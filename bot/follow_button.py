"""The button that follows a question or a topic."""

from bot.catalogue import Say
from bot.codes import pack
from bot.messages import Button
from retrieval.documents import digest


def bell_for_question(question: int, say: Say) -> Button:
    """Below an answer, or below 'not found': `question` is its number in the journal."""
    return Button(say("button-follow"), pack("f", "q", question))


def bell_for_topic(name: str, say: Say) -> Button:
    return Button(say("button-follow"), pack("f", "t", digest(name)[:8]))
