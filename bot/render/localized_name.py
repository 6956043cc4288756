"""Names as a reader sees them: a topic or heading goes in, with its name in their language where one is known."""

from collections.abc import Callable

ShownName = Callable[[str], str]


def as_written(name: str) -> str:
    return name
