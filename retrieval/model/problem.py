"""Problems: why something is left out, before it is said in a language."""

from dataclasses import dataclass
from typing import Self

ProblemField = tuple[str, "str | int | Problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """`name` is that of a text in retrieval/formats/texts, `fields` are its variables; one may be another problem."""

    name: str
    fields: tuple[ProblemField, ...] = ()

    @classmethod
    def of(cls, name: str, **fields: "str | int | Problem") -> Self:
        return cls(name, tuple(fields.items()))


class ProblemError(ValueError):
    """A field or a time cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def problem_of(error: Exception) -> Problem:
    """What the error says, in English where it is none of ours."""
    return error.problem if isinstance(error, ProblemError) else Problem.of("other", error=str(error))
