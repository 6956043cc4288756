"""Frames of requests, from frames.toml: the name of a list goes in, its compiled patterns come out."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from bot.conversation.follow_ups import PLACES_HAN, PLACES_LATIN
from bot.render.time_zones import ZONE_NAMES

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
    pieces = _table()["pieces"] | {"place_zh": PLACES_HAN, "place": PLACES_LATIN.lower(), "zone": _zones()}
    while PIECE.search(pattern):
        pattern = PIECE.sub(lambda match: pieces[match[1]], pattern)
    return pattern


def _zones() -> str:
    names = (name.replace("_", " ") for listed in ZONE_NAMES.values() for name in listed.split())
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))
