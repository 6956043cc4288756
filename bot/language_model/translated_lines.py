"""Translated lines of messages: texts go in; known lines, and places for others, come out."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from bot.language_model.translation_check import needs_translation
from bot.language_model.translator import Translator
from bot.render.i18n import Language, say_in
from bot.render.translation import TranslatedLine, place, places_in, translated_line
from retrieval.runtime.cache import BoundedCache

MAX_AWAITED_TEXTS = 20_000  # with a place in a message: some 20 MB, and far more than are sent within a time-out
MAX_LINE_AT_ONCE = 700  # a longer line gets a place, so that no point is left out for want of room
LENGTH_FACTORS = {"zh": 0.5, "en": 3.0}  # of a translation into it, as a rule
MARK_CHARS = 24


@dataclass(frozen=True, slots=True)
class AwaitedText:
    """`number` is that of its place in a message."""

    number: int
    text: str
    language: Language


class TranslatedLines:
    def __init__(self, translator: Translator) -> None:
        self._translator = translator
        self._numbers = count(1)
        self._awaited: BoundedCache[int, AwaitedText] = BoundedCache(MAX_AWAITED_TEXTS)
        self._lock = threading.Lock()

    def known(self, language: Language) -> TranslatedLine:
        """Lines of what is translated already. They block on SQLite."""

        def line(text: str) -> str:
            found = self._translator.known((text,), language).get(text)
            return translated_line(found, say_in(language)) if found else ""

        return line

    def awaited(self, language: Language) -> TranslatedLine:
        """Likewise, and a place for what may still be translated; the message must be sent with its places filled."""
        known = self.known(language)

        def line(text: str) -> str:
            if not needs_translation(text, language):
                return ""
            line = known(text)
            return line if 0 < len(line) <= MAX_LINE_AT_ONCE else self._place(text, language)

        return line

    def awaited_in(self, html: str) -> list[AwaitedText]:
        return [found for number in places_in(html) if (found := self._awaited.get(number))]

    def lines(self, awaited: Sequence[AwaitedText]) -> dict[int, str]:
        """The lines that are there by now, by their places. Blocks on SQLite."""
        if not awaited:
            return {}
        language = awaited[0].language
        known = self._translator.known([one.text for one in awaited], language)
        say = say_in(language)
        return {one.number: translated_line(known[one.text], say) for one in awaited if one.text in known}

    def _place(self, text: str, language: Language) -> str:
        with self._lock:
            number = next(self._numbers)
            self._awaited[number] = AwaitedText(number, text, language)
        return place(number, MARK_CHARS + int(LENGTH_FACTORS[language] * len(text)))
