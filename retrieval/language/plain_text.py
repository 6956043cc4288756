"""Text from anywhere to text that JSON, SQLite, a terminal and a page all take."""

import unicodedata

# Direction overrides would turn around everything after them, our own words too.
BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Characters for private use, by which renderers mark places: in a text from outside they would pass for such marks.
RESERVED = "\ue000\ue001"

# Lone surrogates have no UTF-8, so neither SQLite nor a pipe takes them.
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def replace_surrogates(text: str) -> str:
    return text.translate(SURROGATES)


def clean(text: str) -> str:
    """Text that JSON, SQLite and Telegram all take: lone surrogates become U+FFFD, control characters spaces."""
    return "".join(map(_clean, text)) if not text.isascii() or not text.isprintable() else text


def _clean(character: str) -> str:
    if character in BIDI_OVERRIDES or character in RESERVED:
        return ""
    match unicodedata.category(character):
        case "Cs":
            return "\ufffd"
        case "Cc" | "Zl" | "Zp":
            return "\n" if character == "\n" else " "
    return character


def single_line(text: str) -> str:
    return " ".join(clean(text).split())
