"""The table of intents, intents.toml: a message goes in, the intent whose words it consists of comes out."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from bot.conversation.request import Intent

MAX_COVERED_CHARS = 80  # a longer message is no request without a subject
BLANK = re.compile(r"[\s\W_]+")
ENGLISH_POSSESSIVE = re.compile(r"'s\b")


@dataclass(frozen=True, slots=True)
class IntentWords:
    """`keys` and `fillers` as in intents.toml, those common to all included; `longest` is in characters."""

    intent: Intent
    keys: frozenset[str]
    fillers: frozenset[str]
    examples: tuple[str, ...]
    longest: int

    def covered(self, text: str) -> int:
        """How many characters of the text are keys, where it has nothing but keys and fillers; else 0."""
        best: list[int | None] = [0] + [None] * len(text)
        for start in range(len(text)):
            if (before := best[start]) is None:
                continue
            if blank := BLANK.match(text, start):
                best[blank.end()] = max(before, best[blank.end()] or 0)
                continue
            for end in range(start + 1, min(start + self.longest, len(text)) + 1):
                word = text[start:end]
                if (word in self.keys or word in self.fillers) and _stands_alone(text, start, end):
                    gained = before + (len(word) if word in self.keys else 0)
                    best[end] = max(gained, best[end] or 0)
        return best[-1] or 0


def recognize_words(bare: str) -> Intent | None:
    """`bare` is what `wording` leaves. An example is of its intent; else of several that whose keys cover most."""
    text = ENGLISH_POSSESSIVE.sub("", bare)
    if not text or len(text) > MAX_COVERED_CHARS:
        return None
    if exact := next((words.intent for words in intent_words() if text in words.examples), None):
        return exact
    covered = {words.intent: words.covered(text) for words in intent_words()}
    best = max(covered, key=lambda intent: covered[intent])
    return best if covered[best] else None


def covers(intent: Intent, bare: str) -> bool:
    """Whether the text has nothing but words of this intent."""
    return any(words.covered(bare) for words in intent_words() if words.intent == intent)


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
def _table() -> dict[str, Any]:
    return tomllib.loads(files("bot.conversation").joinpath("intents.toml").read_text("utf-8"))


def _intent_words(intent: str, entry: Mapping[str, Any], common: frozenset[str]) -> IntentWords:
    keys, fillers = _words(entry["keys"]), _words(entry["fillers"]) | common
    examples = (*entry["examples"]["en"], *entry["examples"]["zh"])
    return IntentWords(cast(Intent, intent), keys, fillers, examples, max(map(len, keys | fillers)))


def _words(lists: Mapping[str, str]) -> frozenset[str]:
    return frozenset(word.strip() for words in lists.values() for word in words.split(",") if word.strip())


def _stands_alone(text: str, start: int, end: int) -> bool:
    """An English word does not stand within another; Chinese has no such borders."""
    if not text[start].isascii():
        return True
    outside = text[start - 1 : start] + text[end : end + 1]
    return not any(character.isascii() and character.isalnum() for character in outside)
