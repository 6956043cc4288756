"""What is found of a schedule in a sentence equals what a plain reference finds, which tries every stretch."""

import re
from datetime import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.clock import ENGLISH_NUMBERS, NAMED_HOURS, NUMERALS_HAN, PART_OF_WORD, read_clock
from bot.digest.schedule import DEFAULT_SCHEDULE, zone_named
from bot.digest.schedule_finder import MAX_SCHEDULE_TOKENS, MAX_TOKENS, SCHEDULE_TOKEN, find_schedule
from bot.digest.subscribe_parser import DAY_PARTS_HAN, WORD_DAYS, parse_command
from bot.render.time_zones import ZONE_NAMES, ZONE_SUFFIXES, zone_called

ZONES = [name.replace("_", " ") for names in ZONE_NAMES.values() for name in names.split()]
PARTS = sorted(
    {*WORD_DAYS, *DAY_PARTS_HAN, *NAMED_HOURS, *PART_OF_WORD, *ENGLISH_NUMBERS, *NUMERALS_HAN, *ZONES, *ZONE_SUFFIXES}
)
PARTS += ["at", "half past", "a quarter to", "minutes", "minute", "o'clock", "oclock", "hrs", "点", "点半", "时", "刻"]
PARTS += [
    "week days",
    "every-weekday",
    "asia/shanghai",
    "America/New York",
    "utc+8",
    "8:30",
    "0830",
    "97 to 8",
    "@",
    ",",
]
STRANGE = ["send me", "推送", "储能", "chips", "now", "静音", "的", "in the", "on", "2024年", "97%", "hourly"]


def is_schedule(text: str) -> bool:
    parsed = parse_command(text, DEFAULT_SCHEDULE)
    if parsed.subject or parsed.mistaken or parsed.channel or parsed.quiet or parsed.at_once:
        return False
    return zone_called(text) is None and zone_named(text) is None


def longest_schedule(text: str) -> str | None:
    tokens = list(SCHEDULE_TOKEN.finditer(text))
    ends = range(min(len(tokens), MAX_SCHEDULE_TOKENS), 0, -1) if len(tokens) <= MAX_TOKENS else range(0)
    places = ((first, size) for size, first in product(ends, range(len(tokens))) if first + size <= len(tokens))
    stretches = (text[tokens[first].start() : tokens[first + size - 1].end()] for first, size in places)
    return next(filter(is_schedule, stretches), None)


@st.composite
def messages(draw: st.DrawFn) -> str:
    part = st.one_of(st.sampled_from(PARTS), st.sampled_from(PARTS + STRANGE), st.text(max_size=3))
    parts = draw(st.lists(part, max_size=5))
    return "".join(f"{word}{draw(st.sampled_from(['', ' ', ', ']))}" for word in parts)


@given(messages())
def test_a_schedule_is_that_of_a_plain_reference(text: str) -> None:
    found = find_schedule(text)
    assert (found and found[0]) == longest_schedule(text)


@given(st.sampled_from(sorted(WORD_DAYS)), st.times(), st.sampled_from(ZONES))
def test_days_hours_and_zones_are_found_between_other_words(days: str, at: time, zone: str) -> None:
    said = f"{days} {at:%H:%M} {zone}"
    found = find_schedule(f"send me chips, {said} please")
    assert found is not None
    assert re.search(re.escape(days), found[0])


@pytest.mark.parametrize("text", ["97 to 8", "80 before 3 pm", "99 past 11"])
def test_minutes_beyond_the_hour_are_no_time(text: str) -> None:
    assert read_clock(text) is None
