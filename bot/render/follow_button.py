"""The button that follows a question or a topic."""

from bot.render.callback_data import Operation, encode
from bot.render.i18n import Say
from bot.render.reply import Button
from retrieval.model.documents import topic_key


def follow_question_button(question: int, say: Say) -> Button:
    return Button(say("button-tell-me"), encode(Operation.FOLLOW, "q", question))


def follow_topic_button(name: str, say: Say) -> Button:
    return Button(say("button-follow"), encode(Operation.FOLLOW, "t", topic_key(name)))
