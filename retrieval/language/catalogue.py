"""Catalogues of texts in Fluent: a language and its catalogue go in, a function from names to texts comes out."""

from collections.abc import Mapping
from typing import Literal, Protocol

from fluent.runtime import FluentBundle
from fluent.syntax import FluentParser

from retrieval.runtime.cache import BoundedCache

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

MAX_SAID_TEXTS = 2_000  # of a language, with their variables: most texts are said again and again
MAX_VARIABLE_CHARS = 1000  # fluent.runtime refuses a text with a longer variable


class Say(Protocol):
    """A text in one language. Numbers are grouped: pass a year as a string. Long variables are cut."""

    def __call__(self, text: str, /, **variables: str | int) -> str: ...


def parse_catalogue(language: Language, catalogue: str) -> Say:
    # Isolating marks around variables are invisible and would be copied along with every name.
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentParser().parse(catalogue))
    known: BoundedCache[tuple[object, ...], str] = BoundedCache(MAX_SAID_TEXTS)

    def say(text: str, /, **variables: str | int) -> str:
        asked = (text, *variables.items(), *map(type, variables.values()))  # for True is 1, but not said as 1
        if (said := known.get(asked)) is None:
            said = known[asked] = _format(text, variables)
        return said

    def _format(text: str, variables: Mapping[str, str | int]) -> str:
        pattern = bundle.get_message(text).value
        if pattern is None:
            raise LookupError(f"{language}.ftl has no text for {text}")
        fitting = {name: _cut(value) if isinstance(value, str) else value for name, value in variables.items()}
        formatted, errors = bundle.format_pattern(pattern, fitting)
        if errors:
            raise LookupError(f"{language}.ftl, {text}: {errors[0]}")
        return str(formatted)

    return say


def _cut(value: str) -> str:
    return value if len(value) <= MAX_VARIABLE_CHARS else f"{value[: MAX_VARIABLE_CHARS - 1]}…"
