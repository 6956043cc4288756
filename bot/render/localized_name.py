"""Names beside names: a topic or a heading goes in, with its name in the reader's language if one is known."""

from collections.abc import Callable

from bot.render.i18n import Language, language_of
from retrieval.language.aliases import Aliases
from retrieval.language.bilingual_names import other_names

ShownName = Callable[[str], str]


def as_written(name: str) -> str:
    return name


def localized_name(name: str, language: Language, aliases: Aliases) -> str:
    """冰雪经济 (ice and snow economy) for an English reader; the name itself where no other is known."""
    other = next(iter(other_names(name, aliases)), "") if language_of(name) != language else ""
    if not other:
        return name
    return f"{name}（{other}）" if language == "zh" else f"{name} ({other})"
