"""Translated lines below points and titles: known ones at once, places for others that are filled in later.

A place stands between two private-use characters, on a line of its own; `escape` lets neither into other text.
"""

import re
from collections.abc import Callable, Mapping

from bot.render.html import PLACE_END, PLACE_START, fits_message, italic, single_line
from bot.render.i18n import Language, Say

# A text to its translated line in Telegram's HTML, to a place for one, or to '' where it needs none.
TranslatedLine = Callable[[str], str]
LinesFor = Callable[[Language], TranslatedLine]

PLACE = re.compile(f"\n{PLACE_START}(\\d+):(\\d+){PLACE_END}")


def no_translation(_: str) -> str:
    return ""


def translated_line(translation: str, say: Say) -> str:
    mark = say("machine-translation")
    return italic(f"{mark}{'' if mark.endswith('：') else ' '}{single_line(translation)}")


def place(number: int, room: int) -> str:
    """`room` is how long the line may become; pages keep it free."""
    return f"{PLACE_START}{number}:{room}{PLACE_END}"


def places_in(html: str) -> list[int]:
    return [int(number) for number, _ in PLACE.findall(html)]


def fill_places(html: str, lines: Mapping[int, str]) -> str:
    """The lines in their places, as far as the message has room for them; the other places are taken out."""
    if PLACE_START not in html:
        return html
    pieces = PLACE.split(html)
    filled = pieces[0::3]
    for at, number in enumerate(pieces[1::3]):
        line = lines.get(int(number))
        if line and fits_message("".join([*filled[: at + 1], "\n", line, *filled[at + 1 :]])):
            filled[at] += f"\n{line}"
    return "".join(filled)
