"""Relaxations: filters that left nothing go in, lines and buttons that drop them come out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.render.callback_data import AnswerView, Operation, encode
from bot.render.html import escape
from bot.render.i18n import Say
from bot.render.query_echo import filter_names
from bot.render.reply import Button, ButtonRow
from retrieval.model.results import Interpretation


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Without the filters of these kinds a question has so many points, of those that its pages show."""

    kinds: tuple[str, ...]
    points: int


def render_relaxations(relaxations: Sequence[Relaxation], reading: Interpretation, say: Say) -> str:
    """One line each; empty where there are none."""
    lines = (
        say("none-without", filter=filter_names(reading, one.kinds, say), points=one.points) for one in relaxations
    )
    return "\n".join(map(escape, lines))


def relaxation_rows(
    relaxations: Sequence[Relaxation], view: AnswerView, reading: Interpretation, say: Say
) -> tuple[ButtonRow, ...]:
    """One button a row, since each has names in it."""
    return tuple(
        (
            Button(
                say("button-without", filter=filter_names(reading, one.kinds, say)),
                encode(Operation.ANSWER_PAGE, *replace(view, page=0, without=one.kinds).parts),
            ),
        )
        for one in relaxations
    )
