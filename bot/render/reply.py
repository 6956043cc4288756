"""What the bot says before it is Telegram's: a text in HTML and the buttons below it."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Button:
    """Does one thing: `code` comes back as a callback, `url` opens, `copy` is copied, `inline` starts a query here."""

    label: str
    code: str | None = None
    url: str | None = None
    copy: str | None = None
    inline: str | None = None


ButtonRow = tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """One message; `question` is its number in the journal where it answers one."""

    text: str
    rows: tuple[ButtonRow, ...] = ()
    question: int | None = None

    def under(self, *rows: ButtonRow) -> Self:
        return replace(self, rows=(*self.rows, *(row for row in rows if row)))


def button_row(*buttons: Button | None) -> ButtonRow:
    return tuple(button for button in buttons if button)
