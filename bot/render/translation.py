"""Translated lines below points and titles: known ones at once, places for others that are filled in later.

A place is a number between two private-use characters, on a line of its own; `escape` lets neither into other text.
"""

import re
from collections.abc import Callable, Mapping

from bot.render.html import PLACE_END, PLACE_START, fits_message, italic, single_line
from bot.render.i18n import Say

# A text to its translated line in Telegram's HTML, to a place for one, or to '' where it needs none.
TranslatedLine = Callable[[str], str]

PLACE = re.compile(f"\n{PLACE_START}(\\d+){PLACE_END}")


def no_translation(_: str) -> str:
    return ""


def translated_line(translation: str, say: Say) -> str:
    return italic(f"{say('machine-translation')} {single_line(translation)}")


def place(number: int) -> str:
    return f"{PLACE_START}{number}{PLACE_END}"


def fill_places(html: str, lines: Mapping[int, str]) -> str:
    """The lines in their places, as far as the message has room for them; the other places are taken out."""
    pieces = PLACE.split(html)
    filled = pieces[0::2]
    for at, number in enumerate(map(int, pieces[1::2])):
        line = lines.get(number)
        if line and fits_message("".join([*filled[: at + 1], "\n", line, *filled[at + 1 :]])):
            filled[at] += f"\n{line}"
    return "".join(filled)
