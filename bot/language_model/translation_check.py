"""Checks of a machine translation: the original and what a model said go in, the reasons not to show it come out."""

import re
import unicodedata
from collections.abc import Iterator

from bot.language_model.figures import added_figures, missing_figures
from bot.language_model.proper_names import HAN_RUN, LATIN_WORD, NameSource, foreign_words, missing_names
from bot.render.i18n import Language

# Telegram makes links of bare domains, of names behind @, and of words behind / and #.
ADDRESS = re.compile(
    r"(?i)https?:|\bwww\.|\bt\.me\b|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|cn|io|me|ru|dev|app|ai|info|xyz|top|co)\b"
    r"|(?<!\w)@\w|(?:(?<=\s)|^)[/#]\w|\b\d{1,3}(?:\.\d{1,3}){3}\b|[\w.+-]+@[\w-]+\.\w|tg://|\]\("
)
MARKUP = re.compile(r"</?\w+[^>]*>|\*\*|^#+ |```|<\|")
MAX_LENGTH_FACTOR, MIN_LENGTH_FACTOR = 6.0, 0.12  # of the original: Chinese is a third as long as English
SLACK_CHARS = 40
MIN_TARGET_SHARE = 0.5  # of the letters, those in the reader's script; a Chinese character counts as four letters


def needs_translation(text: str, language: Language) -> bool:
    """Whether a reader of this language cannot read it: mostly in the other's script, with a word to translate."""
    han, latin = _letters(text)
    if language == "en":
        return han > 0 and 4 * han > latin
    words = LATIN_WORD.findall(text)
    return 4 * han <= latin and (sum(map(str.islower, words)) > 1 or (han == 0 and len(words) > 1))


def translation_faults(original: str, translation: str, language: Language, names: NameSource) -> list[str]:
    """Empty where it may be shown: all figures and names of the original stand in it, no address is added."""
    return [f"{kind}: {', '.join(found)}" for kind, found in _faults(original, translation, language, names) if found]


def added_addresses(text: str, allowed: str) -> list[str]:
    return [match[0] for match in ADDRESS.finditer(text) if match[0].strip() not in allowed]


def _faults(original: str, translation: str, language: Language, names: NameSource) -> Iterator[tuple[str, list[str]]]:
    translation = unicodedata.normalize("NFKC", translation)
    if not translation.strip():
        yield "form", ["empty"]
        return
    longest, shortest = MAX_LENGTH_FACTOR * len(original), MIN_LENGTH_FACTOR * len(original)
    if not shortest <= len(translation) <= longest + SLACK_CHARS:
        yield "form", ["length"]
    if not _is_in(translation, language):
        yield "form", ["language"]
    yield "address", added_addresses(translation, original)
    yield "markup", [match[0] for match in MARKUP.finditer(translation) if match[0] not in original]
    yield "figures missing", missing_figures(original, translation)
    yield "figures added", added_figures(original, translation)
    yield "names missing", missing_names(original, translation, names)
    if language == "zh":
        yield "names added", [word for word in foreign_words(translation, original) if len(word) > 1]


def _is_in(text: str, language: Language) -> bool:
    han, latin = _letters(text)
    share = 4 * han / max(1, 4 * han + latin)
    return (share if language == "zh" else 1 - share) >= MIN_TARGET_SHARE


def _letters(text: str) -> tuple[int, int]:
    """The numbers of Chinese characters and of other letters."""
    han = sum(map(len, HAN_RUN.findall(text)))
    return han, sum(map(str.isalpha, text)) - han
