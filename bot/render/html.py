"""Telegram's HTML: plain text goes in, escaped markup within Telegram's limits comes out; no other module escapes."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html import escape as escape_html
from html import unescape

MAX_MESSAGE_UNITS = 4096  # sendMessage's limit, in UTF-16 units after the markup is taken out
MAX_ENTITIES = 100  # Telegram silently drops what is beyond
MAX_ADDRESS_CHARS = 2048  # the longest address that browsers and proxies agree on

# Direction overrides would turn around everything after them, our own words too.
BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Around the number of a line that is filled in later, by bot/render/translation.py; they occur in no other text.
PLACE_START, PLACE_END = "\ue000", "\ue001"

# Lone surrogates have no UTF-8, so neither SQLite nor a pipe takes them.
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def replace_surrogates(text: str) -> str:
    return text.translate(SURROGATES)


def clean(text: str) -> str:
    """Text that JSON, SQLite and Telegram all take: lone surrogates become U+FFFD, control characters spaces."""
    return "".join(map(_clean, text)) if not text.isascii() or not text.isprintable() else text


def _clean(character: str) -> str:
    if character in BIDI_OVERRIDES or character in {PLACE_START, PLACE_END}:
        return ""
    match unicodedata.category(character):
        case "Cs":
            return "\ufffd"
        case "Cc" | "Zl" | "Zp":
            return "\n" if character == "\n" else " "
    return character


def single_line(text: str) -> str:
    return " ".join(clean(text).split())


def utf16_len(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def truncate(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units of `text`, with an ellipsis where it was cut."""
    if utf16_len(text) <= limit:
        return text
    room, end = limit - 1, 0
    for character in text:
        room -= utf16_len(character)
        if room < 0:
            break
        end += 1
    return text[:end].rstrip() + "…"


def escape(text: str) -> str:
    return escape_html(clean(text))


def bold(text: str) -> str:
    return f"<b>{escape(text)}</b>"


def italic(text: str) -> str:
    return f"<i>{escape(text)}</i>"


def quote(blocks: Sequence[str]) -> str:
    inside = "\n\n".join(blocks)
    return f"<blockquote expandable>{inside}</blockquote>" if blocks else ""


def link(label: str, address: str | None) -> str:
    """`label` as a link; plain where the address is missing, not http(s) or too long."""
    if address is None or not re.match(r"https?://[^\s/]", address) or len(address) > MAX_ADDRESS_CHARS:
        return escape(label)
    return f'<a href="{escape(address)}">{escape(label)}</a>'


def visible_text(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def take_fitting(blocks: Iterable[str], present: Iterable[str] = ()) -> Iterator[str]:
    """The blocks that still fit into one message that has those of `present`; others are left out."""
    length, entities = _size("\n\n".join(present))
    for block in blocks:
        size, tags = _size(block)
        if length + size + 2 <= MAX_MESSAGE_UNITS and entities + tags < MAX_ENTITIES:
            length, entities = length + size + 2, entities + tags
            yield block


def fits_message(html: str) -> bool:
    length, entities = _size(html)
    return length <= MAX_MESSAGE_UNITS and entities <= MAX_ENTITIES


def paginate(blocks: Iterable[str], separator: str = "\n\n") -> Iterator[str]:
    """Blocks joined into as few messages as their order allows; each block must fit into one by itself."""
    page, length, entities = "", 0, 0
    for block in blocks:
        size, tags = _size(block)
        if page and (length + len(separator) + size > MAX_MESSAGE_UNITS or entities + tags > MAX_ENTITIES):
            yield page
            page, length, entities = "", 0, 0
        page, gap = (f"{page}{separator}{block}", len(separator)) if page else (block, 0)
        length, entities = length + gap + size, entities + tags
    if page:
        yield page


def _size(block: str) -> tuple[int, int]:
    return utf16_len(visible_text(block)), block.count("</")
