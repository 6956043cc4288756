"""A reply before it is Telegram's: a text in HTML and rows of buttons."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.render.composed import Composable
from bot.render.i18n import Language


@dataclass(frozen=True, slots=True)
class Button:
    """Does one thing: `code` comes back as a callback, `url` opens, `copy` is copied, `inline` starts a query here,
    `app` opens as a Mini App, which works in private chats only."""

    label: str
    code: str | None = None
    url: str | None = None
    copy: str | None = None
    inline: str | None = None
    app: str | None = None


ButtonRow = tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """One message; `question` is the number of the logged question that it answers.

    `composable` is there where a model may write sentences above it. `foreign` is the language of a reader whom the
    text tells news in another one, and for whom nothing here translates it.
    """

    text: str
    rows: tuple[ButtonRow, ...] = ()
    question: int | None = None
    composable: Composable | None = None
    foreign: Language | None = None


def button_row(*buttons: Button | None) -> ButtonRow:
    return tuple(button for button in buttons if button)


def without_empty(*rows: ButtonRow) -> tuple[ButtonRow, ...]:
    return tuple(row for row in rows if row)


def wrap_buttons(buttons: Sequence[Button], width: int) -> tuple[ButtonRow, ...]:
    return tuple(tuple(buttons[at : at + width]) for at in range(0, len(buttons), width))
