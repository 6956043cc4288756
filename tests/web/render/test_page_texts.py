"""Both languages have every text of the page with the same variables, and the templates ask for no other."""

import re
from pathlib import Path

from bot.render.i18n import LANGUAGES
from retrieval.language.catalogue import Language
from tests.bot.render.test_i18n import catalogue_texts
from web.render.page_texts import read_page_texts

ASKED = re.compile(r"say\('([a-z0-9-]+)'((?:, \w+=)?)")


def texts(language: Language) -> dict[str, set[str]]:
    return catalogue_texts(read_page_texts(language))


def test_the_languages_have_the_same_texts_and_variables() -> None:
    assert all(texts(language) == texts("en") for language in LANGUAGES)


def test_the_templates_ask_for_what_is_there_and_for_all_of_it() -> None:
    asked = {
        name
        for path in Path("web/render/templates").glob("*.html")
        for name, _ in ASKED.findall(path.read_text("utf-8"))
    }
    assert asked == texts("en").keys()
