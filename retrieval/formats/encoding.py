"""The text of a page whose character set is declared wrongly, or not at all."""

import codecs
import re

from charset_normalizer import from_bytes

MAX_DECLARATION_BYTES = 4096  # bytes in which a page says its character set
DECLARED_ENCODING = re.compile(
    rb"""charset\s*=\s*["']?\s*([\w.:-]{2,20})|<\?xml[^>]{0,80}?encoding\s*=\s*["']([\w.:-]{2,20})""", re.I
)
# the smaller sets are what pages say and the larger what they hold
WIDER_ENCODINGS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
}
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
MAX_GUESSED_BYTES = 1 << 16  # bytes by which a set is guessed


def decode(body: bytes, charset: str | None = None) -> str:
    """By its mark, as UTF-8, by what it or the server (`charset`) says, by a guess; the first that fits all of it.

    What fits none has replacement characters, never an error.
    """
    for mark, name in BYTE_ORDER_MARKS.items():
        if body.startswith(mark):
            return body.decode(name, "replace")
    said = DECLARED_ENCODING.search(body[:MAX_DECLARATION_BYTES])
    declared = next((group.decode("ascii", "replace") for group in said.groups() if group), "") if said else ""
    for name in ("utf-8", declared, charset or ""):
        try:
            return body.decode(WIDER_ENCODINGS.get(name.casefold(), name or "ascii"))
        except (LookupError, ValueError):  # no set of that name, or what is no name; or it does not fit
            continue
    # a cut character at the end, or one bad byte in a page, is no reason to guess
    for name in (declared, charset or ""):
        text = _decode_mostly(body, WIDER_ENCODINGS.get(name.casefold(), name))
        if text is not None:
            return text
    if (text := _decode_mostly(body, "utf-8")) is not None:
        return text
    guess = from_bytes(body[:MAX_GUESSED_BYTES], cp_isolation=["gb18030", "big5", "utf_16", "cp1252"]).best()
    return body.decode(guess.encoding if guess else "utf-8", "replace")


def _decode_mostly(body: bytes, name: str) -> str | None:
    """The text where all but one character in a hundred fits the set."""
    try:
        text = body.decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return text if text.count("\ufffd") * 100 < len(text) else None
