"""Chinese characters: their ranges for regular expressions, and whether or how many of them a text has."""

import re

# the unified ideographs with extensions A to F, and the compatibility ideographs; goes inside [ ]
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
HAN_CHARACTER = re.compile(f"[{HAN}]")
LATIN_LETTERS = re.compile("[A-Za-z]{2,}")


def has_han(text: str) -> bool:
    return not text.isascii() and HAN_CHARACTER.search(text) is not None


def count_han(text: str) -> int:
    return 0 if text.isascii() else len(HAN_CHARACTER.findall(text))


def is_chinese(text: str) -> bool:
    """Whether more Chinese characters than words of Latin letters stand in it; an English text may have a name's."""
    return count_han(text) > len(LATIN_LETTERS.findall(text))
