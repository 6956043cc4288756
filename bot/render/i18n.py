"""Localized texts: a text's name and variables go in, plain text from texts/*.ftl comes out, which callers escape."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from retrieval.language.catalogue import LANGUAGES, Language, Say, parse_catalogue
from retrieval.language.han import has_han

__all__ = ["LANGUAGES", "Language", "Localized", "Say", "language_of", "read_catalogue", "reader_language", "say_in"]

Localized = Callable[[Say], str]  # a text that each of its readers gets in their language


@cache
def say_in(language: Language) -> Say:
    return parse_catalogue(language, read_catalogue(language))


def read_catalogue(language: Language) -> str:
    return files("bot.render").joinpath("texts", f"{language}.ftl").read_text("utf-8")


def language_of(text: str) -> Language:
    return "zh" if has_han(text) else "en"


def reader_language(code: str | None, text: str = "") -> Language:
    """By the IETF tag that Telegram gives of a person ('zh-hans', 'en-GB'), else by the text they wrote."""
    if not code:
        return language_of(text)
    return "zh" if code.lower().startswith("zh") else "en"
