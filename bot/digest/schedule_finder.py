"""Finds a schedule within a sentence: a message goes in, the words for hours and days and the rest of it come out.

Nearly all words of nearly all messages are of no schedule: only what stands between those is looked at.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from bot.digest import clock
from bot.digest.schedule import DEFAULT_SCHEDULE, zone_named, zone_names
from bot.digest.subscribe_parser import DAY_PARTS_HAN, EVERY_PART, WORD_DAYS, parse_command
from bot.render.time_zones import ZONE_NAMES, ZONE_SUFFIXES, zone_called

SCHEDULE_TOKEN = re.compile(r"[a-z0-9.'+/_@-]+(?::\d+)?|[:：]|[^\s\w]|[^\W\da-z_]", re.IGNORECASE)
LETTERS = re.compile(r"[^\W\d_]+")
MAX_TOKENS = 60  # of a message that is looked through for a schedule
MAX_SCHEDULE_TOKENS = 14
MAX_KNOWN_STRETCHES = 4_096  # kept: 'in the' and 一年 come in many messages

PATTERNS = (
    *(clock.CLOCK_HAN, clock.DIGITAL_HAN, clock.DIGITAL_CLOCK, clock.FOUR_DIGITS),
    *(clock.SPELT_CLOCK, clock.PAST_HOUR, clock.HALF_OF, EVERY_PART),
)


def find_schedule(text: str) -> tuple[str, str] | None:
    """The longest stretch of the text that is a schedule, and the text without it; None where there is none."""
    tokens = list(SCHEDULE_TOKEN.finditer(text))
    if len(tokens) > MAX_TOKENS:
        return None
    runs = list(_runs([_is_of_schedules(token[0], zoned="/" in text) for token in tokens]))
    for size in range(min(max((len(run) for run in runs), default=0), MAX_SCHEDULE_TOKENS), 0, -1):
        for run in runs:
            for first in run[: max(0, len(run) - size + 1)]:
                start, end = tokens[first].start(), tokens[first + size - 1].end()
                if _is_schedule(text[start:end]):
                    return text[start:end], _without(text, start, end)
    return None


def has_days(schedule: str) -> bool:
    """Whether it says how often, and not just when."""
    return re.search(r"每|天天|工作日|every|each|daily|weekdays|days\b|day\b", schedule.casefold()) is not None


def _without(text: str, start: int, end: int) -> str:
    before, after = text[:start].rstrip(" ,，、"), text[end:].lstrip(" ,，、")
    joint = " " if before[-1:].isascii() or after[:1].isascii() else ""
    return f"{before}{joint}{after}".strip()


def _runs(fits: list[bool]) -> Iterator[range]:
    """Of tokens that fit, side by side."""
    start = 0
    for at, fit in enumerate([*fits, False]):
        if not fit:
            if at > start:
                yield range(start, at)
            start = at + 1


def _is_of_schedules(token: str, *, zoned: bool) -> bool:
    """Whether a schedule may have it; `zoned`: also a name of the time zone database, such as Asia/Shanghai."""
    parts = LETTERS.findall(token.casefold())
    return all(part in _vocabulary() or _is_glued(part) or (zoned and part in zone_names()) for part in parts)


def _is_glued(part: str) -> bool:
    """'eightpm': words that need no space before them."""
    return any(part.endswith(end) and part.removesuffix(end) in _vocabulary() for end in _glued())


@cache
def _glued() -> tuple[str, ...]:
    parts = (LETTERS.findall(word)[0] for word in clock.PART_OF_WORD if word.isascii())
    return tuple(sorted({*parts, *clock.SIDES_OF_HOUR}))


@cache
def _vocabulary() -> str:
    """Every word that a schedule may have is somewhere in it; so are parts of words, since 'week days' is one, too."""
    spelt = (pattern.pattern for pattern in PATTERNS)
    named = (*WORD_DAYS, *DAY_PARTS_HAN, *DAY_PARTS_HAN.values(), *clock.NAMED_HOURS, *clock.PART_OF_WORD)
    zones = (*ZONE_NAMES.values(), *ZONE_SUFFIXES, "in", "on", "utc")
    text = " ".join((*spelt, *named, *clock.ENGLISH_NUMBERS, *zones)).casefold()
    return re.sub(r"['?]", "", text.replace("_", " "))


@lru_cache(MAX_KNOWN_STRETCHES)
def _is_schedule(text: str) -> bool:
    """Days or an hour alone count, a zone only with them. 'Now' is none, since it is said of anything."""
    parsed = parse_command(text, DEFAULT_SCHEDULE)
    named = not parsed.subject and not parsed.mistaken and not parsed.channel and not (parsed.quiet or parsed.at_once)
    return named and zone_called(text) is None and zone_named(text) is None
