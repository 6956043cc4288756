"""Composed answers: sentences that a model wrote over the points shown go in, the block above an answer comes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.render.html import escape, italic
from bot.render.i18n import Language, Say


@dataclass(frozen=True, slots=True)
class ComposedSentence:
    """`cited` are numbers of the points shown, from 1 on; `text` is without them."""

    text: str
    cited: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Composable:
    """What a reader's answer may be composed from: the question and the texts of the points shown, in their order."""

    question: str
    points: tuple[str, ...]
    language: Language


def render_composed(sentences: Sequence[ComposedSentence], say: Say) -> str:
    """Empty for no sentences."""
    if not sentences:
        return ""
    text = " ".join(escape(f"{one.text} {''.join(f'[{number}]' for number in one.cited)}") for one in sentences)
    return f"🤖 {text}\n{italic(say('composed'))}"
