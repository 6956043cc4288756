"""Texts of problems: a problem and a language go in, half a sentence with what is wrong and what to do comes out."""

from functools import cache
from importlib.resources import files

from retrieval.language.catalogue import Language, Say, parse_catalogue
from retrieval.model.problem import Problem


def describe(problem: Problem, language: Language = "en") -> str:
    fields = {
        name: describe(value, language) if isinstance(value, Problem) else value for name, value in problem.fields
    }
    return _texts(language)(problem.name, **fields)


@cache
def _texts(language: Language) -> Say:
    return parse_catalogue(language, read_texts(language))


def read_texts(language: Language) -> str:
    return files("retrieval.formats").joinpath("texts", f"{language}.ftl").read_text("utf-8")
