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
    # what is printable has none of them; the look is a hundred times as fast as going through the characters
    return text if text.replace("\n", "").isprintable() else "".join(map(_clean, text))


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
