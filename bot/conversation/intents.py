"""The table of intents, intents.toml: a message goes in, the intent whose words it consists of comes out."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from bot.conversation.request import Intent
from bot.conversation.word_cover import CoverWords, WordCover

MAX_COVERED_CHARS = 80  # a longer message is no request without a subject
ENGLISH_POSSESSIVE = re.compile(r"'s\b")


@dataclass(frozen=True, slots=True)
class IntentWords(CoverWords):
    """`keys` and `fillers` as in intents.toml, those common to all included."""

    intent: Intent
    examples: tuple[str, ...]


def recognize_words(bare: str) -> Intent | None:
    """`bare` is what `wording` leaves. An example is of its intent; else of several that whose keys cover most."""
    text = ENGLISH_POSSESSIVE.sub("", bare)
    if not text or len(text) > MAX_COVERED_CHARS:
        return None
    if exact := _intents_of_examples().get(text):
        return exact
    covered = _cover().covered(text)
    if not covered:
        return None
    return max(covered, key=lambda intent: covered[intent])


def covers(intent: Intent, bare: str) -> bool:
    """Whether the text has nothing but words of this intent."""
    return intent in _cover().covered(bare)


@cache
def empty_words() -> frozenset[str]:
    """Words that name nothing, in both languages."""
    return _words(_table()["empty"])


@cache
def intent_words() -> tuple[IntentWords, ...]:
    table = _table()
    common = _words(table["fillers"])
    return tuple(_intent_words(intent, entry, common) for intent, entry in table["intents"].items())


@cache
def _cover() -> WordCover[Intent]:
    return WordCover({words.intent: words for words in intent_words()})


@cache
def _intents_of_examples() -> dict[str, Intent]:
    """Of intents that share an example, the first."""
    return {example: words.intent for words in reversed(intent_words()) for example in words.examples}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("bot.conversation").joinpath("intents.toml").read_text("utf-8"))


def _intent_words(intent: str, entry: Mapping[str, Any], common: frozenset[str]) -> IntentWords:
    examples = (*entry["examples"]["en"], *entry["examples"]["zh"])
    return IntentWords(_words(entry["keys"]), _words(entry["fillers"]) | common, cast(Intent, intent), examples)


def _words(lists: Mapping[str, str]) -> frozenset[str]:
    return frozenset(word.strip() for words in lists.values() for word in words.split(",") if word.strip())
