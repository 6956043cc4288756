"""Frames of requests, from frames.toml: the name of a list goes in, its compiled patterns come out."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from bot.conversation.follow_ups import PLACES_HAN, PLACES_LATIN

PIECE = re.compile(r"\{([a-z_]+)\}")


@cache
def frames(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_filled(pattern)) for pattern in _table()["frames"][name])


@cache
def piece(name: str) -> re.Pattern[str]:
    return re.compile(_filled(_table()["pieces"][name]))


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("bot.conversation").joinpath("frames.toml").read_text("utf-8"))


def _filled(pattern: str) -> str:
    pieces = _table()["pieces"] | {"place_zh": PLACES_HAN, "place": PLACES_LATIN.lower()}
    while PIECE.search(pattern):
        pattern = PIECE.sub(lambda match: pieces[match[1]], pattern)
    return pattern
