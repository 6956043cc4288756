"""The button that follows a question or a topic."""

from bot.render.callback_data import encode
from bot.render.i18n import Say
from bot.render.reply import Button
from retrieval.model.documents import stable_id


def bell_for_question(question: int, say: Say) -> Button:
    """Below an answer, or below 'not found': `question` is its number in the journal."""
    return Button(say("button-follow"), encode("f", "q", question))


def bell_for_topic(name: str, say: Say) -> Button:
    return Button(say("button-follow"), encode("f", "t", stable_id(name)[:8]))
