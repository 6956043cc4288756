"""The reader's language: a header Accept-Language goes in, zh or en comes out."""

import re

from retrieval.language.catalogue import LANGUAGES, Language

MAX_HEADER_CHARS = 500
RANGE = re.compile(r"\s*([A-Za-z*]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")


def negotiate_language(header: str | None) -> Language:
    """Chinese where nothing is said, English for those who read neither."""
    if not header:
        return "zh"
    wanted: dict[str, float] = {}
    for part in header[:MAX_HEADER_CHARS].split(","):
        if match := RANGE.fullmatch(part):
            name = match[1].lower()
            wanted[name] = max(wanted.get(name, 0.0), float(match[2] or 1))
    zh, en = wanted.get("zh", 0.0), wanted.get("en", 0.0)
    return "zh" if zh > en or wanted.keys() == {"*"} else "en"


def chosen_language(value: str | None) -> Language | None:
    return next((language for language in LANGUAGES if language == value), None)
