"""The page's texts: a language goes in, a function from names to texts comes out; the templates escape them."""

from functools import cache
from importlib.resources import files

from retrieval.language.catalogue import Language, Say, parse_catalogue


@cache
def page_texts(language: Language) -> Say:
    return parse_catalogue(language, read_page_texts(language))


def read_page_texts(language: Language) -> str:
    return files("web.render").joinpath("texts", f"{language}.ftl").read_text("utf-8")
