"""Localized texts: a text's name and variables go in, plain text from texts/*.ftl comes out, which callers escape."""

from functools import cache
from importlib.resources import files
from typing import Literal, Protocol

from fluent.runtime import FluentBundle
from fluent.syntax import FluentParser

from retrieval.language.han import has_han

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


MAX_VARIABLE_CHARS = 1000  # fluent.runtime refuses a text with a longer variable


class Say(Protocol):
    """A text in one language. Numbers are grouped: pass a year as a string. Long variables are cut."""

    def __call__(self, text: str, /, **variables: str | int) -> str: ...


@cache
def say_in(language: Language) -> Say:
    # Isolating marks around variables are invisible and would be copied along with every name.
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentParser().parse(read_catalogue(language)))

    def say(text: str, /, **variables: str | int) -> str:
        pattern = bundle.get_message(text).value
        if pattern is None:
            raise LookupError(f"{language}.ftl has no text for {text}")
        fitting = {name: _cut(value) if isinstance(value, str) else value for name, value in variables.items()}
        formatted, errors = bundle.format_pattern(pattern, fitting)
        if errors:
            raise LookupError(f"{language}.ftl, {text}: {errors[0]}")
        return str(formatted)

    return say


def read_catalogue(language: Language) -> str:
    return files("bot.render").joinpath("texts", f"{language}.ftl").read_text("utf-8")


def _cut(value: str) -> str:
    return value if len(value) <= MAX_VARIABLE_CHARS else f"{value[: MAX_VARIABLE_CHARS - 1]}…"


def language_of(text: str) -> Language:
    return "zh" if has_han(text) else "en"


def reader_language(code: str | None, text: str = "") -> Language:
    """By the IETF tag that Telegram gives of a person ('zh-hans', 'en-GB'), else by the text they wrote."""
    if not code:
        return language_of(text)
    return "zh" if code.lower().startswith("zh") else "en"
