"""The button that follows a question or a topic."""

from bot.render.callback_data import pack
from bot.render.i18n import Say
from bot.render.reply import Button
from retrieval.model.documents import digest


def bell_for_question(question: int, say: Say) -> Button:
    """Below an answer, or below 'not found': `question` is its number in the journal."""
    return Button(say("button-follow"), pack("f", "q", question))


def bell_for_topic(name: str, say: Say) -> Button:
    return Button(say("button-follow"), pack("f", "t", digest(name)[:8]))
