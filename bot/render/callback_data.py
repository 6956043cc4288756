"""Callback data of buttons: an operation and its parts in at most 64 bytes, and back.

The data is a version, the operation's letter, then the parts joined by colons; numbers are written in base 36.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

CODE_VERSION = "1"
MAX_CODE_BYTES = 64
MAX_NUMBER = 2**63 - 1  # that SQLite can hold
FILTER_LETTERS = {"date": "d", "outlet": "p", "topic": "t", "phrase": "q", "excluded": "x"}
BASE36_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Operation(StrEnum):
    """The letters stay as they are: buttons in old chats hold them."""

    ANSWER_PAGE = "m"
    ANSWER_BUTTONS = "k"
    MORE_MENU = "l"
    REASONS = "b"
    FEEDBACK = "r"
    SUMMARY = "s"
    TOPIC = "t"
    TOPICS = "T"
    SUGGESTION = "x"
    PREFERENCE = "p"
    PERSONAL_DATA = "d"
    REVOKE = "v"
    UNDO_UPLOAD = "y"
    FOLLOW = "f"
    ALL_POINTS = "g"
    CHANGE = "h"
    SUBSCRIPTIONS = "i"
    UNSUBSCRIBE = "u"
    PAUSE = "w"
    SPOKEN_FOLLOW = "c"


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One view of an answer. `alone`: without what a follow-up inherited; `literal`: without spelling corrections.

    `without` are kinds of filters that are dropped.
    """

    question: int
    page: int = 0
    alone: bool = False
    literal: bool = False
    without: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[int | str, ...]:
        dropped = "".join(FILTER_LETTERS[kind] for kind in self.without)
        return self.question, self.page, ("o" if self.alone else "") + ("c" if self.literal else "") + dropped


def encode(operation: Operation, *parts: int | str) -> str:
    encoded = (to_base36(part) if isinstance(part, int) else part for part in parts)
    data = ":".join([CODE_VERSION + operation, *encoded])
    if len(data.encode()) > MAX_CODE_BYTES:
        raise ValueError(f"more than {MAX_CODE_BYTES} bytes of callback data: {data}")
    return data


def decode(data: str) -> tuple[Operation | None, tuple[str, ...]]:
    """No operation for data of another version."""
    head, *parts = data.split(":")
    operation = next((known for known in Operation if head == CODE_VERSION + known), None)
    return operation, tuple(parts)


def decode_view(parts: tuple[str, ...]) -> AnswerView | None:
    if len(parts) < 3 or not (is_number(parts[0]) and is_number(parts[1])):
        return None
    without = tuple(kind for kind, letter in FILTER_LETTERS.items() if letter in parts[2])
    return AnswerView(parse_number(parts[0]), parse_number(parts[1]), "o" in parts[2], "c" in parts[2], without)


def is_number(part: str) -> bool:
    return 0 < len(part) <= 13 and not part.strip(BASE36_DIGITS) and int(part, 36) <= MAX_NUMBER


def parse_number(part: str) -> int:
    """0 where it is no number."""
    return int(part, 36) if is_number(part) else 0


@lru_cache(64)  # an answer's buttons all have its number
def to_base36(number: int) -> str:
    if number < 0:
        raise ValueError("a number in callback data must not be negative")
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = BASE36_DIGITS[digit] + digits
    return digits
