"""What stands in a button: 64 bytes of callback data, versioned, so that a button a month old is understood or refused.

An operation is one letter, then its parts, joined by colons; numbers are written in base 36. The letters:

    m  a page of an answer        s  a document's summary     t  a topic's documents     x  a starter's question
    l  what else with an answer   b  why it was no good       T  the topics              p  a preference
    k  back to an answer's row    r  a reason, or none        d  one's own data          v  revoke somebody's access
    y  an upload taken back
    f, g, h, i, u, w  are kept for following (bot/following.py)
"""

from dataclasses import dataclass, replace
from typing import Self

CODE_VERSION = "1"
MAX_CODE_BYTES = 64
BASE36_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class CallbackData:
    op: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer as it is shown: which of its pages, to the sentence `alone`, its corrections undone (`literal`)."""

    question: int
    page: int = 0
    alone: bool = False
    literal: bool = False

    def turned(self, page: int) -> Self:
        return replace(self, page=page)

    @property
    def parts(self) -> tuple[int | str, ...]:
        return self.question, self.page, ("o" if self.alone else "") + ("c" if self.literal else "")


def encode(op: str, *parts: int | str) -> str:
    data = ":".join([CODE_VERSION + op, *(in_base36(part) if isinstance(part, int) else part for part in parts)])
    if len(data.encode()) > MAX_CODE_BYTES:
        raise ValueError(f"more than {MAX_CODE_BYTES} bytes of callback data: {data}")
    return data


def decode(data: str) -> CallbackData | None:
    """None for what this version does not know."""
    head, *parts = data.split(":")
    return CallbackData(head[1:], tuple(parts)) if head.startswith(CODE_VERSION) and len(head) == 2 else None


def decode_view(parts: tuple[str, ...]) -> AnswerView | None:
    """The first three parts of a code; None where they are none."""
    if len(parts) < 3 or not (is_number(parts[0]) and is_number(parts[1])):
        return None
    return AnswerView(int(parts[0], 36), int(parts[1], 36), "o" in parts[2], "c" in parts[2])


def is_number(part: str) -> bool:
    return 0 < len(part) <= 13 and not part.strip(BASE36_DIGITS)


def in_base36(number: int) -> str:
    if number < 0:
        raise ValueError("only whole numbers from 0 stand in a button")
    written = ""
    while number or not written:
        number, digit = divmod(number, 36)
        written = BASE36_DIGITS[digit] + written
    return written
