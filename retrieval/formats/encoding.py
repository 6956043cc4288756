"""Encodings: a page's bytes, with a declared, wrong or missing character set, to text."""

import codecs
import re

from charset_normalizer import from_bytes

MAX_DECLARATION_BYTES = 4096  # a page declares its character set within them
DECLARED_ENCODING = re.compile(
    rb"""charset\s*=\s*["']?\s*([\w.:-]{2,20})|<\?xml[^>]{0,80}?encoding\s*=\s*["']([\w.:-]{2,20})""", re.I
)
# pages declare the smaller set and use the larger one
WIDER_ENCODINGS = dict.fromkeys(("gb2312", "gbk", "gb_2312-80"), "gb18030")
WIDER_ENCODINGS |= {"big5": "big5hkscs", "iso-8859-1": "cp1252"}
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
MAX_GUESSED_BYTES = 1 << 16  # enough to guess a set


def decode(body: bytes, charset: str | None = None) -> str:
    """By byte order mark, as UTF-8, as declared by page or server (`charset`), by a guess; never raises."""
    for mark, name in BYTE_ORDER_MARKS.items():
        if body.startswith(mark):
            return body.decode(name, "replace")
    match = DECLARED_ENCODING.search(body[:MAX_DECLARATION_BYTES])
    declared = next((group.decode("ascii", "replace") for group in match.groups() if group), "") if match else ""
    for name in ("utf-8", declared, charset or ""):
        try:
            return body.decode(WIDER_ENCODINGS.get(name.casefold(), name or "ascii"))
        except (LookupError, ValueError):  # no such set, or it does not fit
            continue
    # a cut character at the end, or one bad byte in a page, is no reason to guess
    for name in (declared, charset or "", "utf-8"):
        if (text := _decode_mostly(body, WIDER_ENCODINGS.get(name.casefold(), name))) is not None:
            return text
    guess = from_bytes(body[:MAX_GUESSED_BYTES], cp_isolation=["gb18030", "big5", "utf_16", "cp1252"]).best()
    return body.decode(guess.encoding if guess else "utf-8", "replace")


def _decode_mostly(body: bytes, name: str) -> str | None:
    """None if more than one character in a hundred does not fit."""
    try:
        text = body.decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return text if text.count("\ufffd") * 100 < len(text) else None
