"""Telegram's HTML: plain text goes in, escaped markup within Telegram's limits comes out; no other module escapes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape as escape_html
from html import unescape

from retrieval.language.plain_text import RESERVED, clean, replace_surrogates, single_line

__all__ = [
    "MAX_ADDRESS_CHARS",
    "MAX_ENTITIES",
    "MAX_MESSAGE_UNITS",
    "PLACE_END",
    "PLACE_START",
    "bold",
    "clean",
    "escape",
    "fits_message",
    "italic",
    "link",
    "paginate",
    "quote",
    "replace_surrogates",
    "single_line",
    "take_fitting",
    "truncate",
    "utf16_len",
    "visible_text",
]

MAX_MESSAGE_UNITS = 4096  # sendMessage's limit, in UTF-16 units after the markup is taken out
MAX_ENTITIES = 100  # Telegram silently drops what is beyond
MAX_ADDRESS_CHARS = 2048  # the longest address that browsers and proxies agree on

# Around the number and the room of a line that is filled in later; `clean` takes them out of any text.
PLACE_START, PLACE_END = RESERVED[0], RESERVED[1]
PLACE_ROOM = re.compile(f"{PLACE_START}\\d+:(\\d+){PLACE_END}")


def utf16_len(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


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
    """Blocks joined into as few messages as their order allows; each block must fit into one by itself.

    Lines that are filled in later have room.
    """
    page, length, entities = "", 0, 0
    for block in blocks:
        size, tags = _size(block)
        size += sum(map(int, PLACE_ROOM.findall(block)))
        if page and (length + len(separator) + size > MAX_MESSAGE_UNITS or entities + tags > MAX_ENTITIES):
            yield page
            page, length, entities = "", 0, 0
        page, gap = (f"{page}{separator}{block}", len(separator)) if page else (block, 0)
        length, entities = length + gap + size, entities + tags
    if page:
        yield page


def _size(block: str) -> tuple[int, int]:
    return utf16_len(visible_text(PLACE_ROOM.sub("", block))), block.count("</")
