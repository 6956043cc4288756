"""Lines of text: a stream of bytes to cleaned, numbered lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self

from retrieval.formats.problem_texts import describe
from retrieval.model.problem import Problem

MAX_LINE_BYTES = 1 << 20  # the longest body seen has 7,000

INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class MalformedError(Exception):
    """One document cannot be kept; the reader turns this into a Refusal."""

    def __init__(self, line: int, problem: Problem) -> None:
        super().__init__(describe(problem))
        self.line, self.problem = line, problem

    def __reduce__(self) -> tuple[type[Self], tuple[int, Problem]]:
        """Pickled by the sandbox, with its own arguments."""
        return type(self), (self.line, self.problem)


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str
    problem: Problem | None = None


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Lines that are not blank, cleaned; a line over 1 MB or not UTF-8 has a `problem` instead of a text."""
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 2):
        number += 1
        if len(raw.rstrip(b"\r\n")) > MAX_LINE_BYTES:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE_BYTES)
            yield Line(number, "", Problem("line-long"))
            continue
        try:
            text = clean((raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw).decode())
        except UnicodeDecodeError as error:
            yield Line(number, "", Problem.of("line-no-utf8", byte=error.start + 1))
        else:
            if text:
                yield Line(number, text)


def clean(text: str) -> str:
    """One line of visible text: single spaces, no control characters, no lone surrogates."""
    return " ".join(INVISIBLE.sub("", text).split())
